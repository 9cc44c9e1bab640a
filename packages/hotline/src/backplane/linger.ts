/** Things that are let go some time after nobody needs them, so that whoever comes back soon finds them. */
import type { TopicsClock } from '../topics/subscriber.ts'

export class Linger<T> {
  readonly #ms: number
  readonly #clock: TopicsClock
  readonly #letGo: (thing: T) => void
  /** All wait equally long, so the first is due first. */
  readonly #due = new Map<T, number>()
  #timer: { clear(): void } | undefined

  /** @param letGo - may add the thing again */
  constructor(ms: number, clock: TopicsClock, letGo: (thing: T) => void) {
    // What is added again in its own turn is not due in the same one.
    this.#ms = Math.max(1, ms)
    this.#clock = clock
    this.#letGo = letGo
  }

  /** Its time begins now. */
  add(thing: T): void {
    this.#due.delete(thing)
    this.#due.set(thing, this.#clock.now() + this.#ms)
    this.#wait()
  }

  close(): void {
    this.#timer?.clear()
    this.#timer = undefined
    this.#due.clear()
  }

  #wait(): void {
    if (this.#timer !== undefined) return
    for (const due of this.#due.values()) {
      this.#timer = this.#clock.setTimeout(() => this.#look(), Math.max(1, due - this.#clock.now()))
      return
    }
  }

  #look(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    for (const [thing, due] of this.#due) {
      if (due > now) break
      this.#due.delete(thing)
      this.#letGo(thing)
    }
    this.#wait()
  }
}
