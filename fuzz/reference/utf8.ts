/** A second reading of UTF-8: the table of RFC 3629 §4 as rows, walked byte by byte. It shares nothing with src/protocol. */

/** Each row: what each next byte of a character may be. */
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

/** What is known of a text so far. */
export interface Utf8Reading {
  /** The place of the first byte with which these bytes cannot be the beginning of any text; Infinity for none. */
  readonly wrongAt: number
  /** True when they are a whole text. */
  readonly complete: boolean
}

export function readUtf8(bytes: Uint8Array): Utf8Reading {
  let rows = UTF8_CHAR
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (depth === 0 && byte < 0x80) continue
    rows = rows.filter(row => byte >= (row[depth]?.[0] ?? 256) && byte <= (row[depth]?.[1] ?? -1))
    if (rows.length === 0) return { wrongAt: at, complete: false }
    depth++
    if (rows.some(row => row.length === depth)) {
      rows = UTF8_CHAR
      depth = 0
    }
  }
  return { wrongAt: Number.POSITIVE_INFINITY, complete: depth === 0 }
}

export const decodeUtf8 = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
