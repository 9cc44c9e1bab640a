/** The messages of the load, and how an answer is told from a message that is none. */
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Payload, Payloads } from '../../src/bench/payloads.ts'

describe.each([
  ['text', false],
  ['binary', true],
] as const)('%s', (_, binary) => {
  test.each([1, 20, 64, 4096, 100_000, 20_000_000])('messages of %d bytes have that many', size => {
    const payload = new Payloads(size, binary).at(0, 0)
    expect(Buffer.byteLength(payload)).toBe(size)
    expect(typeof payload).toBe(binary ? 'object' : 'string')
  })

  test.each([1, 64, 100_000])('a message of %d bytes is the answer to itself, and not to the next one', size => {
    const payloads = new Payloads(size, binary)
    expect(payloads.matches(copy(payloads.at(3, 7)), 3, 7)).toBe(true)
    expect(payloads.matches(copy(payloads.at(3, 7)), 3, 8)).toBe(false)
    expect(payloads.matches(copy(payloads.at(3, 7)), 4, 7)).toBe(false)
  })

  test('a message that lost a byte, or changed one, is no answer', () => {
    const payloads = new Payloads(64, binary)
    const sent = payloads.at(0, 0)
    expect(payloads.matches(sent.slice(0, -1), 0, 0)).toBe(false)
    const changed = typeof sent === 'string' ? `${sent.slice(0, -1)}#` : Uint8Array.from(sent, byte => byte)
    if (typeof changed !== 'string') changed[63] = (changed[63] as number) ^ 1
    expect(payloads.matches(changed, 0, 0)).toBe(false)
  })

  test('the content of one large message in sixteen is compared', () => {
    const payloads = new Payloads(100_000, binary)
    const wrong = (index: number): Payload => {
      const sent = payloads.at(0, index)
      if (typeof sent === 'string') return `${sent.slice(0, -1)}#`
      const changed = Uint8Array.from(sent)
      changed[99_999] = (changed[99_999] as number) ^ 1
      return changed
    }
    const told = Array.from({ length: 32 }, (_, index) => !payloads.matches(wrong(index), 0, index))
    expect(told.map((seen, index) => (seen ? index : -1)).filter(index => index >= 0)).toEqual([0, 16])
  })
})

test('text is no answer to bytes, and bytes are none to text', () => {
  expect(new Payloads(64, true).matches('x'.repeat(64), 0, 0)).toBe(false)
  expect(new Payloads(64, false).matches(new Uint8Array(64), 0, 0)).toBe(false)
})

test('text compresses as JSON does, and bytes do not', () => {
  const part = (binary: boolean): number => deflateRawSync(new Payloads(10_000, binary).at(0, 0)).length / 10_000
  expect(part(false)).toBeLessThan(0.4)
  expect(part(true)).toBeGreaterThan(0.99)
})

const copy = (payload: Payload): Payload =>
  typeof payload === 'string' ? Buffer.from(payload).toString() : new Uint8Array(payload)
