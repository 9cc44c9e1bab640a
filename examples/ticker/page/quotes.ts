/** What is known of each stock: the newest news, and its last prices. */
import { type Listing, type Quote, SAMPLE } from '../contract.ts'

/** Prices that a stock keeps for its trend. */
const POINTS = 120

export class Stock {
  readonly symbol: string
  readonly name: string
  readonly #search: string
  open: number
  quote: Quote
  /** The last price of each second, oldest first; `since` is when the newest of them began. */
  past: number[]
  since: number

  constructor({ name, open, quote, past }: Listing) {
    this.symbol = quote.symbol
    this.name = name
    this.#search = `${quote.symbol} ${name}`.toLowerCase()
    this.open = open
    this.quote = quote
    this.past = [...past]
    this.since = quote.at
  }

  /** Since the market opened: 0.01 is one per cent. */
  get change(): number {
    return this.open === 0 ? 0 : this.quote.price / this.open - 1
  }

  /** All of it anew. News that came meanwhile is newer. */
  relist({ open, quote, past }: Listing): void {
    this.open = open
    this.past = [...past]
    this.since = quote.at
    if (quote.at > this.quote.at) this.quote = quote
  }

  take(quote: Quote): void {
    this.quote = quote
    const seconds = Math.min(Math.floor((quote.at - this.since) / SAMPLE), POINTS)
    for (let second = 0; second < seconds; second++) this.past.push(this.past.at(-1) ?? quote.price)
    if (seconds > 0) this.since = quote.at
    this.past[Math.max(0, this.past.length - 1)] = quote.price
    if (this.past.length > POINTS) this.past.splice(0, this.past.length - POINTS)
  }

  fits(words: string): boolean {
    return words.split(/\s+/).every(word => this.#search.includes(word))
  }
}
