/** What is known of a queue that did not leave at once. It exists from the first byte that had to wait until all have left. */
import type { Slab } from './slab.ts'

export class Backlog {
  /** Bytes since then, and how many of them are application data. */
  #wire = 0
  #payload = 0
  /** Of these, what has left. */
  #wireSent = 0
  #payloadSent = 0
  /** The last slab of the queue's own, which may have room. */
  own: Slab | undefined
  /** True when the transport still reads from what it was given last. */
  pinned = false

  constructor(wire: number, payload: number) {
    this.add(wire, payload)
  }

  add(wire: number, payload: number): void {
    this.#wire += wire
    this.#payload += payload
  }

  /**
   * Application data among the bytes that are queued: exact while nothing or everything has left, and between, what has
   * left since the last look is taken to be payload in the proportion that the rest has.
   */
  payloadOf(queued: number): number {
    if (queued === 0) return 0
    const moved = this.#wire - queued - this.#wireSent
    if (moved > 0) {
      const share = (this.#payload - this.#payloadSent) / (this.#wire - this.#wireSent)
      this.#payloadSent += Math.floor(moved * share)
      this.#wireSent += moved
    }
    return this.#payload - this.#payloadSent
  }
}
