/** Memory to frame into: one slab serves all connections of a runtime as long as the system takes what is written. */
import type { TextCodec } from '../protocol/text.ts'

const SLAB = 65_536

export class Slab {
  readonly bytes: Uint8Array<ArrayBuffer>
  used = 0
  /** Queues with bytes in it that have not left. */
  holders = 0

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes
  }

  /** The holder's bytes have left; when nobody holds any more, all of it is free again. */
  release(): void {
    if (--this.holders === 0) this.used = 0
  }
}

export class SlabPool {
  readonly #codec: TextCodec
  #current: Slab | undefined

  constructor(codec: TextCodec) {
    this.#codec = codec
  }

  /** The shared slab, or a new one when it has no room for so many bytes. */
  withRoom(size: number): Slab {
    const current = this.#current
    if (current !== undefined && current.used + size <= SLAB) return current
    this.#current = this.private(SLAB)
    return this.#current
  }

  /** A slab that is not shared. */
  private(size: number): Slab {
    return new Slab(this.#codec.workspace(size))
  }
}
