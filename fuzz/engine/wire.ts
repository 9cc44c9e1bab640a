/** A transport in the hands of a script: it takes what it is told to take, and lends memory as the system does. */
import type { Transport, TransportHandler } from '../../packages/hotline/src/connection/transport.ts'
import { type Bytes, join } from './bytes.ts'
import { claim } from './target.ts'

export class ScriptedWire implements Transport {
  /** Bytes that were written and that have not left, as the views that were given: they may not change before. */
  #waiting: Uint8Array[] = []
  readonly #left: Bytes[] = []
  #handler: TransportHandler | undefined
  queued = 0
  /** True when what is written leaves at once. */
  free = true
  paused = false
  ended = false
  destroyed = false
  #peerEnded = false
  closed = false

  open(handler: TransportHandler): void {
    claim(this.#handler === undefined, 'a transport is opened once')
    this.#handler = handler
  }

  write(bytes: Uint8Array | readonly Uint8Array[]): boolean {
    if (this.ended || this.closed || this.destroyed) return false // as those of Node and of memory do
    const pieces = bytes instanceof Uint8Array ? [bytes] : bytes
    for (const piece of pieces) {
      claim(piece.length > 0, 'nothing empty is written')
      this.queued += piece.length
      this.#waiting.push(piece)
    }
    if (!this.free) return false
    this.#leave(this.queued)
    return true
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  end(): void {
    this.ended = true
  }

  destroy(): void {
    this.destroyed = true
    queueMicrotask(() => this.close())
  }

  /** Bytes of the peer. */
  give(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#peerEnded || this.closed || this.destroyed) return false
    this.#handler?.data(bytes, start, end)
    return true
  }

  /** The system takes so many bytes. */
  take(most: number): void {
    const size = Math.min(most, this.queued)
    if (size === 0 || this.closed) return
    this.#leave(size)
    this.#handler?.written()
  }

  endPeer(): void {
    if (this.#peerEnded || this.closed || this.destroyed) return
    this.#peerEnded = true
    this.#handler?.ended()
  }

  /** It is over where both have ended; where `error` says so, at once. */
  close(error?: Error): void {
    if (this.closed) return
    this.closed = true
    this.queued = 0
    this.#handler?.closed(error)
  }

  /** Both ends are done. */
  get isDone(): boolean {
    return this.ended && this.#peerEnded && this.queued === 0
  }

  /** All that was written, left or not. */
  get output(): Bytes {
    return join([...this.#left, ...this.#waiting])
  }

  #leave(size: number): void {
    this.queued -= size
    for (let left = size; left > 0; ) {
      const first = this.#waiting[0] as Uint8Array
      const part = first.subarray(0, left)
      this.#left.push(new Uint8Array(part))
      left -= part.length
      if (part.length === first.length) this.#waiting.shift()
      else this.#waiting[0] = first.subarray(part.length)
    }
  }
}
