/** A message that is framed once, to be sent to many sockets of a server. */
import { UsageError } from '../errors.ts'
import { encodeFrame } from '../protocol/encoder.ts'
import { RSV1 } from '../protocol/header.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { TextCodec } from '../protocol/text.ts'
import { toBytes } from './bytes.ts'

/** A message in the form in which servers send it. Make one with `prepare`. */
export class Prepared {
  /** The opcode of its one frame. */
  readonly #opcode: Opcode
  readonly #content: Uint8Array
  #frame: Uint8Array | undefined
  /** The frames with compressed content for each size of window, and those that a thread is making. */
  readonly #deflated = new Map<number, Uint8Array>()
  readonly #coming = new Map<number, Promise<Uint8Array>>()
  readonly #codec: TextCodec

  /** @internal */
  constructor(data: string | ArrayBufferView | ArrayBuffer, codec: TextCodec) {
    const bytes = typeof data === 'string' ? encode(data, codec) : toBytes(data)
    if (bytes === undefined) throw new UsageError('prepare takes a string or bytes', 'data')
    this.#opcode = typeof data === 'string' ? Opcode.text : Opcode.binary
    this.#content = typeof data === 'string' ? bytes : codec.copy(bytes, 0, bytes.length)
    this.#codec = codec
  }

  /** @internal Its bytes before framing. */
  get content(): Uint8Array {
    return this.#content
  }

  /** @internal */
  get frame(): Uint8Array {
    this.#frame ??= encodeFrame(this.#opcode, this.#content, this.#codec)
    return this.#frame
  }

  /** @internal The frame with compressed content, the plain one where that is not smaller; undefined before it is made. */
  deflated(windowBits: number): Uint8Array | undefined {
    return this.#deflated.get(windowBits)
  }

  /** @internal Makes it at once. */
  deflate(windowBits: number, deflate: (content: Uint8Array) => Uint8Array | undefined): Uint8Array {
    return this.#made(windowBits, deflate(this.#content))
  }

  /** @internal Makes it by a thread, once, however many wait for it. */
  deflateLater(
    windowBits: number,
    deflate: (content: Uint8Array) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array> {
    const coming = this.#coming.get(windowBits)
    if (coming !== undefined) return coming
    const frame = deflate(this.#content)
      .then(content => this.#made(windowBits, content))
      .finally(() => this.#coming.delete(windowBits))
    this.#coming.set(windowBits, frame)
    return frame
  }

  #made(windowBits: number, content: Uint8Array | undefined): Uint8Array {
    const frame = content === undefined ? this.frame : encodeFrame(this.#opcode, content, this.#codec, RSV1)
    this.#deflated.set(windowBits, frame)
    return frame
  }
}

/** Text as bytes. */
function encode(text: string, codec: TextCodec): Uint8Array {
  const bytes = codec.workspace(codec.byteLength(text))
  codec.write(text, bytes, 0)
  return bytes
}
