/** The line of the page: the quotes at the pace that this reader wants, the book of one stock, and what was passed over. */
import { connectTyped, type LineState } from 'hotline/client'
import { bookOf, type Depth, type Listing, type Quote, ticker } from '../contract.ts'
import type { ServerClock } from './clock.ts'
import type { Wire } from './wire.ts'

export interface FeedOwner {
  status(state: LineState): void
  /** Everything as it is now: at the beginning, and when the line is back. */
  listed(stocks: readonly Listing[]): void
  quoted(quote: Quote, passed: number): void
  depth(symbol: string, depth: Depth): void
}

/** Milliseconds between two looks at the server's clock. */
const CLOCK = 5_000
/** Milliseconds until the server is asked again for what it would not give. */
const AGAIN = 2_000

/** A line as this page has it. */
const open = (wire: Wire) =>
  connectTyped(new URL('/ticker', location.href.replace(/^http/, 'ws')), ticker, {
    backoff: { base: 500, cap: 5_000 },
    WebSocket: wire.socket,
  })
type Line = ReturnType<typeof open>

export class Feed {
  readonly #clock: ServerClock
  readonly #owner: FeedOwner
  readonly #line: Line
  readonly #timer: number
  #every: number
  #quotes: { leave(): void } | undefined
  #book: { leave(): void } | undefined
  #symbol = ''
  /** All stocks were asked for on this line. */
  #listed = false
  #soon = 0

  constructor(wire: Wire, clock: ServerClock, every: number, owner: FeedOwner) {
    this.#clock = clock
    this.#owner = owner
    this.#every = every
    this.#line = open(wire)
    this.#line.line.on('status', state => this.#status(state))
    this.#timer = window.setInterval(() => this.#probe(), CLOCK)
    this.#readQuotes()
  }

  /** At most one batch in so many milliseconds; 0 is as they come. */
  pace(every: number): void {
    this.#every = every
    this.#readQuotes()
    this.#readBook()
  }

  /** Reads the book of this stock, and of no other. */
  choose(symbol: string): void {
    this.#symbol = symbol
    this.#readBook()
  }

  close(): void {
    window.clearInterval(this.#timer)
    window.clearTimeout(this.#soon)
    this.#line.close()
  }

  #readQuotes(): void {
    this.#quotes?.leave()
    const quotes = this.#line.topic('ticker/quotes', { every: this.#every })
    quotes.on('subscribed', () => this.#begin())
    quotes.on('publication', ({ data, passed }) => this.#owner.quoted(data, passed))
    quotes.on('ended', error => this.#again(error))
    this.#quotes = quotes
  }

  #readBook(): void {
    this.#book?.leave()
    this.#book = undefined
    const symbol = this.#symbol
    if (symbol === '') return
    const book = this.#line.topic(bookOf(symbol), { every: this.#every })
    book.on('publication', ({ data }) => this.#owner.depth(symbol, data))
    book.on('ended', error => this.#again(error))
    this.#book = book
  }

  /** The server would not have it: it was asked too often, so once more in a while. */
  #again(error: Error | undefined): void {
    if (error === undefined || this.#line.line.status === 'closed') return
    window.clearTimeout(this.#soon)
    this.#soon = window.setTimeout(() => this.pace(this.#every), AGAIN)
  }

  /** News is of what changes. What does not, and what was missed without a line, is asked for, once for each line. */
  async #begin(): Promise<void> {
    if (this.#listed) return
    this.#listed = true
    try {
      this.#owner.listed(await this.#line.request('ticker/market', undefined, { timeout: 10_000 }))
    } catch (error) {
      // Where the line was lost, it begins anyway when it is back.
      this.#listed = false
      this.#again(error as Error)
    }
  }

  #status(state: LineState): void {
    if (state.status === 'open') {
      this.#listed = false
      this.#clock.forget()
      this.#meet()
    }
    this.#owner.status(state)
  }

  /** A few questions at once: the first ones wait behind what comes with a new line. */
  async #meet(): Promise<void> {
    for (let questions = 0; questions < 5; questions++) await this.#probe()
  }

  async #probe(): Promise<void> {
    if (this.#line.line.status !== 'open') return
    const ask = (): Promise<number> => this.#line.request('ticker/clock', undefined, { timeout: 5_000 })
    await this.#clock.probe(ask).catch(() => {})
  }
}
