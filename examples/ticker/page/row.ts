/** One row of the table: written when it is looked at, and only where it has changed. */
import { make, say } from '../../look/dom.ts'
import { still } from './dom.ts'
import type { Stock } from './quotes.ts'
import { drawSpark, type Inks, SPARK } from './spark.ts'
import { changeWord, directionOf, moneyWord, volumeWord } from './words.ts'

/** In few steps: each is a frame that has to be painted. */
const FLASH = { duration: 480, easing: 'steps(4, end)' } as const

export class Row {
  readonly stock: Stock
  readonly element: HTMLTableRowElement
  readonly button: HTMLButtonElement
  /** Something has changed since it was drawn. */
  stale = true
  /** When what stands there was so. */
  at: number
  readonly #price = make('td', 'number price')
  readonly #change = make('td', 'number change')
  readonly #volume = make('td', 'number wide')
  readonly #spark = make('canvas', 'spark')
  #drawn = 0
  #trend = 0

  constructor(stock: Stock) {
    this.stock = stock
    this.at = stock.quote.at
    this.button = make('button', 'pick', make('b', '', stock.symbol), ' ', make('span', 'name-of', stock.name))
    this.button.type = 'button'
    this.button.tabIndex = -1
    const head = make('th', 'symbol', this.button)
    head.scope = 'row'
    const trend = make('td', 'trend', this.#spark)
    this.#spark.setAttribute('aria-hidden', 'true')
    this.#spark.width = SPARK.width
    this.#spark.height = SPARK.height
    this.element = make('tr', '', head, this.#price, this.#change, this.#volume, trend)
    this.element.dataset['symbol'] = stock.symbol
  }

  /** Says what is true now. `seen` when somebody may look at it: only then it flashes, and its trend is drawn. */
  draw(seen: boolean, inks: Inks, now: number): void {
    const { stock } = this
    const { quote, change } = stock
    this.stale = false
    this.at = quote.at
    say(this.#price, moneyWord(quote.price))
    say(this.#change, changeWord(change))
    this.#change.dataset['direction'] = directionOf(change)
    say(this.#volume, volumeWord(quote.volume))
    if (seen && this.#drawn !== 0 && quote.price !== this.#drawn) this.#flash(quote.price > this.#drawn, inks)
    this.#drawn = quote.price
    if (!seen || now - this.#trend < 400) return
    this.#trend = now
    drawSpark(this.#spark, stock, inks)
  }

  /** Its colours are others now. */
  forgetTrend(): void {
    this.#trend = 0
    this.stale = true
  }

  #flash(up: boolean, inks: Inks): void {
    if (still.matches) return
    const color = up ? inks.up : inks.down
    // The text stays ink: in the colour of its own ground nobody could read it.
    this.#price.animate([{ backgroundColor: `color-mix(in srgb, ${color} 30%, transparent)` }, {}], FLASH)
  }
}
