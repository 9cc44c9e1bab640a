/** Numbers and texts in bytes: there and back, over the room that there is, and never out of what is there. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Reader, WireError, Writer } from '../bytes.ts'

const FIELDS = {
  u8: fc.nat(255),
  i8: fc.integer({ min: -128, max: 127 }),
  u16: fc.nat(65_535),
  i16: fc.integer({ min: -32_768, max: 32_767 }),
  u32: fc.nat(0xffff_ffff),
  varint: fc.nat(0xffff_ffff),
  zigzag: fc.integer({ min: -0x4000_0000, max: 0x3fff_ffff }),
} as const
type Field = keyof typeof FIELDS
const field = fc
  .constantFrom(...(Object.keys(FIELDS) as Field[]))
  .chain(name => fc.tuple(fc.constant(name), FIELDS[name]))

describe('bytes', () => {
  test.each([0, 505, 509, 510, 511, 512, 2000])('what is written behind %d bytes is read', before =>
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 40 }), fields => {
        const writer = new Writer()
        for (let i = 0; i < before; i++) writer.u8(i % 256)
        for (const [name, value] of fields) writer[name](value)
        const reader = new Reader(writer.take())
        for (let i = 0; i < before; i++) reader.u8()
        expect(fields.map(([name]) => [name, reader[name]()])).toEqual(fields)
        reader.end()
      }),
      { numRuns: 40 },
    ),
  )

  test('a message that was taken is not changed by the next one', () => {
    const writer = new Writer()
    const first = writer.u8(1).text('čau').take()
    writer.u8(2).text('hey!').take()
    expect([...first]).toEqual([1, 4, 0xc4, 0x8d, 0x61, 0x75])
  })

  test.each([
    ['a varint without an end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a varint of more than 32 bits', [0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a varint that is cut short', [0x80]],
  ])('%s is refused', (_, bytes) => expect(() => new Reader(Uint8Array.from(bytes)).varint()).toThrow(WireError))

  test('a text of more than 255 bytes is not written', () =>
    expect(() => new Writer().text('x'.repeat(256))).toThrow(WireError))
})
