import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Utf8Stream } from '../../src/protocol/text.ts'
import { codecs, hex, join, law, pieces, shape, toHex, utf8 } from './support.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

function valid(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** RFC 3629 §4, the table of well-formed sequences: what each next byte may be. */
const UTF8_CHAR: readonly (readonly (readonly [low: number, high: number])[])[] = [
  [[0x00, 0x7f]],
  [
    [0xc2, 0xdf],
    [0x80, 0xbf],
  ],
  [
    [0xe0, 0xe0],
    [0xa0, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xe1, 0xec],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xed, 0xed],
    [0x80, 0x9f],
    [0x80, 0xbf],
  ],
  [
    [0xee, 0xef],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf0, 0xf0],
    [0x90, 0xbf],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf1, 0xf3],
    [0x80, 0xbf],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf4, 0xf4],
    [0x80, 0x8f],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
]

/** The place of the first byte with which these bytes cannot be the beginning of any text. */
function firstWrong(bytes: Uint8Array): number {
  let rows = UTF8_CHAR
  let depth = 0
  for (const [at, byte] of bytes.entries()) {
    rows = rows.filter(row => {
      const [low, high] = row[depth] as readonly [number, number]
      return byte >= low && byte <= high
    })
    if (rows.length === 0) return at
    depth++
    if (rows.some(row => row.length === depth)) {
      rows = UTF8_CHAR
      depth = 0
    }
  }
  return Number.POSITIVE_INFINITY
}

/** Bytes at the borders of the table, text, and text that was damaged. */
const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed]
const more = [0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff]
const text = fc.string({ unit: 'binary', maxLength: 60 }).map(utf8)
const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.array(fc.constantFrom(...edges, ...more), { maxLength: 12 }).map(octets => Uint8Array.from(octets)),
  text,
  fc.tuple(text, fc.nat(), fc.nat({ max: 255 })).map(([bytes, at, octet]) => {
    const damaged = Uint8Array.from(bytes)
    if (bytes.length > 0) damaged[at % bytes.length] = octet
    return damaged
  }),
  fc.tuple(text, fc.constantFrom(...edges, ...more), text).map(([a, octet, b]) => join([a, Uint8Array.of(octet), b])),
)

test('the table and TextDecoder agree on what UTF-8 is', () =>
  law(
    fc.property(someBytes, bytes => {
      const wrong = firstWrong(bytes)
      if (wrong < bytes.length) expect(valid(bytes)).toBe(false)
      if (valid(bytes)) expect(wrong).toBe(Number.POSITIVE_INFINITY)
    }),
    500,
  ))

