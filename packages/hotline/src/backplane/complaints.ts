/** What goes wrong again and again is told once in a while. */
import type { TopicsClock } from '../topics/subscriber.ts'

/** Milliseconds for which the same is not told again, and how many different things are told in that time. */
const QUIET = 10_000
const MOST = 20

export class Complaints {
  readonly #clock: TopicsClock
  readonly #tell: (error: Error) => void
  /** When each was told. */
  readonly #told = new Map<string, number>()
  /** Those that were not. */
  #kept = 0
  #timer: { clear(): void } | undefined

  constructor(clock: TopicsClock, tell: (error: Error) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  tell(error: Error): void {
    this.#forget()
    if (this.#told.has(error.message) || this.#told.size >= MOST) {
      this.#kept++
      this.#timer ??= this.#clock.setTimeout(() => this.#sum(), QUIET)
      return
    }
    this.#told.set(error.message, this.#clock.now())
    this.#tell(error)
  }

  close(): void {
    if (this.#kept > 0) this.#sum()
    this.#timer?.clear()
    this.#timer = undefined
  }

  #forget(): void {
    const now = this.#clock.now()
    for (const [message, at] of this.#told) {
      if (now - at < QUIET) return
      this.#told.delete(message)
    }
  }

  #sum(): void {
    const kept = this.#kept
    this.#timer?.clear()
    this.#timer = undefined
    this.#kept = 0
    this.#tell(new Error(`the backplane: ${kept} more failures like those that were told before`))
  }
}
