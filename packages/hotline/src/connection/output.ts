/** What waits to be written to one peer: framed bytes in slabs, and frames that are shared with others, in order. */
import type { Output } from '../protocol/encoder.ts'
import type { Slab, SlabPool } from './slab.ts'
import type { Transport } from './transport.ts'

/** Bigger pieces get memory of their own instead of a part of a slab. */
const LARGE = 32_768
/** What a peer that does not keep up is framed into: small, so that it pins little. */
const PRIVATE = 8192
/** Bytes that the transport is given at a time, so that progress can be seen. */
const WINDOW = 131_072
/** From so many waiting bytes on, a peer is thought not to keep up. */
const CONGESTED = 16_384
const NOTHING = new Uint8Array(0)

export class OutputQueue implements Output {
  readonly #slabs: SlabPool
  readonly #transport: Transport
  bytes: Uint8Array = NOTHING
  at = 0

  /** The open segment: the last part of a slab that was written, which may still grow. */
  #slab: Slab | undefined
  #start = 0
  #end = 0
  /** The complete segments before it, and the slabs that they lie in. */
  #sealed: Uint8Array[] = []
  #held: Slab[] = []
  /** The last slab of our own, which may have room. */
  #own: Slab | undefined
  /** Bytes that wait here; the transport has more. */
  #size = 0
  /** True when the transport still reads from what it was given last. */
  #pinned = false
  /** Bytes since all had left, and how many of them are application data. */
  #wireTotal = 0
  #payloadTotal = 0
  /** Of these, what has left. */
  #wireSent = 0
  #payloadSent = 0
  /** Application data that will never leave. */
  #abandoned = 0

  constructor(slabs: SlabPool, transport: Transport) {
    this.#slabs = slabs
    this.#transport = transport
  }

  /** Bytes that wait, here and in the transport. */
  get queued(): number {
    return this.#size + this.#transport.queued
  }

  /** Of these, application data: exact while nothing or everything has left, in proportion between. */
  get payloadQueued(): number {
    return this.#abandoned + this.#payloadOf(this.queued)
  }

  /** What has left since the last look is taken to be payload in the proportion that the rest has. */
  #payloadOf(queued: number): number {
    if (queued === 0) return 0
    const moved = this.#wireTotal - queued - this.#wireSent
    if (moved > 0) {
      const share = (this.#payloadTotal - this.#payloadSent) / (this.#wireTotal - this.#wireSent)
      this.#payloadSent += Math.floor(moved * share)
      this.#wireSent += moved
    }
    return this.#payloadTotal - this.#payloadSent
  }

  /** True while the peer does not take what was written. */
  get congested(): boolean {
    return this.queued > CONGESTED
  }

  reserve(size: number): void {
    const open = this.#slab
    if (open !== undefined && open.used === this.#end && open.used + size <= open.bytes.length) {
      this.at = open.used
      return
    }
    this.#seal()
    const slab = this.#slabFor(size)
    slab.holders++
    this.#slab = slab
    this.bytes = slab.bytes
    this.at = this.#start = this.#end = slab.used
  }

  commit(size: number, payload: number): void {
    const slab = this.#slab as Slab
    this.#end = slab.used = this.at + size
    this.#count(size, payload)
  }

  /** Adds a complete frame that others hold too: it is neither copied nor changed. */
  append(frame: Uint8Array, payload: number): void {
    this.#seal()
    this.#sealed.push(frame)
    this.#count(frame.length, payload)
  }

  /** Gives the transport what waits, a window at a time for as long as it takes all; little waits while it is busy. */
  flush(): void {
    const busy = this.#transport.queued
    if (this.#size === 0 || busy >= WINDOW || (busy > 0 && this.#size < WINDOW / 2)) return
    this.#seal()
    let free = !this.#pinned || busy === 0
    for (let room = WINDOW - busy; room > 0 && this.#size > 0; room = WINDOW - this.#transport.queued) {
      const pieces = this.#size <= room ? this.#takeAll() : this.#take(room)
      free = this.#transport.write(pieces) && free
    }
    this.#pinned = !free
    if (this.#size === 0) this.#release()
  }

  /** Forgets what waits: the wire is cut. `payloadQueued` goes on counting it. */
  discard(): void {
    this.#abandoned += this.#payloadOf(this.#size)
    this.#slab = undefined
    this.bytes = NOTHING
    this.#sealed = []
    this.#size = 0
    this.#pinned = true
    this.#release()
  }

  #count(size: number, payload: number): void {
    const { queued } = this
    if (queued > 0) this.#payloadOf(queued)
    else this.#wireTotal = this.#payloadTotal = this.#wireSent = this.#payloadSent = 0
    this.#size += size
    this.#wireTotal += size
    this.#payloadTotal += payload
  }

  #slabFor(size: number): Slab {
    if (size > LARGE) return this.#slabs.private(size)
    const slow = this.#pinned && this.#transport.queued > 0
    if (!slow) return this.#slabs.withRoom(size)
    if (this.#own === undefined || this.#own.used + size > this.#own.bytes.length) {
      this.#own = this.#slabs.private(Math.max(size, PRIVATE))
    }
    return this.#own
  }

  /** Closes the open segment, so that what follows stands behind it. */
  #seal(): void {
    const slab = this.#slab
    if (slab === undefined) return
    this.#slab = undefined
    this.bytes = NOTHING
    if (this.#end === this.#start) {
      slab.release()
      return
    }
    this.#sealed.push(slab.bytes.subarray(this.#start, this.#end))
    this.#held.push(slab)
  }

  #takeAll(): Uint8Array[] {
    const pieces = this.#sealed
    this.#sealed = []
    this.#size = 0
    return pieces
  }

  #take(room: number): Uint8Array[] {
    const pieces: Uint8Array[] = []
    let left = room
    let next = 0
    while (left > 0) {
      const piece = this.#sealed[next] as Uint8Array
      if (piece.length > left) {
        pieces.push(piece.subarray(0, left))
        this.#sealed[next] = piece.subarray(left)
        break
      }
      pieces.push(piece)
      left -= piece.length
      next++
    }
    this.#sealed.splice(0, next)
    this.#size -= room
    return pieces
  }

  /**
   * Slabs whose bytes have left are free. One that the transport still reads from stays held: what is left of it is
   * used, behind those bytes, and then it goes.
   */
  #release(): void {
    if (!this.#pinned) for (const slab of this.#held) slab.release()
    this.#held = []
    this.#own = undefined
  }
}
