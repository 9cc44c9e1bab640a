/** One stock: its book, what people think that it is worth, and what was paid for it. */
import { Book } from './book.ts'
import type { Listed } from './listing.ts'
import type { Random } from './random.ts'

/** How far an opinion moves between two updates, in ticks. */
const RESTLESS = 0.9
/** How strongly it is drawn back to where the day began. */
const HOME = 0.0006
/** Prices that one trade uses up at most. */
const REACH = 3

export class Stock {
  readonly symbol: string
  readonly name: string
  /** What a tick is worth, in cents: prices of some hundred move by more than a cent. */
  readonly tick: number
  readonly book: Book
  /** In ticks. */
  readonly open: number
  last: number
  /** Shares since the market opened. */
  volume = 0
  readonly #random: Random
  #worth: number

  constructor({ symbol, name }: Listed, random: Random) {
    this.symbol = symbol
    this.name = name
    this.#random = random
    const cents = 800 * 40 ** random.next()
    this.tick = [1, 2, 5, 10].find(tick => cents / tick < 3_500) ?? 10
    this.open = this.last = this.#worth = Math.round(cents / this.tick)
    this.book = new Book(this.open, random)
  }

  /** One thing happens. `mood` is that of the whole market, around 0. */
  step(mood: number): void {
    const { book } = this
    const random = this.#random
    const worth = this.#worth + (random.normal() + mood) * RESTLESS + (this.open - this.#worth) * HOME
    this.#worth = Math.max(worth, this.open / 4)
    const cheap = this.#worth - (book.bid + book.ask) / 2
    const buys = random.next() < 0.5 + Math.max(-0.45, Math.min(cheap * 0.12, 0.45))
    const what = random.next()
    if (what < 0.45) this.#trade(buys, Math.min(1 + Math.floor(Math.abs(cheap) / 2), REACH))
    else if (what < 0.85) book.order(buys)
    else book.cancel(buys)
  }

  /** In money, as it is told. */
  money(ticks: number): number {
    return (ticks * this.tick) / 100
  }

  #trade(buys: boolean, prices: number): void {
    const { price, shares } = this.book.trade(buys, this.#random.between(10, 250) * prices, prices)
    if (shares === 0) return
    this.last = price
    this.volume += shares
  }
}
