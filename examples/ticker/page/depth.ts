/** The order book of the stock that is shown large: who wants it at which price, and who has it. */
import { byId, make, say } from '../../look/dom.ts'
import { countWord } from '../../look/words.ts'
import type { Depth } from '../contract.ts'
import { moneyWord } from './words.ts'

/** Prices of each side that there is room for. */
const SHOWN = 10

/** The cells of one line: wanted, bid, ask, on offer. */
type Line = readonly [HTMLElement, HTMLElement, HTMLElement, HTMLElement]

export class DepthView {
  readonly #spread = byId('spread', HTMLElement)
  readonly #lines: readonly Line[]
  #depth: Depth | undefined
  #stale = false

  constructor() {
    const body = byId('book', HTMLTableSectionElement)
    this.#lines = Array.from({ length: SHOWN }, () => {
      const cells = [
        make('td', 'size wanted'),
        make('td', 'bid'),
        make('td', 'ask'),
        make('td', 'size offered'),
      ] as const
      body.append(make('tr', '', ...cells))
      return cells
    })
  }

  /** It is another stock, or the line is away. */
  clear(): void {
    this.#depth = undefined
    this.#stale = true
  }

  take(depth: Depth): void {
    this.#depth = depth
    this.#stale = true
  }

  /** In a frame: what has changed. */
  draw(): void {
    if (!this.#stale) return
    this.#stale = false
    const { bids, asks } = this.#depth ?? { bids: [], asks: [] }
    const most = Math.max(1, ...[...bids, ...asks].map(([, size]) => size))
    this.#lines.forEach(([wanted, bid, ask, offered], place) => {
      fill(bid, wanted, bids[place], most)
      fill(ask, offered, asks[place], most)
    })
    const [best, least] = [bids[0], asks[0]]
    say(this.#spread, best && least ? `spread ${moneyWord(least[0] - best[0])}` : '')
  }
}

function fill(price: HTMLElement, size: HTMLElement, level: readonly [number, number] | undefined, most: number): void {
  say(price, level === undefined ? '–' : moneyWord(level[0]))
  say(size, level === undefined ? '–' : countWord(level[1]))
  size.style.setProperty('--share', `${Math.round(((level?.[1] ?? 0) / most) * 100)}%`)
}
