import { describe, expect, test } from 'vitest'
import { areProtocols, chooseProtocol, parseProtocols } from '../../../src/protocol/handshake/subprotocol.ts'

// RFC 6455 §4.1 (10), §11.3.4
describe('parseProtocols', () => {
  test.each([
    [['chat'], ['chat']],
    [['chat, superchat'], ['chat', 'superchat']],
    [
      ['chat', 'superchat'],
      ['chat', 'superchat'],
    ],
    [
      [' a ,\tb', 'c'],
      ['a', 'b', 'c'],
    ],
    [['Chat,chat'], ['Chat', 'chat']],
    // RFC 9110 §5.6.1.2
    [['a,'], ['a']],
    [[',a'], ['a']],
    [
      ['a, ,b', ''],
      ['a', 'b'],
    ],
    [['__proto__,constructor'], ['__proto__', 'constructor']],
    [['v1.soap+json'], ['v1.soap+json']],
  ])('reads %j', (values, protocols) => expect(parseProtocols(values)).toEqual(protocols))

  test.each([
    [['']],
    [[' ']],
    [[' , ,', '']],
    [['a b']],
    [['a/b']],
    [['"a"']],
    [['a;b']],
    [['ä']],
    [['a\r\nb']],
    [['a,a']],
    [['a', 'a']],
    [['__proto__,__proto__']],
  ])('refuses %j', values => expect(parseProtocols(values)).toBeUndefined())

  test('reads a hundred thousand of them as it reads two', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `p${i}`)
    expect(parseProtocols([many.join(',')])).toHaveLength(many.length)
    expect(parseProtocols([`${many.join(',')},p0`])).toBeUndefined()
    expect(parseProtocols([','.repeat(100_000)])).toBeUndefined()
  })
})

test('no subprotocols at all are subprotocols that a client may ask for', () => {
  expect(areProtocols([])).toBe(true)
  expect(areProtocols(['a', 'b'])).toBe(true)
  expect(areProtocols(['a', 'a'])).toBe(false)
  expect(areProtocols(['a', ''])).toBe(false)
})

// RFC 6455 §4.2.2 (5, /subprotocol/)
test.each([
  [['a', 'b'], ['b', 'a'], 'b'],
  [['a', 'b'], ['c', 'a'], 'a'],
  [['A'], ['a'], undefined],
  [[], ['a'], undefined],
  [['a'], [], undefined],
  [['__proto__'], ['constructor'], undefined],
])('of the offered %j and the supported %j, %j is chosen', (offered, supported, chosen) =>
  expect(chooseProtocol(offered, supported)).toBe(chosen),
)
