/** A clock that the targets of topics move. */
import type { TopicsClock } from '../../packages/hotline/src/topics/subscriber.ts'

/** Time that stands still until it is moved. */
export class Clock implements TopicsClock {
  #now = 0
  readonly #timers = new Set<{ at: number; callback: () => void }>()

  now(): number {
    return this.#now
  }

  get pending(): number {
    return this.#timers.size
  }

  setTimeout(callback: () => void, ms: number) {
    const timer = { at: this.#now + ms, callback }
    this.#timers.add(timer)
    return { clear: () => void this.#timers.delete(timer) }
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#now = due.at
      due.callback()
    }
    this.#now = end
  }
}
