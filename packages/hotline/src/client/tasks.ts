/** Tasks as HTML has them: one after the other, each with the promise reactions of the one before done. HTML §8.1.7 */
import type { Clock } from '../connection/clock.ts'

export class Tasks {
  readonly #clock: Clock
  #waiting: (() => void)[] = []
  #next = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  queue(task: () => void): void {
    if (this.#waiting.push(task) === 1) this.#clock.soon(this.#run)
  }

  /** A task that throws does not keep the others from running. */
  readonly #run = (): void => {
    const task = this.#waiting[this.#next++] as () => void
    try {
      task()
    } finally {
      if (this.#next < this.#waiting.length) this.#clock.soon(this.#run)
      else {
        this.#waiting = []
        this.#next = 0
      }
    }
  }
}
