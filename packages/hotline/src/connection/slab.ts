/** Memory to frame into: one slab serves all connections of a runtime as long as the system takes what is written. */
import type { TextCodec } from '../protocol/text.ts'

const SLAB = 262_144
/** Parts of up to so many bytes from the beginning on are made once: nearly every write of small messages is one. */
const KNOWN = 1024

export class Slab {
  readonly bytes: Uint8Array<ArrayBuffer>
  used = 0
  /** Queues with bytes in it that have not left. */
  holders = 0
  #known: Uint8Array[] | undefined

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes
  }

  /** The bytes from start to end. */
  part(start: number, end: number): Uint8Array {
    if (start > 0 || end > KNOWN) return this.bytes.subarray(start, end)
    this.#known ??= []
    return (this.#known[end] ??= this.bytes.subarray(0, end))
  }

  /** The holder's bytes have left; when nobody holds any more, all of it is free again. */
  release(): void {
    if (--this.holders === 0) this.used = 0
  }
}

export class SlabPool {
  readonly #codec: TextCodec
  #current: Slab | undefined
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
    this.#current = this.private(SLAB)
    return this.#current
  }

  /** A slab that is not shared. */
  private(size: number): Slab {
    return new Slab(this.#codec.workspace(size))
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
