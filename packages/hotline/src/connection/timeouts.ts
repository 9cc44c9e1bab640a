/** Deadlines of many at the price of one: those of one length wait in one line, with one timer of the clock for all. */
import type { Clock, Timer } from './clock.ts'

/** Something that waits for its time. */
export interface Waiter {
  /** When that is, by the clock: `Timeouts` writes it. */
  dueAt: number
  /** The time has come; it does not wait any more. */
  due(): void
}

/** The clock calls for one line at most so often in the time that the line waits, so some are called that much later. */
const CALLS = 64

export class Timeouts {
  readonly #clock: Clock
  /** They stay: there are as many as options have different lengths. */
  readonly #lines = new Map<number, Line>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `due` after so many milliseconds, or up to a 64th of them later; never before. It must not wait already. */
  start(waiter: Waiter, ms: number): void {
    let line = this.#lines.get(ms)
    if (line === undefined) {
      line = new Line(this.#clock, ms)
      this.#lines.set(ms, line)
    }
    line.add(waiter)
  }

  /** It does not wait any more: what was started with so many milliseconds. */
  stop(waiter: Waiter, ms: number): void {
    this.#lines.get(ms)?.remove(waiter)
  }
}

/** Who waits equally long, in the order in which they are due. */
class Line {
  readonly #clock: Clock
  readonly #ms: number
  readonly #waiters = new Set<Waiter>()
  #timer: Timer | undefined
  /** True while it calls: the timer is set behind that. */
  #calling = false

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
  }

  add(waiter: Waiter): void {
    waiter.dueAt = Math.ceil(this.#clock.now() + this.#ms)
    this.#waiters.add(waiter)
    if (!this.#calling) this.#timer ??= this.#clock.setTimeout(this.#call, this.#ms)
  }

  remove(waiter: Waiter): void {
    this.#waiters.delete(waiter)
    if (this.#waiters.size > 0 || this.#calling) return
    this.#timer?.clear()
    this.#timer = undefined
  }

  readonly #call = (): void => {
    this.#calling = true
    try {
      this.#callDue()
    } finally {
      // One that throws does not take the others along.
      this.#calling = false
      this.#timer = this.#next()
    }
  }

  #callDue(): void {
    const now = this.#clock.now()
    for (const waiter of this.#waiters) {
      if (waiter.dueAt > now) return
      this.#waiters.delete(waiter)
      waiter.due()
    }
  }

  #next(): Timer | undefined {
    for (const { dueAt } of this.#waiters) {
      return this.#clock.setTimeout(this.#call, Math.max(dueAt - this.#clock.now(), this.#ms / CALLS))
    }
    return undefined
  }
}
