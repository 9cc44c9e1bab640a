/** A market of two hundred stocks: the same seed is the same market, update for update. It knows no time and no network. */
import { LISTED } from './listing.ts'
import { Random } from './random.ts'
import { Stock } from './stock.ts'

/** Prices that are kept of each stock, for its chart. */
export const KEPT = 120
/** Rounds between two of those. */
const ROUNDS = 5

export class Market {
  readonly stocks: readonly Stock[]
  readonly #random: Random
  /** The order in which the stocks have their turns, so that none is ever silent for longer than a round. */
  readonly #turns: readonly Stock[]
  readonly #bySymbol: ReadonlyMap<string, Stock>
  readonly #past: ReadonlyMap<Stock, number[]>
  #turn = 0
  #round = 0
  #mood = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.stocks = LISTED.map(listed => new Stock(listed, this.#random))
    this.#turns = this.#random.shuffled(this.stocks)
    this.#bySymbol = new Map(this.stocks.map(stock => [stock.symbol, stock]))
    this.#past = new Map(this.stocks.map(stock => [stock, []]))
  }

  /** One update: the stock whose turn it is, after something has happened to it. */
  next(): Stock {
    if (this.#turn === 0) this.#begin()
    const stock = this.#turns[this.#turn] as Stock
    this.#turn = (this.#turn + 1) % this.#turns.length
    stock.step(this.#mood)
    return stock
  }

  find(symbol: string): Stock | undefined {
    return this.#bySymbol.get(symbol)
  }

  /** What was paid for it, every five rounds, oldest first. */
  pastOf(stock: Stock): readonly number[] {
    return this.#past.get(stock) ?? []
  }

  /** A new round: the mood of all changes a little, and now and then it is written down what everything costs. */
  #begin(): void {
    this.#mood = this.#mood * 0.9 + this.#random.normal() * 0.06
    if (this.#round++ % ROUNDS !== 0) return
    for (const [stock, past] of this.#past) {
      past.push(stock.last)
      if (past.length > KEPT) past.shift()
    }
  }
}
