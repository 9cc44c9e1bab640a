/** Commands in, frames out: header and payload are written straight into the output's buffer. RFC 6455 §5.2, §5.3 */
import type { Close } from './close.ts'
import { lengthBytes, RSV1, writeHeader } from './header.ts'
import { mask, writeAscii } from './mask.ts'
import { Opcode, type Role } from './opcode.ts'
import type { TextCodec } from './text.ts'

/** Where an encoder writes. */
export interface Output {
  /** Room for this many bytes in one piece: in `bytes`, from `at` on, until the next call. */
  reserve(size: number): void
  readonly bytes: Uint8Array
  readonly at: number
  /** This many bytes of the room are written; `payload` of them are application data. */
  commit(size: number, payload: number): void
}

/** What an encoder is told. */
export interface EncoderOptions {
  readonly role: Role
  readonly codec: TextCodec
  /** A fresh masking key for each frame: 32 bits from a source that nobody can predict. RFC 6455 §10.3 */
  readonly randomKey: () => number
}

/** A text of so few units is at most 125 bytes, so its header is known before it is encoded. */
const SHORT_TEXT = 41

export class Encoder {
  readonly #codec: TextCodec
  readonly #randomKey: () => number
  readonly #output: Output
  /** The mask bit of the second byte, and the bytes that a key takes. */
  readonly #maskBit: number
  readonly #keyBytes: number

  constructor(options: EncoderOptions, output: Output) {
    const client = options.role === 'client'
    this.#codec = options.codec
    this.#randomKey = options.randomKey
    this.#output = output
    this.#maskBit = client ? 0x80 : 0
    this.#keyBytes = client ? 4 : 0
  }

  /** One frame of text; `opcode` is continuation for the later fragments of a message. */
  text(text: string, opcode: Opcode = Opcode.text, final = true): void {
    if (text.length <= SHORT_TEXT) this.#shortText(text, opcode, final)
    else this.#longText(text, opcode, final)
  }

  /** Mostly it is ASCII, which JavaScript writes and masks in one go, faster than the codec and `mask` do. */
  #shortText(text: string, opcode: Opcode, final: boolean): void {
    const output = this.#output
    const header = 2 + this.#keyBytes
    output.reserve(header + text.length * 3)
    const { bytes, at } = output
    const start = at + header
    const key = this.#maskBit === 0 ? 0 : this.#randomKey()
    if (writeAscii(text, bytes, start, key)) {
      this.#commit(opcode, final, header, text.length, key)
      return
    }
    const written = this.#codec.write(text, bytes, start)
    if (this.#maskBit !== 0) mask(bytes, start, start + written, key)
    this.#commit(opcode, final, header, written, key)
  }

  #longText(text: string, opcode: Opcode, final: boolean): void {
    const output = this.#output
    const length = this.#codec.byteLength(text)
    const header = lengthBytes(length) + this.#keyBytes
    output.reserve(header + length)
    this.#codec.write(text, output.bytes, output.at + header, length)
    this.#finish(opcode, final, header, length)
  }

  /** One frame of any opcode whose payload is the bytes from start to end, which are copied. */
  frame(opcode: Opcode, payload: Uint8Array, start = 0, end = payload.length, final = true): void {
    const output = this.#output
    const length = end - start
    const header = lengthBytes(length) + this.#keyBytes
    output.reserve(header + length)
    const { bytes, at } = output
    bytes.set(start === 0 && end === payload.length ? payload : payload.subarray(start, end), at + header)
    this.#finish(opcode, final, header, length)
  }

  /** A whole message that is compressed already: RSV1 says so. RFC 7692 §6.1 */
  compressed(opcode: Opcode, payload: Uint8Array): void {
    const output = this.#output
    const header = lengthBytes(payload.length) + this.#keyBytes
    output.reserve(header + payload.length)
    output.bytes.set(payload, output.at + header)
    this.#finish(opcode, true, header, payload.length, RSV1)
  }

  /** A close frame; without a body when the code is 1005. RFC 6455 §5.5.1, §7.4.1 */
  close({ code, reason }: Close): void {
    const output = this.#output
    const length = code === 1005 ? 0 : 2 + this.#codec.byteLength(reason)
    const header = 2 + this.#keyBytes
    output.reserve(header + length)
    const { bytes, at } = output
    if (length > 0) {
      bytes[at + header] = code >>> 8
      bytes[at + header + 1] = code
      this.#codec.write(reason, bytes, at + header + 2, length - 2)
    }
    this.#finish(Opcode.close, true, header, length)
  }

  /** Masks a payload that is in place, puts the header before it, and commits both. */
  #finish(opcode: Opcode, final: boolean, header: number, length: number, rsv = 0): void {
    const { bytes, at } = this.#output
    const key = this.#maskBit === 0 ? 0 : this.#randomKey()
    if (this.#maskBit !== 0) mask(bytes, at + header, at + header + length, key)
    this.#commit(opcode, final, header, length, key, rsv)
  }

  /** Puts the header before a payload that is masked with the key, and commits both. */
  #commit(opcode: Opcode, final: boolean, header: number, length: number, key: number, rsv = 0): void {
    const { bytes, at } = this.#output
    const next = writeHeader(bytes, at, (final ? 0x80 : 0) | rsv | opcode, length, this.#maskBit)
    if (this.#maskBit !== 0) {
      bytes[next] = key
      bytes[next + 1] = key >>> 8
      bytes[next + 2] = key >>> 16
      bytes[next + 3] = key >>> 24
    }
    this.#output.commit(header + length, opcode < Opcode.close ? length : 0)
  }
}

/** A frame by itself, unmasked, to be sent to many peers of a server. RFC 6455 §5.2 */
export function encodeFrame(
  opcode: Opcode,
  data: string | Uint8Array,
  codec: TextCodec,
  rsv = 0,
): Uint8Array<ArrayBuffer> {
  const length = typeof data === 'string' ? codec.byteLength(data) : data.length
  const frame = codec.workspace(lengthBytes(length) + length)
  const at = writeHeader(frame, 0, 0x80 | rsv | opcode, length, 0)
  if (typeof data === 'string') codec.write(data, frame, at, length)
  else frame.set(data, at)
  return frame
}
