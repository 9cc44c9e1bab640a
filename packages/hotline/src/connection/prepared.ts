/** A message that is framed once, to be sent to many sockets of a server. */
import { UsageError } from '../errors.ts'
import { encodeFrame, RSV1 } from '../protocol/encoder.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { TextCodec } from '../protocol/text.ts'
import { toBytes } from './bytes.ts'

/** A message in the form in which servers send it. Make one with `prepare`. */
export class Prepared {
  /** The opcode of its one frame. */
  readonly #opcode: Opcode
  readonly #content: Uint8Array
  /** Its frame without compression, and with it for each size of window: made once, whoever needs it. */
  readonly #frames = new Map<number, Uint8Array>()
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
    return this.#frameFor(0, () => encodeFrame(this.#opcode, this.#content, this.#codec))
  }

  /** @internal The frame with compressed content; the plain one where that is not smaller. */
  deflated(windowBits: number, deflate: (content: Uint8Array) => Uint8Array | undefined): Uint8Array {
    return this.#frameFor(windowBits, () => {
      const content = deflate(this.#content)
      return content === undefined ? this.frame : encodeFrame(this.#opcode, content, this.#codec, RSV1)
    })
  }

  #frameFor(windowBits: number, make: () => Uint8Array): Uint8Array {
    const known = this.#frames.get(windowBits)
    if (known !== undefined) return known
    const made = make()
    this.#frames.set(windowBits, made)
    return made
  }
}

/** Text as bytes. */
export function encode(text: string, codec: TextCodec): Uint8Array {
  const bytes = codec.workspace(codec.byteLength(text))
  codec.write(text, bytes, 0)
  return bytes
}
