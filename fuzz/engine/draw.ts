/** Decisions that are read from the bytes of an input, so that a file is a program and shorter bytes are a shorter one. */
export class Draw {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** The next byte; 0 behind the end. */
  byte(): number {
    return this.#bytes[this.#at++] ?? 0
  }

  word(): number {
    return this.byte() * 256 + this.byte()
  }

  below(bound: number): number {
    return (bound <= 256 ? this.byte() : this.word()) % bound
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  bytes(size: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#bytes.subarray(this.#at, this.#at + size))
    this.#at += size
    return taken
  }

  rest(): Uint8Array<ArrayBuffer> {
    return this.bytes(this.#bytes.length)
  }
}