describe.each(codecs)('the %s codec', (_, codec) => {
  const within = (bytes: Uint8Array) => ({
    bytes: join([hex('ff 80'), bytes, hex('80 ff')]),
    start: 2,
    end: 2 + bytes.length,
  })

  test('agrees with TextDecoder on what UTF-8 is', () =>
    law(
      fc.property(someBytes, content => {
        const { bytes, start, end } = within(content)
        expect(codec.isUtf8(bytes, start, end)).toBe(valid(content))
      }),
      500,
    ))

  test('knows UTF-8 again after bytes that are not', () => {
    for (const bad of ['ff', 'e2 82', 'f0 9f 98', 'c3 28', 'ef bb']) {
      expect(codec.isUtf8(hex(bad), 0, hex(bad).length)).toBe(false)
      expect(codec.isUtf8(hex('e2 82 ac'), 0, 3)).toBe(true)
      expect(codec.decode(hex('ef bb bf 41'), 0, 4, false)).toBe('\ufeffA')
    }
  })

  test('reads what it writes, and writes as many bytes as it counts', () =>
    law(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), content => {
        const size = codec.byteLength(content)
        expect(size).toBe(utf8(content).length)
        const target = codec.workspace(size + 3)
        expect(codec.write(content, target, 3)).toBe(size)
        expect(codec.decode(target, 3, 3 + size, false)).toBe(content)
      }),
    ))

  test('reads ASCII alike whether it is told so or not', () =>
    law(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), content => {
        const { bytes, start, end } = within(utf8(content))
        expect(codec.decode(bytes, start, end, true)).toBe(content)
        expect(codec.decode(bytes, start, end, false)).toBe(content)
      }),
    ))

  test('writes U+FFFD for an unpaired surrogate, and counts it as three bytes', () =>
    law(
      fc.property(fc.array(fc.oneof(fc.nat({ max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff }))), units => {
        const content = String.fromCharCode(...units)
        const size = codec.byteLength(content)
        const target = codec.workspace(size)
        expect(codec.write(content, target, 0)).toBe(size)
        expect(codec.decode(target, 0, size, false)).toBe(lenient.decode(utf8(content)))
      }),
    ))

  test('gives plain bytes over a buffer of their own', () => {
    for (const size of [0, 1, 16, 4096, 100_000]) {
      const allocated = codec.allocate(size)
      expect(Object.getPrototypeOf(allocated)).toBe(Uint8Array.prototype)
      expect(allocated).toHaveLength(size)
      expect(allocated.buffer.byteLength).toBe(size)
      expect(codec.workspace(size)).toHaveLength(size)
    }
  })

  test('copies bytes into a buffer of their own', () => {
    const bytes = hex('01 02 03 04 05')
    const copy = codec.copy(bytes, 1, 4)
    bytes.fill(0)
    expect(toHex(copy)).toBe('02 03 04')
    expect(Object.getPrototypeOf(copy)).toBe(Uint8Array.prototype)
    expect(copy.buffer.byteLength).toBe(3)
    expect(codec.copy(bytes, 2, 2)).toHaveLength(0)
  })
})

describe.each(codecs)('Utf8Stream with the %s codec', (_, codec) => {
  /** The number of the piece that was refused, and whether all of them together are whole. */
  const judge = (bytes: Uint8Array, sizes: readonly number[]) => {
    const stream = new Utf8Stream(codec)
    let refused = 0
    for (const piece of pieces(bytes, sizes)) {
      const lent = join([hex('80'), piece, hex('80')])
      if (!stream.push(lent, 1, 1 + piece.length)) return { refused, complete: false }
      refused++
    }
    return { refused: Number.POSITIVE_INFINITY, complete: stream.complete }
  }

  test('agrees with TextDecoder on any bytes at any split', () =>
    law(
      fc.property(someBytes, shape(5), (bytes, sizes) => {
        const { refused, complete } = judge(bytes, sizes)
        expect(refused === Number.POSITIVE_INFINITY && complete).toBe(valid(bytes))
      }),
      1000,
    ))

  test('refuses the piece with the first byte that cannot be right, neither later nor earlier', () =>
    law(
      fc.property(someBytes, shape(5), (bytes, sizes) => {
        const wrong = firstWrong(bytes)
        let piece = 0
        for (let end = 0; end < bytes.length; piece++) {
          end += sizes[piece % sizes.length] as number
          if (end > wrong) break
        }
        expect(judge(bytes, sizes).refused).toBe(wrong < bytes.length ? piece : Number.POSITIVE_INFINITY)
      }),
      1000,
    ))

  test('every character of two bytes and more is whole with its last byte, and not before', () => {
    for (const character of ['\u0080', '\u07ff', '\u0800', '\ud7ff', '\uffff', '\u{10000}', '\u{10ffff}']) {
      const bytes = utf8(character)
      for (let cut = 0; cut <= bytes.length; cut++) {
        const stream = new Utf8Stream(codec)
        expect(stream.push(bytes, 0, cut)).toBe(true)
        expect(stream.complete).toBe(cut === 0 || cut === bytes.length)
        expect(stream.push(bytes, cut, bytes.length)).toBe(true)
        expect(stream.complete).toBe(true)
      }
    }
  })

  test('takes a piece of nothing, also in the middle of a character', () => {
    const stream = new Utf8Stream(codec)
    expect(stream.push(hex('e2'), 0, 1)).toBe(true)
    expect(stream.push(hex(''), 0, 0)).toBe(true)
    expect(stream.complete).toBe(false)
    expect(stream.push(hex('82 ac'), 0, 2)).toBe(true)
    expect(stream.complete).toBe(true)
  })
})
