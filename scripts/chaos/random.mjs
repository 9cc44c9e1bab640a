/** Random numbers that come again with their seed: xorshift, which is random enough to choose operations by. */
export class Random {
  #state

  /** @param {number} seed */
  constructor(seed) {
    this.#state = (Math.imul(seed, 2_654_435_761) ^ 0x9e3779b9) >>> 0 || 1
  }

  /** From 0 to below `bound`. @param {number} bound */
  below(bound) {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state % bound
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
