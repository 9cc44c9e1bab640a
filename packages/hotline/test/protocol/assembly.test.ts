import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Assembly } from '../../src/protocol/assembly.ts'
import type { TextCodec } from '../../src/protocol/text.ts'
import { codecs, hex, join, law, toHex } from './support.ts'

/** The codec, and how many bytes were asked of it. */
function counting(codec: TextCodec) {
  const asked: number[] = []
  const allocate: TextCodec['allocate'] = size => {
    asked.push(size)
    return codec.allocate(size)
  }
  return { codec: { ...codec, allocate }, asked }
}

describe.each(codecs)('an assembly with the %s codec', (_, codec) => {
  test('holds the pieces one behind the other, and gives them in a buffer that holds nothing else', () =>
    law(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 }),
        fc.nat({ max: 40_000 }),
        (parts, hint) => {
          const assembly = new Assembly(codec, hint)
          for (const part of parts) {
            const lent = join([hex('ff'), part, hex('ff ff')])
            assembly.append(lent, 1, 1 + part.length, hint)
            lent.fill(0)
          }
          const whole = join(parts)
          expect(assembly.size).toBe(whole.length)
          expect(toHex(assembly.bytes, 0, assembly.size)).toBe(toHex(whole))
          const taken = assembly.take()
          expect(toHex(taken)).toBe(toHex(whole))
          expect(taken.buffer.byteLength).toBe(whole.length)
          expect(Object.getPrototypeOf(taken)).toBe(Uint8Array.prototype)
        },
      ),
    ))

  test('takes a whole array as it takes a part of one', () => {
    const assembly = new Assembly(codec, 3)
    assembly.append(hex('01 02 03'), 0, 3, 3)
    assembly.append(hex('04 05 06'), 0, 2, 3)
    expect(toHex(assembly.take())).toBe('01 02 03 04 05')
  })

  test('costs 4 KiB at most while nothing has come, whatever was declared', () => {
    for (const declared of [0, 1, 4096, 4097, 1 << 20, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const { codec: counted, asked } = counting(codec)
      new Assembly(counted, declared)
      expect(asked).toHaveLength(1)
      expect(asked[0]).toBeLessThanOrEqual(4096)
    }
  })

  test('costs at most four times what has come, and 4 KiB, whatever was declared', () =>
    law(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 40 }),
        fc.oneof(fc.nat({ max: 200_000 }), fc.constant(2 ** 40)),
        (sizes, declared) => {
          const { codec: counted, asked } = counting(codec)
          const assembly = new Assembly(counted, declared)
          for (const size of sizes) {
            assembly.append(new Uint8Array(size), 0, size, declared)
            expect(asked.at(-1)).toBeLessThanOrEqual(Math.max(4096, 4 * assembly.size))
          }
        },
      ),
    ))

  test('copies each byte a few times at most, however small the pieces are', () => {
    const { codec: counted, asked } = counting(codec)
    const assembly = new Assembly(counted, 1)
    const byte = hex('07')
    const size = 100_000
    for (let i = 0; i < size; i++) assembly.append(byte, 0, 1, 0)
    expect(assembly.size).toBe(size)
    expect(asked.reduce((sum, each) => sum + each, 0)).toBeLessThan(4 * size)
  })

  test('gives a message of the declared length without another copy', () => {
    const { codec: counted, asked } = counting(codec)
    const size = 50_000
    const assembly = new Assembly(counted, size)
    const part = new Uint8Array(10_000).fill(7)
    for (let i = 0; i < 5; i++) assembly.append(part, 0, part.length, size)
    const { buffer } = assembly.bytes
    expect(assembly.take().buffer).toBe(buffer)
    expect(asked.at(-1)).toBe(size)
  })
})
