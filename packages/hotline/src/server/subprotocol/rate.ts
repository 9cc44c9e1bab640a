/** How often something may happen: so many times a second, and as many at once after a second without. */

export class Rate {
  readonly #perSecond: number
  #left: number
  #at: number

  /** @param now - milliseconds */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
    this.#at = now
  }

  /** False when it is too often. */
  take(now: number): boolean {
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) * this.#perSecond) / 1000)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
