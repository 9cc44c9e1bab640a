/** How long to wait before the next attempt: full jitter, so that those who were cut off together do not come back together. */

/** The bounds of the waiting times, in milliseconds. */
export interface Backoff {
  /**
   * The first wait is a random time up to this; each further one up to twice as much. Low: many clients come back at once.
   * @defaultValue 1 s
   */
  readonly base: number
  /**
   * No random time is longer than this. A time that the server asked for may be.
   * @defaultValue 30 s
   */
  readonly cap: number
  /**
   * A line that was open for so long begins at `base` again, and so does one that its server closed with 1012. Low: a server
   * that accepts and cuts is asked again and again.
   * @defaultValue 10 s
   */
  readonly stable: number
}

export class Delays {
  readonly #backoff: Backoff
  readonly #random: () => number
  /** Attempts since the line was last stable. */
  #attempts = 0

  constructor(backoff: Backoff, random: () => number) {
    this.#backoff = backoff
    this.#random = random
  }

  /** The attempt that comes next, from 1 on. */
  get attempt(): number {
    return this.#attempts + 1
  }

  reset(): void {
    this.#attempts = 0
  }

  /**
   * The next wait: random within a window that doubles up to the cap. It begins at what the server asked for, and is then
   * as wide as that, up to the cap: a server that names one time to all has them spread.
   */
  next(after = 0): number {
    const { base, cap } = this.#backoff
    const window = Math.min(cap, Math.max(base * 2 ** this.#attempts++, after))
    return Math.round(after + this.#random() * window)
  }
}
