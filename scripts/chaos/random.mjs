/** Choices that come again with their seed. */
import { randomOf } from '../random.mjs'

export class Random {
  #next

  /** @param {number} seed */
  constructor(seed) {
    this.#next = randomOf(seed)
  }

  /** From 0 to below `bound`. @param {number} bound */
  below(bound) {
    return Math.floor(this.#next() * bound)
  }

  /** @param {number} times */
  oneIn(times) {
    return this.below(times) === 0
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return /** @type {T} */ (list[this.below(list.length)])
  }
}
