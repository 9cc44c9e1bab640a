/**
 * What has begun and not ended: a header that its chunk cut in two, a frame whose payload comes in pieces, a message in
 * fragments. RFC 6455 §5.2, §5.4
 */
import { Assembly } from './assembly.ts'
import { Opcode } from './opcode.ts'
import { type TextCodec, Utf8Stream } from './text.ts'

/** The longest header: 2 bytes, 8 of length, 4 of key. RFC 6455 §5.2 */
const MAX_HEADER = 14

export class Partial {
  /** A header that its chunk cut in two. */
  readonly head = new Uint8Array(MAX_HEADER)
  headSize = 0

  /** True while the payload of a frame is being read, and the bytes of it that are still to come. */
  inFrame = false
  remaining = 0
  /** The payload of a control frame. */
  control: Assembly | undefined

  /** The message: its opcode, continuation when there is none. */
  message: Opcode = Opcode.continuation
  assembly: Assembly | undefined
  utf8: Utf8Stream | undefined
  ascii = true
  compressed = false
  emptyFragments = 0

  /** True from the first frame of a message to its last. */
  get inMessage(): boolean {
    return this.message !== Opcode.continuation
  }

  /** Bytes of the message so far. */
  get size(): number {
    return this.assembly?.size ?? 0
  }

  beginMessage(codec: TextCodec, opcode: Opcode, compressed: boolean, expected: number): void {
    this.message = opcode
    this.compressed = compressed
    this.utf8 = opcode === Opcode.text && !compressed ? new Utf8Stream(codec) : undefined
    this.assembly = new Assembly(codec, expected)
  }

  beginFrame(length: number): void {
    this.inFrame = true
    this.remaining = length
  }

  beginControl(codec: TextCodec, length: number): void {
    this.beginFrame(length)
    this.control = new Assembly(codec, length)
  }

  endFrame(): void {
    this.inFrame = false
    this.control = undefined
  }

  /**
   * Adds a piece of payload to the message; `expected` as for `Assembly.append`.
   *
   * @returns false when the text cannot be UTF-8. RFC 6455 §8.1
   */
  append(bytes: Uint8Array, start: number, end: number, isAscii: boolean, expected: number): boolean {
    if (this.utf8 !== undefined) {
      const ascii = isAscii && this.utf8.complete
      if (!ascii && !this.utf8.push(bytes, start, end)) return false
      this.ascii &&= ascii
    }
    this.assembly?.append(bytes, start, end, expected)
    return true
  }
}
