/** Memory to frame into: one slab serves all connections of a runtime as long as the system takes what is written. */
import type { TextCodec } from '../protocol/text.ts'

const SLAB = 65_536
/** So many are kept for what a busy tick writes beyond one. */
const FREE = 8
/** The largest slab for one message that is kept: for one as large as a server takes by default. */
const KEPT = 1_048_600
/** Their sizes are multiples of it, so that one serves messages that are somewhat larger too. */
const STEP = 16_384
/** Parts of up to so many bytes from the beginning on are made once: nearly every write of small messages is one. */
const KNOWN = 1024

export class Slab {
  readonly bytes: Uint8Array<ArrayBuffer>
  used = 0
  /** Queues with bytes in it that have not left. */
  holders = 0
  #known: Uint8Array[] | undefined
  /** Is told when all of it is free. */
  readonly #free: ((slab: Slab) => void) | undefined

  constructor(bytes: Uint8Array<ArrayBuffer>, free?: (slab: Slab) => void) {
    this.bytes = bytes
    this.#free = free
  }

  /** The bytes from start to end. */
  part(start: number, end: number): Uint8Array {
    if (start > 0 || end > KNOWN) return this.bytes.subarray(start, end)
    this.#known ??= []
    return (this.#known[end] ??= this.bytes.subarray(0, end))
  }

  /** The holder's bytes have left; when nobody holds any more, all of it is free again. */
  release(): void {
    if (--this.holders > 0) return
    this.used = 0
    this.#free?.(this)
  }
}

export class SlabPool {
  readonly #codec: TextCodec
  #current: Slab | undefined
  /** Slabs that were full, and have been written since. */
  readonly #free: Slab[] = []
  /** A large one that is free: the next large message does without fresh memory, which costs as much as copying it. */
  #spare: Slab | undefined
  /** Frames that were joined last, and what came of it. */
  #frames: readonly Uint8Array[] = []
  #joined: Uint8Array = new Uint8Array(0)

  constructor(codec: TextCodec) {
    this.#codec = codec
  }

  /** The shared slab, or a new one when it has no room for so many bytes. */
  withRoom(size: number): Slab {
    const current = this.#current
    if (current !== undefined && current.used + size <= SLAB) return current
    this.#current = this.#free.pop() ?? new Slab(this.#codec.workspace(SLAB), this.#release)
    return this.#current
  }

  /** A slab that its queue keeps to itself. */
  private(size: number): Slab {
    return new Slab(this.#codec.workspace(size))
  }

  /** A slab for one large message. */
  large(size: number): Slab {
    const spare = this.#spare
    if (spare !== undefined && spare.bytes.length >= size && spare.bytes.length <= size * 2) {
      this.#spare = undefined
      return spare
    }
    if (size > KEPT) return this.private(size)
    return new Slab(this.#codec.workspace(Math.ceil(size / STEP) * STEP), this.#keep)
  }

  readonly #release = (slab: Slab): void => {
    if (slab !== this.#current && this.#free.length < FREE) this.#free.push(slab)
  }

  readonly #keep = (slab: Slab): void => {
    this.#spare = slab
  }

  /** Shared frames in one piece. Peers that get the same ones in the same order, one after the other, share that too. */
  join(frames: readonly Uint8Array[], size: number): Uint8Array {
    if (!same(frames, this.#frames)) {
      const joined = this.#codec.workspace(size)
      let at = 0
      for (const frame of frames) {
        joined.set(frame, at)
        at += frame.length
      }
      this.#frames = frames
      this.#joined = joined
    }
    return this.#joined
  }
}

function same(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  if (some.length !== others.length) return false
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false
  return true
}
