import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError, UsageError } from '../../src/errors.ts'
import { CloseCode, checkClose, fitReason, isSendable, MAX_REASON_BYTES, readClose } from '../../src/protocol/close.ts'
import { codecs, hex, join, law, utf8 } from './support.ts'

// RFC 6455 §7.4.1, §7.4.2 and the IANA registry: which codes may stand in a close frame.
const ranges: readonly (readonly [from: number, to: number, allowed: boolean])[] = [
  [0, 999, false],
  [1000, 1003, true],
  [1004, 1006, false],
  [1007, 1014, true],
  [1015, 2999, false],
  [3000, 4999, true],
  [5000, 65535, false],
]

for (const [from, to, allowed] of ranges)
  test(`the close codes ${from} to ${to} are ${allowed ? 'allowed' : 'refused'}, each of them`, () => {
    for (let code = from; code <= to; code++) expect(isSendable(code), `${code}`).toBe(allowed)
  })

test('what is not a whole number is no close code', () => {
  for (const code of [Number.NaN, Number.POSITIVE_INFINITY, -1000, 1000.5, 4998.999])
    expect(isSendable(code)).toBe(false)
})

test('of the named codes only those for the application alone are not allowed in a frame', () => {
  const names = Object.entries(CloseCode).filter(([, code]) => !isSendable(code))
  expect(names.map(([name]) => name)).toEqual(['noStatus', 'abnormal', 'tlsHandshake'])
})

describe.each(codecs)('with the %s codec', (_, codec) => {
  const read = (body: Uint8Array) => {
    const lent = join([hex('ff ff ff'), body, hex('ff ff')])
    return readClose(lent, 3, 3 + body.length, codec)
  }
  const error = (act: () => unknown): unknown => {
    try {
      return act()
    } catch (thrown) {
      return thrown
    }
  }

  test('an empty body has no code and no reason', () => expect(read(hex(''))).toEqual({ code: 1005, reason: '' }))

  test('a body of two bytes is a code', () => expect(read(hex('03 e8'))).toEqual({ code: 1000, reason: '' }))

  test('what follows the code is the reason, byte order mark and all', () =>
    expect(read(join([hex('0f a0'), utf8('\ufeffüber')]))).toEqual({ code: 4000, reason: '\ufeffüber' }))

  // RFC 6455 §5.5.1, §7.4, §8.1
  const wrong: readonly (readonly [name: string, body: string, closeCode: number, code: string])[] = [
    ['one byte', '03', 1002, 'ERR_PROTOCOL'],
    ['a code that must not be sent', '03 ed', 1002, 'ERR_PROTOCOL'],
    ['the code 0', '00 00 61', 1002, 'ERR_PROTOCOL'],
    ['a reason that is not UTF-8', '03 e8 61 ff', 1007, 'ERR_UTF8'],
    ['a reason that ends in the middle of a character', '03 e8 61 e2 82', 1007, 'ERR_UTF8'],
  ]
  for (const [name, body, closeCode, code] of wrong)
    test(`a body of ${name} is refused with ${closeCode}`, () => {
      const thrown = error(() => read(hex(body)))
      expect(thrown).toBeInstanceOf(ProtocolError)
      expect(thrown).toMatchObject({ closeCode, code })
    })

  test('a body of one byte is refused, also where the byte behind it would make a code', () =>
    expect(() => readClose(hex('03 e8'), 0, 1, codec)).toThrow(ProtocolError))

  test('a reason that fits stays as it is', () => {
    for (const reason of ['', 'bye', 'a'.repeat(123), `${'ä'.repeat(61)}a`, '😀'.repeat(30)])
      expect(fitReason(reason, codec)).toBe(reason)
  })

  test('a reason that does not fit is cut at the border of a character', () => {
    expect(fitReason('a'.repeat(124), codec)).toBe('a'.repeat(123))
    expect(fitReason('ä'.repeat(62), codec)).toBe('ä'.repeat(61))
    expect(fitReason('€'.repeat(42), codec)).toBe('€'.repeat(41))
    expect(fitReason('😀'.repeat(31), codec)).toBe('😀'.repeat(30))
    expect(fitReason(`${'a'.repeat(122)}😀`, codec)).toBe('a'.repeat(122))
    expect(fitReason(`${'a'.repeat(118)}😀😀`, codec)).toBe(`${'a'.repeat(118)}😀`)
  })

  test('any text that is cut is the longest beginning of whole characters that fits', () =>
    law(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
        const fit = fitReason(text, codec)
        expect(text.startsWith(fit)).toBe(true)
        expect(utf8(fit).length).toBeLessThanOrEqual(MAX_REASON_BYTES)
        const [next = ''] = text.slice(fit.length)
        if (next !== '') expect(utf8(fit + next).length).toBeGreaterThan(MAX_REASON_BYTES)
      }),
    ))

  const sendable: readonly (readonly [code: number, reason: string])[] = [
    [1000, ''],
    [1005, ''],
    [1000, 'a'.repeat(123)],
    [4999, `${'ä'.repeat(61)}a`],
  ]
  for (const [code, reason] of sendable)
    test(`${code} with a reason of ${utf8(reason).length} bytes can be sent`, () =>
      expect(checkClose({ code, reason }, codec)).toBeUndefined())

  const unsendable: readonly (readonly [name: string, code: number, reason: string])[] = [
    ['1006', 1006, ''],
    ['1015', 1015, ''],
    ['5000', 5000, ''],
    ['a fraction', 1000.5, ''],
    ['a reason without a code', 1005, 'why'],
    ['a reason of 124 bytes', 1000, 'a'.repeat(124)],
    ['a reason of 124 bytes in 62 characters', 1000, 'ä'.repeat(62)],
  ]
  for (const [name, code, reason] of unsendable)
    test(`${name} is a wrong argument`, () => expect(() => checkClose({ code, reason }, codec)).toThrow(UsageError))
})
