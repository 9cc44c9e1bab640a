// RFC 7692 §7.2.3.2: what the next message may refer to are the last bytes of those before, as far as the window goes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Window } from '../../src/connection/window.ts'

const joined = (pieces: readonly Uint8Array[]): Uint8Array => Uint8Array.from(pieces.flatMap(piece => [...piece]))

test('a window that nothing was said in has nothing', () => {
  expect(new Window(15).pieces).toEqual([])
  const window = new Window(8)
  window.remember(new Uint8Array(0))
  expect(window.pieces).toEqual([])
})

test('after any messages, a window has their last bytes, oldest first', () => {
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ minLength: 200, maxLength: 600 }),
    fc.uint8Array({ minLength: 256, maxLength: 256 }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 11 }), fc.array(message, { maxLength: 30 }), (bits, messages) => {
      const window = new Window(bits)
      let all: number[] = []
      for (const data of messages) {
        window.remember(data)
        all = [...all, ...data].slice(-(2 ** bits))
        expect(joined(window.pieces)).toEqual(Uint8Array.from(all))
      }
    }),
  )
})

test('what is remembered is a copy, in at most two pieces', () => {
  const window = new Window(8)
  const data = new Uint8Array(200).fill(1)
  window.remember(data)
  data.fill(2)
  window.remember(data)
  data.fill(3)
  expect(window.pieces).toHaveLength(2)
  expect(joined(window.pieces)).toEqual(Uint8Array.from([...Array(56).fill(1), ...Array(200).fill(2)]))
})
