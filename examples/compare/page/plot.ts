/** The age of updates over the last minute, a line for each way. */
import uPlot from 'uplot'
import { LANES, type Lane } from '../words.ts'

/** Milliseconds of one column, and how many there are. */
const COLUMN = 500
const COLUMNS = 120
const HEIGHT = 260
/** Milliseconds at which there is a line across. */
const POWERS = [0.1, 1, 10, 100, 1000, 10_000]

/** As style.css has it for the keys. */
const COLOURS: Readonly<Record<Lane, string>> = {
  polling: '--amber',
  'long-polling': '--violet',
  sse: '--blue',
  websocket: '--red',
}

type Column = Partial<Record<Lane, number>>

export class Plot {
  readonly #place: HTMLElement
  #columns: Column[] = Array.from({ length: COLUMNS }, () => ({}))
  #newest = Math.floor(performance.now() / COLUMN)
  #plot: uPlot

  constructor(place: HTMLElement) {
    this.#place = place
    this.#plot = this.#create()
    new ResizeObserver(() => this.#plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#plot.destroy()
      this.#plot = this.#create()
    })
  }

  /** Of several updates in one column, the oldest counts. */
  add(lane: Lane, age: number): void {
    this.#roll()
    const column = this.#columns.at(-1) as Column
    column[lane] = Math.max(column[lane] ?? 0, age, 0.1)
  }

  draw(): void {
    this.#roll()
    this.#plot.setData(this.#data)
  }

  get #data(): uPlot.AlignedData {
    const seconds = this.#columns.map((_, index) => ((index + 1 - COLUMNS) * COLUMN) / 1000)
    return [seconds, ...LANES.map(lane => this.#columns.map(column => column[lane] ?? null))]
  }

  #roll(): void {
    const newest = Math.floor(performance.now() / COLUMN)
    const fresh = Array.from({ length: Math.min(COLUMNS, newest - this.#newest) }, () => ({}))
    this.#newest = newest
    this.#columns = [...this.#columns, ...fresh].slice(-COLUMNS)
  }

  #create(): uPlot {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string): string => style.getPropertyValue(name).trim()
    const axis = {
      stroke: colour('--quiet'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: colour('--rule'), width: 1 },
      ticks: { stroke: colour('--rule'), width: 1 },
    }
    const lines = LANES.map(lane => ({
      stroke: colour(COLOURS[lane]),
      width: 2,
      spanGaps: true,
      points: { show: false },
    }))
    const options: uPlot.Options = {
      width: this.#place.clientWidth || 300,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: [-60, 0] }, y: { distr: 3, range: [0.1, 40_000] } },
      axes: [
        { ...axis, values: (_, all) => all.map(seconds => `${seconds} s`) },
        { ...axis, size: 64, splits: () => POWERS, values: (_, all) => all.map(label) },
      ],
      series: [{}, ...lines],
    }
    return new uPlot(options, this.#data, this.#place)
  }
}

const label = (value: number): string => (value >= 1000 ? `${value / 1000} s` : `${value} ms`)
