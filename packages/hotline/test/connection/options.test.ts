import { describe, expect, test } from 'vitest'
import { CLIENT_LIMITS, SERVER_LIMITS } from '../../src/connection/limits.ts'
import {
  atLeast,
  check,
  milliseconds,
  oneOf,
  optionalFunction,
  type Rule,
  resolve,
  such,
} from '../../src/connection/options.ts'
import { UsageError } from '../../src/errors.ts'

describe('check()', () => {
  test('refuses an unknown option by name, and says which there are', () => {
    expect(() => check({ maxMesage: 5 }, SERVER_LIMITS as never, 'serve')).toThrow(
      new UsageError(
        'serve has no option maxMesage; it has maxMessage, highMark, maxQueued, closeTimeout, writeTimeout, idleTimeout, heartbeat',
        'maxMesage',
      ),
    )
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('knows no option %s', name => {
    const given = Object.defineProperty({}, name, { value: 5, enumerable: true })
    expect(() => check(given, SERVER_LIMITS as never, 'serve')).toThrow(expect.objectContaining({ option: name }))
  })

  test('takes undefined for an option that is left out', () => {
    expect(() => check({ maxMessage: undefined }, SERVER_LIMITS as never, 'serve')).not.toThrow()
  })

  const rows: readonly [name: string, rule: Rule<never>, good: readonly unknown[], bad: readonly unknown[]][] = [
    ['a size', atLeast(1, 5) as never, [1, 1.5, 1e12, Number.POSITIVE_INFINITY], [0, -1, Number.NaN, '5', null, 5n]],
    [
      'a time',
      milliseconds(5) as never,
      [1, 2_147_483_647],
      [0, -1, 2_147_483_648, Number.POSITIVE_INFINITY, Number.NaN, '5'],
    ],
    ['a time that may be 0', milliseconds(5, 0) as never, [0], [-1]],
    ['one of several', oneOf(['a', 'b'], 'a') as never, ['a', 'b'], ['c', '', null, ['a']]],
    ['a function', optionalFunction as never, [() => {}, class {}], ['f', {}, null]],
    ['what passes a test', such('be even', 2, value => Number(value) % 2 === 0) as never, [2, 4], [3]],
    [
      'a heartbeat',
      SERVER_LIMITS.heartbeat as never,
      [false, { interval: 1, timeout: 1 }],
      [true, null, {}, 5, { interval: 0, timeout: 1 }, { interval: 1 }, { interval: 1, timeout: 1e10 }],
    ],
  ]
  for (const [name, rule, good, bad] of rows) {
    test.each(good.map(value => [value]))(`takes %j for ${name}`, value => {
      expect(() => check({ it: value }, { it: rule }, 'serve')).not.toThrow()
    })
    test.each(bad.map(value => [String(value), value]))(`refuses %s for ${name}, by name`, (_text, value) => {
      expect(() => check({ it: value }, { it: rule }, 'serve')).toThrow(
        expect.objectContaining({ code: 'ERR_USAGE', option: 'it', message: expect.stringContaining(rule.must) }),
      )
    })
  }

  test.each([
    ['x'.repeat(1000), `'${'x'.repeat(80)}'`],
    [Object.create(null), 'an object of class null'],
    [new Map(), 'an object of class Map'],
    [5n, '5'],
  ])('says what it was given instead, in short', (value, words) => {
    expect(() => check({ it: value }, { it: oneOf(['a'], 'a') as never }, 'serve')).toThrow(
      `option it of serve must be 'a', not ${words}`,
    )
  })
})

describe('resolve()', () => {
  test('takes what is given, then what is inherited, then the default', () => {
    const rules = { a: atLeast(0, 1), b: atLeast(0, 2), c: atLeast(0, 3) }
    expect(resolve({ a: 0 }, rules, { a: 10, b: 20, c: undefined as never as number })).toEqual({ a: 0, b: 20, c: 3 })
  })

  test('takes nothing from a prototype that is not asked for', () => {
    expect(Object.keys(resolve({}, CLIENT_LIMITS))).toEqual(Object.keys(CLIENT_LIMITS))
  })
})

/** The table of defaults in design.md. */
test.each([
  ['maxMessage', 1_048_576, 64 * 1_048_576],
  ['highMark', 65_536, 65_536],
  ['maxQueued', 1_048_576, 256 * 1_048_576],
  ['closeTimeout', 5000, 5000],
  ['writeTimeout', 30_000, 30_000],
  ['idleTimeout', 0, 0],
  ['heartbeat', { interval: 25_000, timeout: 20_000 }, { interval: 25_000, timeout: 20_000 }],
] as const)('%s is %j on a server and %j on a client by default', (name, server, client) => {
  expect(resolve({}, SERVER_LIMITS)[name]).toEqual(server)
  expect(resolve({}, CLIENT_LIMITS)[name]).toEqual(client)
})
