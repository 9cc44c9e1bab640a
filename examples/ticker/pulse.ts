/** How much is due: counted from the beginning by the clock, so that timers that are late make nothing drift. */
export class Pulse {
  readonly #perMillisecond: number
  readonly #most: number
  #began: number
  #done = 0
  /** What was too late to be caught up. */
  forgiven = 0

  /**
   * @param rate - things a second
   * @param most - how many are caught up at most at once: who cannot keep up does not get further behind by trying
   */
  constructor(rate: number, most: number, now: number) {
    this.#perMillisecond = rate / 1_000
    this.#most = most
    this.#began = now
  }

  /** How many are to be done now. */
  due(now: number): number {
    const all = Math.floor((now - this.#began) * this.#perMillisecond) - this.#done
    const due = Math.max(0, Math.min(all, this.#most))
    this.#done += due
    if (all <= this.#most) return due
    this.forgiven += all - due
    this.#began = now
    this.#done = 0
    return due
  }
}
