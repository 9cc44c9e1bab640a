/** Tasks as HTML has them: one after the other, each with the promise reactions of the one before done. HTML §8.1.7 */
import type { Clock } from '../connection/clock.ts'

export class Tasks<Task> {
  readonly #clock: Clock
  readonly #perform: (task: Task) => void
  #waiting: Task[] = []
  #next = 0

  /** @param perform - does a task; one that throws does not keep the others from being done */
  constructor(clock: Clock, perform: (task: Task) => void) {
    this.#clock = clock
    this.#perform = perform
  }

  queue(task: Task): void {
    if (this.#waiting.push(task) === 1) this.#clock.soon(this.#run)
  }

  readonly #run = (): void => {
    const task = this.#waiting[this.#next++] as Task
    try {
      this.#perform(task)
    } finally {
      if (this.#next < this.#waiting.length) this.#clock.soon(this.#run)
      else {
        this.#waiting = []
        this.#next = 0
      }
    }
  }
}
