/** How often something may be done: so many times at once, and then so many a second. */
import { RequestError } from 'hotline/server'

export class Budget {
  readonly #size: number
  readonly #perSecond: number
  readonly #now: () => number
  #left: number
  #at: number

  constructor(size: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#size = this.#left = size
    this.#perSecond = perSecond
    this.#now = now
    this.#at = now()
  }

  /** @throws RequestError with the code `limit` when it is too often */
  take(cost = 1): void {
    const now = this.#now()
    this.#left = Math.min(this.#size, this.#left + ((now - this.#at) / 1_000) * this.#perSecond)
    this.#at = now
    if (this.#left < cost) throw new RequestError('limit', 'that is too often: wait a moment')
    this.#left -= cost
  }
}
