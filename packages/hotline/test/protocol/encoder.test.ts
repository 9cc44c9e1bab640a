import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Encoder, encodeFrame } from '../../src/protocol/encoder.ts'
import { Opcode, type Role } from '../../src/protocol/opcode.ts'
import type { Told } from '../vectors/vector.ts'
import { codecs, frame, hex, join, KEY, law, otherEnd, readAll, roles, Sheet, shape, toHex, utf8 } from './support.ts'

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 300 }) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 41, 42, 43, 124, 125, 126, 127, 128, 4096) },
  { weight: 1, arbitrary: fc.constantFrom(65534, 65535, 65536, 65537) },
)
/** Any text, unpaired surrogates too, some of it long. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 150 }),
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 60 }).map(units => String.fromCharCode(...units)),
  fc.tuple(fc.constantFrom('a', 'ä', '€', '😀'), sizes).map(([character, size]) => character.repeat(size)),
)
const payload = fc.tuple(sizes, fc.nat({ max: 255 })).map(([size, octet]) => new Uint8Array(size).fill(octet))
const command = fc.oneof(
  fc.record({ what: fc.constant('text' as const), text }),
  fc.record({ what: fc.constant('binary' as const), payload }),
  fc.record({ what: fc.constantFrom('ping' as const, 'pong' as const), payload: fc.uint8Array({ maxLength: 125 }) }),
)

/** As UTF-8 carries it: unpaired surrogates become U+FFFD. */
const wellFormed = (content: string): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8(content))

function encoder(role: Role, codec = codecs[0]?.[1] as (typeof codecs)[number][1], keys: () => number = () => KEY) {
  const sheet = new Sheet()
  return { sheet, it: new Encoder({ role, codec, randomKey: keys }, sheet) }
}

for (const [codecName, codec] of codecs)
  for (const role of roles)
    describe(`a ${role}'s encoder with the ${codecName} codec`, () => {
      test('writes what the other end reads as the same, at any split', () =>
        law(
          fc.property(
            fc.array(command, { maxLength: 6 }),
            shape(),
            fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }),
            (commands, chunks, key) => {
              let salt = key
              const { it, sheet } = encoder(role, codec, () => {
                salt += 0x1234567
                return salt
              })
              const told = commands.map((each): Told => {
                if (each.what === 'text') it.text(each.text)
                else it.frame(Opcode[each.what], each.payload)
                return each.what === 'text' ? ['text', wellFormed(each.text)] : [each.what, toHex(each.payload)]
              })
              const bytes = sheet.take()
              expect(readAll(otherEnd(role), bytes, [0], codec)).toEqual(told)
              expect(readAll(otherEnd(role), bytes, chunks, codec)).toEqual(told)
            },
          ),
          80,
        ))

      test('writes fragments that the other end joins', () =>
        law(
          fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), shape(), (parts, chunks) => {
            const { it, sheet } = encoder(role, codec)
            parts.forEach((part, i) => {
              it.text(part, i === 0 ? Opcode.text : Opcode.continuation, i === parts.length - 1)
            })
            const told: Told[] = [['text', parts.map(wellFormed).join('')]]
            expect(readAll(otherEnd(role), sheet.take(), chunks, codec)).toEqual(told)
          }),
          40,
        ))

      test('writes the frame that the standard draws, and no byte more', () =>
        law(
          fc.property(payload, fc.boolean(), (bytes, final) => {
            const { it, sheet } = encoder(role, codec)
            it.frame(Opcode.binary, bytes, 0, bytes.length, final)
            const first = (final ? 0x80 : 0) | Opcode.binary
            expect(toHex(sheet.take())).toBe(toHex(frame(first, bytes, role === 'client' ? KEY : undefined)))
          }),
          60,
        ))

      test('writes the part of the bytes that it is told to, and leaves them as they are', () => {
        const { it, sheet } = encoder(role, codec)
        const bytes = hex('00 01 02 03 04 05')
        it.frame(Opcode.pong, bytes, 1, 4)
        it.frame(Opcode.ping, bytes, 0, 2)
        it.frame(Opcode.binary, bytes, 4)
        const parts = [
          ['pong', '01 02 03'],
          ['ping', '00 01'],
          ['binary', '04 05'],
        ]
        expect(readAll(otherEnd(role), sheet.take())).toEqual(parts)
        expect(toHex(bytes)).toBe('00 01 02 03 04 05')
      })

      test('counts as payload what is data, and not headers or control frames', () => {
        const { it, sheet } = encoder(role, codec)
        it.text('äöü')
        it.text('a'.repeat(200), Opcode.text, false)
        it.text('b', Opcode.continuation)
        it.frame(Opcode.binary, hex('01 02'))
        it.frame(Opcode.ping, hex('01 02 03'))
        it.frame(Opcode.pong, hex('01'))
        it.close({ code: 1000, reason: 'done' })
        expect(sheet.payload).toBe(6 + 200 + 1 + 2)
      })

      test('writes a close frame with code and reason, and without a body for 1005', () => {
        const { it, sheet } = encoder(role, codec)
        it.close({ code: 4999, reason: `${'ä'.repeat(61)}a` })
        it.close({ code: 1000, reason: '' })
        it.close({ code: 1005, reason: '' })
        const body = join([hex('13 87'), utf8(`${'ä'.repeat(61)}a`)])
        const told = [
          ['close', toHex(body)],
          ['close', '03 e8'],
          ['close', ''],
        ]
        expect(readAll(otherEnd(role), sheet.take())).toEqual(told)
      })
    })

test('a client asks for a fresh key for each frame, and puts it into that frame', () => {
  const keys = [0, 1, -1, 0x7fffffff, 0x80000000, 0xffffffff, 0x01020304]
  const given = keys.values()
  const { it, sheet } = encoder('client', undefined, () => given.next().value as number)
  it.text('a')
  it.text('a'.repeat(300))
  it.frame(Opcode.binary, hex('01 02 03'))
  it.frame(Opcode.binary, hex(''))
  it.frame(Opcode.ping, hex('01'))
  it.text('b', Opcode.text, false)
  it.close({ code: 1000, reason: '' })
  const seen = sheet.written.map(bytes => {
    const at = ((bytes[1] as number) & 0x7f) === 126 ? 4 : 2
    return new DataView(bytes.buffer).getUint32(at, true)
  })
  expect(seen).toEqual(keys.map(key => key >>> 0))
  expect(given.next().done).toBe(true)
})

test('a server asks for no key', () => {
  const { it, sheet } = encoder('server', undefined, () => {
    throw new Error('asked')
  })
  it.text('a')
  it.frame(Opcode.binary, hex('01'))
  it.close({ code: 1000, reason: '' })
  expect(sheet.written).toHaveLength(3)
})

describe.each(codecs)('encodeFrame with the %s codec', (_, codec) => {
  test('makes the frame that a server would send', () =>
    law(
      fc.property(fc.oneof(text, payload), data => {
        const { it, sheet } = encoder('server', codec)
        if (typeof data === 'string') it.text(data)
        else it.frame(Opcode.binary, data)
        const made = encodeFrame(typeof data === 'string' ? Opcode.text : Opcode.binary, data, codec)
        expect(toHex(made)).toBe(toHex(sheet.take()))
      }),
      60,
    ))
})
