/** Text as bytes: the codec that the protocol is given, its portable form, and UTF-8 checked as it arrives. RFC 6455 §8.1 */

/** What the protocol needs of a text codec. A runtime gives its own; `portableCodec` works everywhere. */
export interface TextCodec {
  /** True when the bytes from start to end are UTF-8. RFC 3629 */
  isUtf8(bytes: Uint8Array, start: number, end: number): boolean
  /** The text of bytes that are known to be UTF-8; `ascii` says that none has its high bit set. */
  decode(bytes: Uint8Array, start: number, end: number, ascii: boolean): string
  /** Bytes that the text takes in UTF-8; an unpaired surrogate counts as U+FFFD. */
  byteLength(text: string): number
  /**
   * Writes the text at the offset and returns the number of bytes written. The room is known to suffice.
   *
   * @param size - what `byteLength` says of the text, where the caller knows
   */
  write(text: string, target: Uint8Array, offset: number, size?: number): number
  /** Plain bytes over a buffer of their own; their content is not defined, and the caller overwrites all that it uses. */
  allocate(size: number): Uint8Array<ArrayBuffer>
  /** A plain copy of the bytes from start to end, over a buffer of its own. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer>
  /** As `allocate`, in the form that `write` writes into fastest. */
  workspace(size: number): Uint8Array<ArrayBuffer>
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A codec made of TextEncoder and TextDecoder only. */
export const portableCodec: TextCodec = {
  isUtf8(bytes, start, end) {
    try {
      decoder.decode(bytes.subarray(start, end))
      return true
    } catch {
      return false
    }
  },
  decode: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  byteLength: text => encoder.encode(text).length,
  write: (text, target, offset) => encoder.encodeInto(text, target.subarray(offset)).written,
  allocate: size => new Uint8Array(size),
  copy: (bytes, start, end) => new Uint8Array(bytes.subarray(start, end)),
  workspace: size => new Uint8Array(size),
}

/**
 * UTF-8 in pieces: each piece is judged as it arrives, so a wrong byte is known with the piece that holds it.
 * The bulk goes to the codec; only a character that is cut by the border of two pieces is walked byte by byte.
 */
export class Utf8Stream {
  readonly #codec: TextCodec
  /** Continuation bytes that are still to come, and the bounds of the next one. RFC 3629 §4 */
  #need = 0
  #low = 0x80
  #high = 0xbf

  constructor(codec: TextCodec) {
    this.#codec = codec
  }

  /** True when no character is cut in two. */
  get complete(): boolean {
    return this.#need === 0
  }

  /** Takes the next piece; false when it cannot be part of any UTF-8 text. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (this.#need > 0 && at < end) {
      if (!this.#continues(bytes[at++])) return false
    }
    if (at === end) return true
    const tail = tailStart(bytes, at, end)
    if (!this.#codec.isUtf8(bytes, at, tail)) return false
    if (tail === end) return true
    if (!this.#begins(bytes[tail])) return false
    for (at = tail + 1; at < end; at++) {
      if (!this.#continues(bytes[at])) return false
    }
    return true
  }

  #continues(byte: number): boolean {
    if (byte < this.#low || byte > this.#high) return false
    this.#low = 0x80
    this.#high = 0xbf
    this.#need--
    return true
  }

  /** The lead byte of a character of several bytes. RFC 3629 §4, table of well-formed sequences */
  #begins(lead: number): boolean {
    if (lead < 0xc2 || lead > 0xf4) return false
    this.#need = sequenceLength(lead) - 1
    this.#low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    this.#high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    return true
  }
}

/** Bytes of the character that this lead byte begins. */
const sequenceLength = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2)

/** Where the character begins that the end cuts in two; the end itself when none is cut. */
function tailStart(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    const byte = bytes[at]
    if (byte < 0x80) return end
    if (byte >= 0xc0) return at + sequenceLength(byte) > end ? at : end
  }
  return end
}
