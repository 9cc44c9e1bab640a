import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { portableCodec } from '../../../src/protocol/text.ts'
import { nodeCodec } from '../../../src/runtime/node/codec.ts'
import { law } from '../../protocol/support.ts'

/** Text with everything in it that encodings stumble over, unpaired surrogates too. */
const short = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('a', '\0', 'é', '€', '\ufeff', '😀', '\ud83d', '\ude00', '\uffff'))
    .map(units => units.join('')),
)
/** Long texts go by other ways. */
const text = fc.oneof(
  short,
  fc.tuple(short, fc.nat(400)).map(([value, times]) => value.repeat(times).slice(0, 6000)),
)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  text.map(value => new TextEncoder().encode(value)),
)

describe('the codec of Node says what the portable one says', () => {
  test('of the length of a text, and of its bytes', () => {
    law(
      fc.property(text, fc.nat(9), (value, offset) => {
        const size = nodeCodec.byteLength(value)
        expect(size).toBe(portableCodec.byteLength(value))
        for (const make of [nodeCodec.workspace, nodeCodec.allocate]) {
          const mine = make(offset + size + 5).fill(0xa5)
          const other = portableCodec.workspace(offset + size + 5).fill(0xa5)
          expect(nodeCodec.write(value, mine, offset)).toBe(size)
          const told = make(offset + size + 5).fill(0xa5)
          expect(nodeCodec.write(value, told, offset, size)).toBe(size)
          expect(Buffer.compare(told, mine)).toBe(0)
          portableCodec.write(value, other, offset)
          expect(Buffer.compare(mine, other)).toBe(0)
        }
      }),
      500,
    )
  })

  test('of what is UTF-8, and of what it means, in the middle of a buffer', () => {
    law(
      fc.property(bytes, fc.nat(9), (given, offset) => {
        const whole = new Uint8Array(given.length + offset + 3).fill(0xff)
        whole.set(given, offset)
        const end = offset + given.length
        const valid = portableCodec.isUtf8(whole, offset, end)
        expect(nodeCodec.isUtf8(whole, offset, end)).toBe(valid)
        if (!valid) return
        const ascii = given.every(byte => byte < 0x80)
        expect(nodeCodec.decode(whole, offset, end, false)).toBe(portableCodec.decode(whole, offset, end, false))
        if (ascii)
          expect(nodeCodec.decode(whole, offset, end, true)).toBe(portableCodec.decode(whole, offset, end, true))
        expect(nodeCodec.decode(Buffer.from(whole.buffer), offset, end, false)).toBe(
          portableCodec.decode(whole, offset, end, false),
        )
      }),
      500,
    )
  })
})

test.each([0, 1, 100, 4096, 4097, 100_000])('memory of %i bytes is plain, and its own', size => {
  for (const made of [nodeCodec.allocate(size), nodeCodec.copy(new Uint8Array(size + 4), 2, size + 2)]) {
    expect(made.length).toBe(size)
    expect(made.constructor).toBe(Uint8Array)
    expect(made.byteOffset).toBe(0)
    expect(made.buffer.byteLength).toBe(size)
  }
})

test('a copy is what was between start and end, and stays so', () => {
  const from = Uint8Array.of(1, 2, 3, 4)
  const copy = nodeCodec.copy(from, 1, 3)
  from.fill(9)
  expect(copy).toEqual(Uint8Array.of(2, 3))
})
