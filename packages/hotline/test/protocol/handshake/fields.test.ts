import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Field, Fields, isFieldValue, isToken, trim } from '../../../src/protocol/handshake/fields.ts'
import { law } from '../support.ts'
import { watched } from './support.ts'

// RFC 9110 §5.6.2: tchar, as the standard lists them.
const tchar = new Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
const everyUnit = Array.from({ length: 0x180 }, (_, unit) => String.fromCharCode(unit))

describe('isToken', () => {
  test('is true for the characters of a token and for no others', () => {
    for (const character of [...everyUnit, '€', '\u212a', '\uff41'])
      expect(isToken(character), JSON.stringify(character)).toBe(tchar.has(character))
  })

  test('is false for nothing, and for a token with anything else in any place', () => {
    expect(isToken('')).toBe(false)
    for (const bad of [' ', '\t', '\r', '\n', '\0', ',', ';', '=', '"', '(', '/', ':', 'ä', '\x7f'])
      for (const text of [`${bad}abc`, `a${bad}bc`, `abc${bad}`])
        expect(isToken(text), JSON.stringify(text)).toBe(false)
  })

  test('is true for the names that objects have', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) expect(isToken(name)).toBe(true)
  })
})

describe('isFieldValue', () => {
  test('is false for control characters but the tab, and for what is no byte', () => {
    for (const [unit, character] of everyUnit.entries()) {
      const allowed = unit === 9 || (unit >= 0x20 && unit !== 0x7f && unit <= 0xff)
      expect(isFieldValue(character), `${unit}`).toBe(allowed)
      expect(isFieldValue(`a${character}b`), `${unit}`).toBe(allowed)
    }
  })

  test('is false wherever a line could end', () => {
    for (const text of ['a\r\nX: y', 'a\n', '\ra', 'a\0b']) expect(isFieldValue(text)).toBe(false)
    expect(isFieldValue('')).toBe(true)
  })
})

describe('trim', () => {
  test.each([
    ['', ''],
    ['a', 'a'],
    [' \t a b\t ', 'a b'],
    ['   ', ''],
    ['\u00a0a\n', '\u00a0a\n'],
  ])('makes %j to %j', (text, trimmed) => expect(trim(text)).toBe(trimmed))
})

describe('fields', () => {
  const some = new Fields([
    ['Host', 'example.com'],
    ['CONNECTION', 'keep-alive'],
    ['connection', ' Upgrade , x'],
    ['X-Empty', ''],
  ])

  test('are found by their names in any case, in the order in which they came', () => {
    expect(some.all('Connection')).toEqual(['keep-alive', ' Upgrade , x'])
    expect(some.all('HOST')).toEqual(['example.com'])
    expect(some.all('upgrade')).toEqual([])
    expect(some.size).toBe(4)
  })

  test('of one name are one list with commas', () => {
    expect(some.get('connection')).toBe('keep-alive,  Upgrade , x')
    expect(some.get('host')).toBe('example.com')
    expect(some.get('x-empty')).toBe('')
    expect(some.get('upgrade')).toBeUndefined()
  })

  test('are there also when they are empty', () => {
    expect(some.has('x-empty')).toBe(true)
    expect(some.has('x-full')).toBe(false)
  })

  // RFC 9110 §5.6.1, RFC 6455 §4.2.1 (3), (4)
  test.each([
    ['upgrade', true],
    ['Upgrade', true],
    ['UPGRADE', true],
    ['keep-alive, Upgrade', true],
    ['Upgrade,keep-alive', true],
    ['a,\tupgrade\t,b', true],
    [',, upgrade ,', true],
    ['upgrades', false],
    ['up grade', false],
    ['"upgrade"', false],
    ['upgrade/1', false],
    ['upgrade;q=1', false],
    ['', false],
    [',', false],
  ])('%j has the token upgrade: %s', (value, has) => {
    expect(new Fields([['Connection', value]]).hasToken('connection', 'Upgrade')).toBe(has)
    expect(
      new Fields([
        ['Connection', 'x'],
        ['Connection', value],
      ]).hasToken('connection', 'Upgrade'),
    ).toBe(has)
  })

  test('come from the flat list that HTTP parsers give, without a name that lacks its value', () => {
    expect([...Fields.fromFlat(['A', '1', 'b', '2', 'a', '3'])]).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ])
    expect([...Fields.fromFlat(['A', '1', 'b'])]).toEqual([['a', '1']])
    expect(Fields.fromFlat([]).size).toBe(0)
  })

  test('become an object on which no name of a peer means anything', () => {
    const object = new Fields([
      ['__proto__', 'a'],
      ['Constructor', 'b'],
      ['__PROTO__', 'c'],
      ['toString', 'd'],
    ]).toObject()
    expect(Object.getPrototypeOf(object)).toBeNull()
    expect(Object.entries(object)).toEqual([
      ['__proto__', 'a, c'],
      ['constructor', 'b'],
      ['tostring', 'd'],
    ])
    expect(({} as Record<string, unknown>)['a']).toBeUndefined()
  })

  test('give back whatever they were given, names in lower case', () =>
    law(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), given => {
        const lower = given.map(([name, value]): Field => [name.toLowerCase(), value])
        expect([...new Fields(given)]).toEqual(lower)
        for (const [name] of given)
          expect(new Fields(given).all(name)).toEqual(
            lower.filter(([other]) => other === name.toLowerCase()).map(([, value]) => value),
          )
      }),
    ))
})

// threats.md 4: one linear pass.
describe.each([
  ['isToken', isToken, 'a'],
  ['isFieldValue', isFieldValue, ' '],
  ['trim, of blanks,', trim, ' '],
  ['trim, of tabs and letters,', trim, '\ta\t'],
])('%s', (_, parse, part) => {
  test('looks at each character a few times at most', () => {
    const { text, looks } = watched(part.repeat(20_000))
    parse(text)
    expect(looks()).toBeLessThan(8 * part.length * 20_000)
  })
})
