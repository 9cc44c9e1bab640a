/** Bytes for targets and their seeds: joined, from text, and as frames. RFC 6455 §5.2, §5.3 */
import type { Random } from './random.ts'

export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()

export const utf8 = (text: string): Bytes => new Uint8Array(encoder.encode(text))

/** Text whose units are bytes, as header fields come. */
export const latin1 = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

export function join(parts: readonly ArrayLike<number>[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** What a frame declares, which may be other than what it is. */
export interface FrameParts {
  readonly first: number
  readonly payload: Uint8Array
  /** The masking key; undefined for none. */
  readonly key?: number | undefined
  /** The declared length, where it lies. */
  readonly length?: number
  /** Bytes that the extended length takes, where it is not the shortest form. */
  readonly form?: 0 | 2 | 8
}

/** A frame, octet by octet as the standard draws it. */
export function frame({ first, payload, key, length = payload.length, form = formOf(length) }: FrameParts): Bytes {
  const extended: number[] = []
  let left = length
  for (let i = 0; i < form; i++) {
    extended.unshift(left % 256)
    left = Math.floor(left / 256)
  }
  const code = form === 0 ? length % 126 : form === 2 ? 126 : 127
  if (key === undefined) return join([[first, code, ...extended], payload])
  const keys = [key & 255, (key >>> 8) & 255, (key >>> 16) & 255, key >>> 24]
  const masked = payload.map((byte, i) => byte ^ (keys[i % 4] as number))
  return join([[first, code | 128, ...extended], keys, masked])
}

const formOf = (length: number): 0 | 2 | 8 => (length < 126 ? 0 : length < 65_536 ? 2 : 8)

/** Sizes of the pieces in which bytes arrive; 0 is all that is left. */
export type Split = readonly number[]

export const WHOLE: Split = [0]
export const SINGLE: Split = [1]

export const someSplit = (random: Random): Split =>
  Array.from({ length: 1 + random.below(6) }, () => 1 + (random.oneIn(3) ? random.below(200) : random.below(12)))

/** The pieces, as copies. */
export function* pieces(bytes: Uint8Array, split: Split): Generator<Bytes> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = split[i % split.length] || bytes.length
    yield new Uint8Array(bytes.subarray(at, at + size))
    at += size
  }
}
