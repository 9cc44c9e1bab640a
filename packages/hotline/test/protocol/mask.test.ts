import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAscii, look, mask, readKey, turnKey, writeAscii } from '../../src/protocol/mask.ts'
import { hex, law, toHex } from './support.ts'

/** RFC 6455 §5.3, letter for letter: octet i is xored with octet i modulo 4 of the key. */
function naive(bytes: Uint8Array, start: number, end: number, key: Uint8Array): Uint8Array {
  return bytes.map((octet, i) => (i < start || i >= end ? octet : octet ^ (key[(i - start) % 4] as number)))
}

/** Bytes of which some runs are ASCII, in the middle of a longer buffer at any alignment. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ maxLength: 300, max: 127 }),
  fc.uint8Array({ minLength: 90, maxLength: 110 }),
)
const keys = fc.uint8Array({ minLength: 4, maxLength: 4 })
const around = fc.nat({ max: 9 })

const placed = (bytes: Uint8Array, before: number, after: number): Uint8Array => {
  const room = new Uint8Array(before + bytes.length + after).fill(0xa5)
  room.set(bytes, before)
  return room
}

describe('mask', () => {
  test('does what the standard says, at any place, and touches nothing around it', () =>
    law(
      fc.property(content, keys, around, around, (bytes, key, before, after) => {
        const room = placed(bytes, before, after)
        const expected = naive(room, before, before + bytes.length, key)
        mask(room, before, before + bytes.length, readKey(key, 0))
        expect(toHex(room)).toBe(toHex(expected))
      }),
      500,
    ))

  test('does the same in a view that begins anywhere', () =>
    law(
      fc.property(content, keys, around, around, (bytes, key, offset, before) => {
        const room = placed(bytes, offset + before, 3)
        const view = room.subarray(offset)
        const expected = naive(view, before, before + bytes.length, key)
        mask(view, before, before + bytes.length, readKey(key, 0))
        expect(toHex(view)).toBe(toHex(expected))
      }),
      500,
    ))

  test('is its own inverse', () =>
    law(
      fc.property(content, fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }), around, (bytes, key, before) => {
        const room = placed(bytes, before, 0)
        mask(room, before, room.length, key)
        mask(room, before, room.length, key)
        expect(toHex(room.subarray(before))).toBe(toHex(bytes))
      }),
      300,
    ))

  test('says truly whether the result is ASCII', () =>
    law(
      fc.property(content, keys, around, (bytes, key, before) => {
        const masked = naive(bytes, 0, bytes.length, key)
        const room = placed(masked, before, 5)
        const seen = mask(room, before, before + bytes.length, readKey(key, 0))
        expect(isAscii(seen)).toBe(bytes.every(octet => octet < 0x80))
      }),
      500,
    ))

  test('sees a single high bit wherever it stands', () => {
    for (const length of [1, 2, 3, 4, 5, 95, 96, 97, 98, 99, 128, 131])
      for (let at = 0; at < length; at++)
        for (let before = 0; before < 4; before++) {
          const room = placed(new Uint8Array(length), before, 2)
          room[before + at] = 0x80
          expect(isAscii(mask(room, before, before + length, 0)), `${at} of ${length} at ${before}`).toBe(false)
        }
  })

  test('in two parts, with the key turned, is the same as in one', () =>
    law(
      fc.property(content, keys, fc.nat(), (bytes, key, cut) => {
        const at = cut % (bytes.length + 1)
        const parts = Uint8Array.from(bytes)
        mask(parts, 0, at, readKey(key, 0))
        mask(parts, at, parts.length, turnKey(readKey(key, 0), at))
        expect(toHex(parts)).toBe(toHex(naive(bytes, 0, bytes.length, key)))
      }),
      300,
    ))
})

describe('look', () => {
  test('says of plain bytes what mask says of masked ones, up to 64 of them, and changes nothing', () =>
    law(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 70, max: 130 }), content), around, (bytes, before) => {
        const room = placed(bytes, before, 5)
        const seen = look(room, before, before + bytes.length)
        const ascii = bytes.every(octet => octet < 0x80)
        expect(isAscii(seen)).toBe(ascii && bytes.length <= 64)
        expect(toHex(room)).toBe(toHex(placed(bytes, before, 5)))
      }),
      300,
    ))
})

describe('writeAscii', () => {
  const keys = fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))

  test('writes text as mask would have it, at any place, and touches nothing around it', () =>
    law(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 50 }), keys, around, (text, key, before) => {
        const room = placed(new Uint8Array(text.length), before, 5)
        const expected = placed(
          Uint8Array.from(text, unit => unit.charCodeAt(0)),
          before,
          5,
        )
        mask(expected, before, before + text.length, key)
        expect(writeAscii(text, room, before, key)).toBe(true)
        expect(toHex(room)).toBe(toHex(expected))
      }),
      500,
    ))

  test('sees a single unit that is not ASCII wherever it stands', () => {
    for (const unit of ['\x80', 'é', '\u0100', '\u0141', '€', '\ud83d', '\uff41', '\uffff'])
      for (let length = 1; length <= 9; length++)
        for (let at = 0; at < length; at++) {
          const text = `${'a'.repeat(at)}${unit}${'b'.repeat(length - at - 1)}`
          expect(writeAscii(text, new Uint8Array(9), 0, 0x3d21fa37), text).toBe(false)
        }
  })
})

test('a key is read with its first byte lowest', () => {
  expect(readKey(hex('ff 37 fa 21 3d'), 1)).toBe(0x3d21fa37)
  expect(readKey(hex('00 00 00 80'), 0)).toBe(-0x8000_0000)
})

test('a key turns with the position, by four, however far it is', () => {
  const turned = [0x3d21fa37, 0x373d21fa, 0xfa373d21 | 0, 0x21fa373d]
  for (const far of [0, 4, 2 ** 31, 2 ** 32, 2 ** 53 - 8])
    turned.forEach((key, i) => {
      expect(turnKey(0x3d21fa37, far + i)).toBe(key)
    })
})
