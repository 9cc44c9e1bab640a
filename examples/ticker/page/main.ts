/** The ticker's page: it gathers what comes, and draws once a frame what has changed. */
import type { LineState } from 'hotline/client'
import type { Depth, Listing, Quote } from '../contract.ts'
import { Ages } from './ages.ts'
import { Chart } from './chart.ts'
import { ServerClock } from './clock.ts'
import { DepthView } from './depth.ts'
import { byId, say } from './dom.ts'
import { Feed, type FeedOwner } from './feed.ts'
import { Stock } from './quotes.ts'
import { Reader, type ReaderOwner, SLOWLY } from './reader.ts'
import { Table } from './table.ts'
import { eagerWire, slowWire } from './wire.ts'
import { changeWord, directionOf, moneyWord } from './words.ts'

/** Milliseconds between two looks at how old the rows are, and at all figures. */
const LOOK = 100
const FIGURES = 500

class Page implements FeedOwner, ReaderOwner {
  readonly #stocks = new Map<string, Stock>()
  readonly #clock = new ServerClock()
  readonly #chart = new Chart()
  readonly #depth = new DepthView()
  readonly #table = new Table(stock => this.#choose(stock))
  readonly #reader = new Reader(new Ages(), this)
  #feed: Feed
  #every = 0
  #chosen: Stock | undefined
  #looked = 0
  #measured = 0
  /** When the line was lost. */
  #lost: number | undefined

  constructor() {
    this.#feed = this.#open(false)
    requestAnimationFrame(now => this.#frame(now))
    document.addEventListener('visibilitychange', () => this.#reader.tick())
  }

  // ReaderOwner

  pace(every: number): void {
    this.#every = every
    this.#feed.pace(every)
  }

  slow(isSlow: boolean): void {
    this.#feed.close()
    this.#reader.sayHow(isSlow)
    this.#feed = this.#open(isSlow)
  }

  // FeedOwner

  status(state: LineState): void {
    if (state.status === 'waiting') this.#lost ??= performance.now()
    this.#reader.status(state)
  }

  listed(stocks: readonly Listing[]): void {
    for (const listing of stocks) this.#list(listing)
    this.#table.listed()
    const chosen = this.#chosen ?? this.#stocks.get(location.hash.slice(1)) ?? [...this.#stocks.values()][0]
    if (chosen !== undefined && this.#chosen === undefined) this.#choose(chosen)
    if (this.#chosen !== undefined) this.#chart.show(this.#chosen)
    if (this.#lost !== undefined) this.#reader.recovered(performance.now() - this.#lost)
    this.#lost = undefined
  }

  quoted(quote: Quote, passed: number): void {
    this.#reader.received.add(1)
    this.#reader.passed.add(passed)
    const stock = this.#stocks.get(quote.symbol)
    if (stock === undefined) return
    stock.take(quote)
    this.#table.changed(quote.symbol)
    if (stock === this.#chosen) this.#chart.take(stock)
  }

  depth(symbol: string, depth: Depth): void {
    if (symbol === this.#chosen?.symbol) this.#depth.take(depth)
  }

  #open(isSlow: boolean): Feed {
    const came = (bytes: number): void => this.#reader.bytes.add(bytes)
    const feed = new Feed(isSlow ? slowWire(came, SLOWLY) : eagerWire(came), this.#clock, this.#every, this)
    if (this.#chosen !== undefined) feed.choose(this.#chosen.symbol)
    return feed
  }

  #list(listing: Listing): void {
    const stock = this.#stocks.get(listing.quote.symbol)
    stock?.relist(listing)
    if (stock !== undefined) return
    const made = new Stock(listing)
    this.#stocks.set(made.symbol, made)
    this.#table.add(made)
  }

  #choose(stock: Stock): void {
    const before = this.#chosen
    this.#chosen = stock
    this.#table.mark(stock.symbol)
    if (stock === before) return
    history.replaceState(undefined, '', `#${stock.symbol}`)
    say(byId('chosen-symbol', HTMLElement), stock.symbol)
    say(byId('chosen-name', HTMLElement), stock.name)
    this.#chart.show(stock)
    this.#depth.clear()
    this.#feed.choose(stock.symbol)
    if (before === undefined) return
    const { quote, change } = stock
    say(byId('told', HTMLElement), `${stock.symbol}, ${stock.name}: ${moneyWord(quote.price)}, ${changeWord(change)}`)
  }

  #frame(now: number): void {
    this.#table.draw(now)
    this.#chart.draw()
    this.#depth.draw()
    this.#showChosen()
    this.#measure(now)
    requestAnimationFrame(next => this.#frame(next))
  }

  #measure(now: number): void {
    if (now - this.#looked < LOOK) return
    this.#looked = now
    this.#reader.look(this.#table.ages(this.#clock.now()))
    if (now - this.#measured < FIGURES) return
    this.#measured = now
    this.#reader.show(this.#clock.offset)
  }

  #showChosen(): void {
    if (this.#chosen === undefined) return
    const { quote, change } = this.#chosen
    say(byId('chosen-price', HTMLElement), moneyWord(quote.price))
    const element = byId('chosen-change', HTMLElement)
    say(element, changeWord(change))
    element.dataset['direction'] = directionOf(change)
  }
}

new Page()
