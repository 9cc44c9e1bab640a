/** What waits to be written to one peer: framed bytes in slabs, and frames that are shared with others, in order. */
import type { Output } from '../protocol/encoder.ts'
import { Backlog } from './backlog.ts'
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
/** A shared frame of up to so many bytes is copied behind what is framed already: one piece is written faster than two. */
const COPIED = 1024
/** Shared frames of up to so many bytes together are written as one piece. */
const JOINED = 16_384
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
  #sealed: Uint8Array[] | undefined
  #held: Slab[] | undefined
  /** Bytes that wait here, and how many of them are application data; the transport has more. */
  #size = 0
  #payload = 0
  /** Only while not all of what was written has left. */
  #backlog: Backlog | undefined
  /** Application data that will never leave. */
  #abandoned = 0
  /** Bytes that the transport was given. A plain field: it is written for each write. */
  bytesWritten = 0

  constructor(slabs: SlabPool, transport: Transport) {
    this.#slabs = slabs
    this.#transport = transport
  }

  /** Bytes that wait, here and in the transport. */
  get queued(): number {
    return this.#size + this.#transport.queued
  }

  /** Of these, application data: see `Backlog.payloadOf`. */
  get payloadQueued(): number {
    return this.#abandoned + (this.#backlog === undefined ? this.#payload : this.#backlog.payloadOf(this.queued))
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

  /** Adds a complete frame that others hold too: it is not changed. */
  append(frame: Uint8Array, payload: number): void {
    if (this.#slab !== undefined && frame.length <= COPIED) {
      this.reserve(frame.length)
      this.bytes.set(frame, this.at)
      this.commit(frame.length, payload)
      return
    }
    this.#seal()
    if (this.#sealed === undefined) this.#sealed = [frame]
    else this.#sealed.push(frame)
    this.#count(frame.length, payload)
  }

  /** Gives the transport what waits, a window at a time for as long as it takes all; little waits while it is busy. */
  flush(): void {
    const busy = this.#transport.queued
    if (this.#size === 0) {
      if (busy === 0) this.#drained()
      return
    }
    if (busy >= WINDOW || (busy > 0 && this.#size < WINDOW / 2)) return
    if (this.#sealed === undefined && busy === 0 && this.#size <= WINDOW) this.#flushSegment()
    else this.#flushWindows(busy)
  }

  /** The common case: all lies in one piece, and nothing waits before it. */
  #flushSegment(): void {
    const slab = this.#slab as Slab
    const size = this.#size
    this.#slab = undefined
    this.bytes = NOTHING
    this.#size = 0
    this.bytesWritten += size
    const free = this.#transport.write(slab.part(this.#start, this.#end))
    if (free) slab.release()
    this.#written(free, size)
  }

  #flushWindows(busy: number): void {
    this.#seal()
    const size = this.#size
    let free = busy === 0 || this.#backlog?.pinned !== true
    for (let room = WINDOW - busy; room > 0 && this.#size > 0; room = WINDOW - this.#transport.queued) {
      free = this.#transport.write(this.#size <= room ? this.#takeAll() : this.#take(room)) && free
    }
    this.bytesWritten += size - this.#size
    if (this.#size === 0) this.#release(free)
    this.#written(free, size)
  }

  /** Of so many bytes that waited here, the transport has got all or some, and perhaps it has passed all of them on. */
  #written(free: boolean, size: number): void {
    if (this.queued === 0) this.#drained()
    else {
      this.#backlog ??= new Backlog(size, this.#payload)
      this.#backlog.pinned = !free
    }
  }

  /** Forgets what waits: the wire is cut. `payloadQueued` goes on counting it. */
  discard(): void {
    this.#abandoned = this.payloadQueued
    this.#slab = undefined
    this.bytes = NOTHING
    this.#sealed = this.#held = undefined
    this.#size = 0
    this.#drained()
  }

  /** All has left. */
  #drained(): void {
    this.#backlog = undefined
    this.#payload = 0
  }

  #count(size: number, payload: number): void {
    if (this.#backlog !== undefined && this.queued === 0) this.#drained()
    this.#backlog?.payloadOf(this.queued)
    this.#backlog?.add(size, payload)
    this.#size += size
    this.#payload += payload
  }

  #slabFor(size: number): Slab {
    if (size > LARGE) return this.#slabs.large(size)
    const backlog = this.#backlog
    // What waits would hold on to the shared one, and to all that others write behind it.
    if (backlog === undefined || this.#transport.queued === 0) return this.#slabs.withRoom(size)
    if (backlog.own === undefined || backlog.own.used + size > backlog.own.bytes.length) {
      backlog.own = this.#slabs.private(Math.max(size, PRIVATE))
    }
    return backlog.own
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
    const piece = slab.part(this.#start, this.#end)
    if (this.#sealed === undefined) this.#sealed = [piece]
    else this.#sealed.push(piece)
    if (this.#held === undefined) this.#held = [slab]
    else this.#held.push(slab)
  }

  #takeAll(): Uint8Array | readonly Uint8Array[] {
    const pieces = this.#sealed as Uint8Array[]
    const size = this.#size
    this.#sealed = undefined
    this.#size = 0
    if (pieces.length === 1) return pieces[0]
    return this.#held === undefined && size <= JOINED ? this.#slabs.join(pieces, size) : pieces
  }

  #take(room: number): Uint8Array[] {
    const sealed = this.#sealed as Uint8Array[]
    const pieces: Uint8Array[] = []
    let left = room
    let next = 0
    while (left > 0) {
      const piece = sealed[next] as Uint8Array
      if (piece.length > left) {
        pieces.push(piece.subarray(0, left))
        sealed[next] = piece.subarray(left)
        break
      }
      pieces.push(piece)
      left -= piece.length
      next++
    }
    sealed.splice(0, next)
    if (sealed.length === 0) this.#sealed = undefined
    this.#size -= room
    return pieces
  }

  /**
   * Slabs whose bytes have left are free. One that the transport still reads from stays held: what is left of it is
   * used, behind those bytes, and then it goes.
   */
  #release(free: boolean): void {
    if (free && this.#held !== undefined) for (const slab of this.#held) slab.release()
    this.#held = undefined
    if (this.#backlog !== undefined) this.#backlog.own = undefined
  }
}
