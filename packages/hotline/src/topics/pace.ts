/** A reader's own pace in one topic: at most one batch in so many milliseconds, where it asked for less than the topic gives. */
import { UsageError } from '../errors.ts'
import type { TopicsClock } from './subscriber.ts'

/** Milliseconds that a reader may ask for at most. */
export const SLOWEST = 3_600_000

/** @throws UsageError when it is no time that a reader may ask for */
export function checkEvery(every: unknown): void {
  if (typeof every === 'number' && every >= 0 && every <= SLOWEST) return
  throw new UsageError(`every must be milliseconds from 0 to ${SLOWEST}`, 'every')
}

export class Pace {
  readonly #every: number
  readonly #clock: TopicsClock
  #window: { clear(): void } | undefined

  constructor(every: number, clock: TopicsClock) {
    this.#every = every
    this.#clock = clock
  }

  /** True while a batch is gathered. */
  get gathers(): boolean {
    return this.#window !== undefined
  }

  /** Something was sent: what follows is gathered. `over` is called when that time has passed. */
  begin(over: () => void): void {
    this.#window ??= this.#clock.setTimeout(() => {
      this.#window = undefined
      over()
    }, this.#every)
  }

  end(): void {
    this.#window?.clear()
    this.#window = undefined
  }
}
