/** A clock that stands still until a test moves it. */
import type { Clock, Timer } from '../../connection/clock.ts'

interface Entry {
  readonly at: number
  readonly callback: () => void
}

/**
 * Time for tests: nothing happens until `advance`.
 *
 * @example
 * ```ts
 * import { FakeClock } from 'hotline/testing'
 *
 * const clock = new FakeClock()
 * clock.setTimeout(() => console.log('a second later'), 1000)
 * await clock.advance(1000)
 * ```
 */
export class FakeClock implements Clock {
  #now = 0
  #timers = new Set<Entry>()
  #afterTick: (() => void)[] = []

  now(): number {
    return this.#now
  }

  /** The number of timers that are set: none should be left when all is closed. */
  get pending(): number {
    return this.#timers.size
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const entry = { at: this.#now + ms, callback }
    this.#timers.add(entry)
    return { clear: () => void this.#timers.delete(entry) }
  }

  soon(callback: () => void): void {
    queueMicrotask(callback)
  }

  afterTick(callback: () => void): void {
    if (this.#afterTick.push(callback) === 1) queueMicrotask(this.#endTick)
  }

  /** Moves time on, firing what is due in its order, with the promises between settled. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = [...this.#timers].filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = next.at
      next.callback()
      await settle()
    }
    this.#now = end
  }

  readonly #endTick = (): void => {
    for (const callback of this.#afterTick.splice(0)) callback()
  }
}

/** Rounds of promise reactions that a chain of awaits may need. */
const ROUNDS = 64

/** Lets everything run that is ready. */
export async function settle(): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await undefined
}
