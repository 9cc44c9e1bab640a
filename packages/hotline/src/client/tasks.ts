/** Tasks as HTML has them: one after the other, each with the promise reactions of the one before done. HTML §8.1.7 */
import type { Clock } from '../connection/clock.ts'

export class Tasks<Task> {
  readonly #clock: Clock
  readonly #perform: (task: Task) => void
  readonly #runReady: (() => void) | undefined
  #waiting: Task[] = []
  #next = 0

  /**
   * @param perform - does a task; one that throws does not keep the others from being done
   * @param runReady - runs the promise reactions that are ready; without it each task waits for a tick of its own
   */
  constructor(clock: Clock, perform: (task: Task) => void, runReady: (() => void) | undefined) {
    this.#clock = clock
    this.#perform = perform
    this.#runReady = runReady
  }

  queue(task: Task): void {
    if (this.#waiting.push(task) === 1) this.#clock.soon(this.#run)
  }

  readonly #run = (): void => {
    try {
      this.#performNext()
      while (this.#runReady !== undefined && this.#next < this.#waiting.length) {
        this.#runReady()
        this.#performNext()
      }
    } finally {
      if (this.#next < this.#waiting.length) this.#clock.soon(this.#run)
      else {
        this.#waiting = []
        this.#next = 0
      }
    }
  }

  #performNext(): void {
    this.#perform(this.#waiting[this.#next++] as Task)
  }
}
