/** Runs the market while somebody reads it, one for all who do, and publishes what happens. */
import { RequestError, type Server, type ServerSocket, typedServer } from 'hotline/server'
import { Budget } from '../budget.ts'
import { bookOf, type Depth, type Listing, type Quote, RATE, ticker } from './contract.ts'
import { KEPT, Market } from './market/market.ts'
import type { Stock } from './market/stock.ts'
import { Pulse } from './pulse.ts'

/** Milliseconds between two looks at what is due. */
const BEAT = 20
/** Updates that are caught up at once: a fifth of a second of them. */
const CATCH_UP = RATE / 5
/** Beats between two looks at whether anybody reads. */
const LOOK = 50

export class Exchange {
  readonly #seed: number
  #market: Market | undefined
  #server: Server | undefined
  #timer: NodeJS.Timeout | undefined
  #pulse: Pulse | undefined
  #beats = 0
  /** When what was last told of each stock was so. */
  readonly #at = new WeakMap<Stock, number>()

  constructor(seed: number) {
    this.#seed = seed
  }

  start(server: Server): void {
    this.#server = server
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  get isRunning(): boolean {
    return this.#timer !== undefined
  }

  /** Whoever may read has it run: those who ask are the visitors of our own route. */
  admit(socket: ServerSocket, topic?: string): boolean {
    budgetOf(socket).take()
    const symbol = topic?.split('/').at(-1)
    if (symbol !== undefined && this.#open().find(symbol) === undefined)
      throw new RequestError('denied', 'no such stock is listed')
    this.#wake()
    return true
  }

  /** All stocks as they are now. It is a hundred kilobytes, so it costs more than to ask for the time. */
  listings(socket: ServerSocket): Listing[] {
    budgetOf(socket).take(5)
    const market = this.#open()
    return market.stocks.map(stock => ({
      name: stock.name,
      open: stock.money(stock.open),
      quote: quoteOf(stock, this.#at.get(stock) ?? Date.now()),
      past: market.pastOf(stock).map(ticks => stock.money(ticks)),
    }))
  }

  clock(socket: ServerSocket): number {
    budgetOf(socket).take()
    return performance.timeOrigin + performance.now()
  }

  /** A market that nobody has read yet has two minutes behind it, so that there is something to see. */
  #open(): Market {
    if (this.#market !== undefined) return this.#market
    const market = new Market(this.#seed)
    for (let updates = KEPT * RATE; updates > 0; updates--) market.next()
    this.#market = market
    return market
  }

  #wake(): void {
    if (this.#timer !== undefined) return
    this.#open()
    this.#beats = 0
    this.#pulse = new Pulse(RATE, CATCH_UP, performance.now())
    this.#timer = setInterval(() => this.#beat(), BEAT).unref()
  }

  #beat(): void {
    if (++this.#beats % LOOK === 0 && !this.#isRead()) this.stop()
    else this.#catchUp()
  }

  #catchUp(): void {
    for (let due = this.#pulse?.due(performance.now()) ?? 0; due > 0; due--) this.#update()
  }

  #isRead(): boolean {
    const topics = this.#server?.topics
    return topics?.names.some(name => name.startsWith('ticker/') && (topics.stats(name)?.subscribers ?? 0) > 0) ?? false
  }

  #update(): void {
    const [market, server] = [this.#market, this.#server]
    if (market === undefined || server === undefined) return
    const stock = market.next()
    const at = Date.now()
    this.#at.set(stock, at)
    const typed = typedServer(ticker, server)
    typed.publish('ticker/quotes', quoteOf(stock, at))
    const book = bookOf(stock.symbol)
    // A topic that nobody reads is none: nothing is built for it.
    if (server.topics.stats(book) !== undefined) typed.publish(book, depthOf(stock, at))
  }
}

function quoteOf(stock: Stock, at: number): Quote {
  const { symbol, last, volume, book } = stock
  return { symbol, at, price: stock.money(last), bid: stock.money(book.bid), ask: stock.money(book.ask), volume }
}

function depthOf(stock: Stock, at: number): Depth {
  const inMoney = (levels: [price: number, size: number][]): [number, number][] =>
    levels.map(([price, size]) => [stock.money(price), size])
  return { at, bids: inMoney(stock.book.bids), asks: inMoney(stock.book.asks) }
}

/** @throws RequestError when it is a line of another route, whose clients may not be here */
function budgetOf({ data }: { readonly data: unknown }): Budget {
  if (!(data instanceof Budget)) throw new RequestError('denied', 'the ticker is at /ticker')
  return data
}
