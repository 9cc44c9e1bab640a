/** A message that comes in pieces, put together in one buffer that grows with what has arrived. RFC 6455 §5.4 */
import type { TextCodec } from './text.ts'

/** The first buffer of a message in pieces. It doubles from there, so that a declared length costs nothing by itself. */
const FIRST = 4096

export class Assembly {
  readonly #codec: TextCodec
  #bytes: Uint8Array<ArrayBuffer>
  #size = 0

  constructor(codec: TextCodec, expected: number) {
    this.#codec = codec
    this.#bytes = codec.allocate(Math.min(Math.max(expected, 16), FIRST))
  }

  get size(): number {
    return this.#size
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes
  }

  /**
   * Copies the bytes behind what is there.
   *
   * @param expected - bytes that the whole message will have, once its last frame says so; 0 before, since growing to
   *   what each fragment declares would copy everything for each of them
   */
  append(bytes: Uint8Array, start: number, end: number, expected: number): void {
    const at = this.#size
    const size = at + end - start
    if (size > this.#bytes.length) this.#grow(size, expected)
    this.#bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at)
    this.#size = size
  }

  /** The bytes for the application to keep: a buffer that holds them and nothing else. */
  take(): Uint8Array<ArrayBuffer> {
    const exact = this.#size === this.#bytes.buffer.byteLength
    return exact ? new Uint8Array(this.#bytes.buffer) : new Uint8Array(this.#bytes.subarray(0, this.#size))
  }

  #grow(size: number, expected: number): void {
    const doubled = Math.max(size, this.#bytes.length * 2)
    const grown = this.#codec.allocate(expected >= size && expected < doubled * 2 ? expected : doubled)
    grown.set(this.#bytes.subarray(0, this.#size))
    this.#bytes = grown
  }
}
