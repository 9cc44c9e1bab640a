/** The large chart: what was paid for one stock in the last two minutes. */
import uPlot from 'uplot'
import { byId } from '../../look/dom.ts'
import { SAMPLE } from '../contract.ts'
import { ink } from './dom.ts'
import type { Stock } from './quotes.ts'
import { moneyWord } from './words.ts'

/** A price holds until the next one. */
const STEPS = uPlot.paths.stepped?.({ align: 1 })

/** Milliseconds that are shown. */
const SPAN = 120_000

const axis = { stroke: () => ink('--quiet'), grid: { stroke: () => ink('--rule'), width: 1 }, ticks: { show: false } }

/** `1:30` before now */
function before(seconds: number): string {
  const ago = Math.round(-seconds)
  return ago <= 0 ? 'now' : `−${Math.floor(ago / 60)}:${String(ago % 60).padStart(2, '0')}`
}

export class Chart {
  readonly #frame = byId('chart', HTMLElement)
  readonly #plot: uPlot
  #times: number[] = []
  #prices: number[] = []
  #newest = 0
  #stale = false

  constructor() {
    this.#plot = new uPlot(this.#options(), [[], []], this.#frame)
    new ResizeObserver(() => this.#fit()).observe(this.#frame)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot.redraw())
  }

  /** Begins with what is known of this stock. */
  show(stock: Stock): void {
    const newest = stock.quote.at
    this.#times = stock.past.map((_, point) => newest - (stock.past.length - 1 - point) * SAMPLE)
    this.#prices = [...stock.past]
    this.#newest = newest
    this.#stale = true
  }

  /** News of it. */
  take({ quote }: Stock): void {
    this.#times.push(quote.at)
    this.#prices.push(quote.price)
    this.#newest = quote.at
    const old = this.#times.findIndex(at => at >= quote.at - SPAN - SAMPLE)
    if (old > 0) {
      this.#times.splice(0, old)
      this.#prices.splice(0, old)
    }
    this.#stale = true
  }

  /** In a frame: what has changed. */
  draw(): void {
    if (!this.#stale) return
    this.#stale = false
    this.#plot.setData([this.#times.map(at => (at - this.#newest) / 1_000), this.#prices])
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#frame
    if (width > 0 && height > 0) this.#plot.setSize({ width, height })
  }

  #options(): uPlot.Options {
    return {
      width: 600,
      height: 280,
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
      padding: [12, 18, 0, 0],
      scales: { x: { time: false, range: [-SPAN / 1_000, 0] } },
      axes: [
        {
          ...axis,
          size: 32,
          grid: { show: false },
          splits: () => [-120, -90, -60, -30, 0],
          values: (_, at) => at.map(before),
        },
        { ...axis, size: 64, values: (_, prices) => prices.map(moneyWord) },
      ],
      series: [
        {},
        {
          stroke: () => ink('--blue'),
          width: 1.75,
          fill: plot => shade(plot, ink('--blue')),
          points: { show: false },
          ...(STEPS && { paths: STEPS }),
        },
      ],
    }
  }
}

/** From the colour to nothing. */
function shade({ ctx, bbox }: uPlot, color: string): CanvasGradient {
  const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height)
  gradient.addColorStop(0, `${color}33`)
  gradient.addColorStop(1, `${color}00`)
  return gradient
}
