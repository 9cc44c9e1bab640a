/** The ticker's page: it gathers what comes, and draws once a frame what has changed. */
import type { LineState } from 'hotline/client'
import { byId, say } from '../../look/dom.ts'
import type { Depth, Listing, Quote } from '../contract.ts'
import { Ages } from './ages.ts'
import { Chart } from './chart.ts'
import { ServerClock } from './clock.ts'
import { DepthView } from './depth.ts'
import { Feed, type FeedOwner } from './feed.ts'
import { Stock } from './quotes.ts'
import { Reader, type ReaderOwner, SLOWLY } from './reader.ts'
import { Table } from './table.ts'
import { eagerWire, slowWire } from './wire.ts'
import { changeWord, directionOf, moneyWord } from './words.ts'

/** Milliseconds between two looks at how old the rows are, and how many of them are shown as one. */
const LOOK = 100
const FIGURES = 5

class Page implements FeedOwner, ReaderOwner {
  /** A frame was asked for. The parts below may do so at once. */
  #asked = false
  readonly #stocks = new Map<string, Stock>()
  readonly #clock = new ServerClock()
  readonly #chart = new Chart()
  readonly #depth = new DepthView()
  readonly #table = new Table({ chose: stock => this.#choose(stock), stale: () => this.#soon() })
  readonly #reader = new Reader(new Ages(), this)
  #feed: Feed
  #every = 0
  #chosen: Stock | undefined
  #looks = 0
  /** When the line was lost. */
  #lost: number | undefined

  constructor() {
    this.#feed = this.#open(false)
    window.setInterval(() => this.#measure(), LOOK)
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
    this.#soon()
  }

  quoted(quote: Quote, passed: number): void {
    this.#reader.received.add(1)
    this.#reader.passed.add(passed)
    const stock = this.#stocks.get(quote.symbol)
    if (stock === undefined) return
    stock.take(quote)
    this.#table.changed(quote.symbol)
    if (stock === this.#chosen) this.#chart.take(stock)
    this.#soon()
  }

  depth(symbol: string, depth: Depth): void {
    if (symbol !== this.#chosen?.symbol) return
    this.#depth.take(depth)
    this.#soon()
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
    say('chosen-symbol', stock.symbol)
    say('chosen-name', stock.name)
    this.#chart.show(stock)
    this.#depth.clear()
    this.#feed.choose(stock.symbol)
    this.#soon()
    if (before === undefined) return
    const { quote, change } = stock
    say('told', `${stock.symbol}, ${stock.name}: ${moneyWord(quote.price)}, ${changeWord(change)}`)
  }

  /** Something is to be drawn: once, in the next frame, however much it is. */
  #soon(): void {
    if (this.#asked) return
    this.#asked = true
    requestAnimationFrame(now => this.#frame(now))
  }

  #frame(now: number): void {
    this.#asked = false
    this.#table.draw(now)
    this.#chart.draw()
    this.#depth.draw()
    this.#showChosen()
  }

  #measure(): void {
    this.#reader.look(this.#table.ages(this.#clock.now()))
    if (++this.#looks % FIGURES === 0) this.#reader.show(this.#clock.offset)
  }

  #showChosen(): void {
    if (this.#chosen === undefined) return
    const { quote, change } = this.#chosen
    say('chosen-price', moneyWord(quote.price))
    const element = byId('chosen-change', HTMLElement)
    say(element, changeWord(change))
    element.dataset['direction'] = directionOf(change)
  }
}

new Page()
