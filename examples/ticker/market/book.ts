/** An order book: who wants to buy at which price, and who to sell. Prices are whole ticks, sizes are shares. */
import type { Random } from './random.ts'

/** Prices that each side has. */
export const LEVELS = 10

/** Shares of what is ordered at once. */
const LEAST = 20
const MOST = 400

/** One side: sizes from the best price on, away from the other side. None of them is ever empty. */
class Side {
  best: number
  readonly #away: 1 | -1
  readonly #random: Random
  readonly #sizes: number[]

  constructor(best: number, away: 1 | -1, random: Random) {
    this.best = best
    this.#away = away
    this.#random = random
    this.#sizes = Array.from({ length: LEVELS }, () => this.#order())
  }

  get front(): number {
    return this.#sizes[0] ?? 0
  }

  levels(): [price: number, size: number][] {
    return this.#sizes.map((size, level) => [this.best + this.#away * level, size])
  }

  /** An order at a price that is there: the deeper, the more lies there. */
  add(): void {
    const level = this.#random.between(0, LEVELS - 1)
    const size = (this.#sizes[level] ?? 0) + this.#order()
    this.#sizes[level] = Math.min(size, MOST * (2 + level))
  }

  /** Somebody thinks better of it; the best price stays. */
  cancel(): void {
    const level = this.#random.between(1, LEVELS - 1)
    this.#sizes[level] = Math.max(LEAST, Math.floor((this.#sizes[level] ?? 0) * this.#random.next()))
  }

  /** An order at a price that is better than all. */
  improve(): void {
    this.best -= this.#away
    this.#sizes.unshift(this.#order())
    this.#sizes.pop()
  }

  /** Takes shares at the best price; true when there are none left, and the next price is the best. */
  take(shares: number): boolean {
    if (shares < this.front) {
      this.#sizes[0] = this.front - shares
      return false
    }
    this.best += this.#away
    this.#sizes.shift()
    this.#sizes.push(this.#order() * 2)
    return true
  }

  #order(): number {
    return this.#random.between(LEAST, MOST)
  }
}

/** What a trade was. */
export interface Trade {
  readonly price: number
  readonly shares: number
}

export class Book {
  readonly #bids: Side
  readonly #asks: Side

  /** @param price - the first one in ticks, above LEVELS */
  constructor(price: number, random: Random) {
    this.#bids = new Side(price - 1, -1, random)
    this.#asks = new Side(price + 1, 1, random)
  }

  /** The highest price that somebody would pay. */
  get bid(): number {
    return this.#bids.best
  }

  /** The lowest price that somebody would take. */
  get ask(): number {
    return this.#asks.best
  }

  get bids(): [price: number, size: number][] {
    return this.#bids.levels()
  }

  get asks(): [price: number, size: number][] {
    return this.#asks.levels()
  }

  /** Somebody buys or sells at once, at the prices that are there: at most so many of them are used up. */
  trade(buys: boolean, shares: number, prices: number): Trade {
    const side = buys ? this.#asks : this.#bids
    let price = side.best
    let done = 0
    for (let used = 0; used < prices && done < shares; used++) {
      if (!buys && side.best <= LEVELS) break // Below would be prices of nothing.
      price = side.best
      const taken = Math.min(side.front, shares - done)
      done += taken
      if (!side.take(taken)) break
    }
    return { price, shares: done }
  }

  /** An order that waits: at better prices where there are some between both sides, the more the wider they are apart. */
  order(buys: boolean): void {
    const side = buys ? this.#bids : this.#asks
    const between = this.ask - this.bid - 1
    if (between === 0) side.add()
    for (let left = between; left > 0; left = Math.floor(left / 2)) side.improve()
  }

  cancel(buys: boolean): void {
    ;(buys ? this.#bids : this.#asks).cancel()
  }
}
