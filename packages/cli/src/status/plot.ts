/** A plot of the last minutes, one point each second. */
import uPlot from 'uplot'
import { byId, ink } from './dom.ts'

/** Milliseconds that are shown. */
const SPAN = 300_000

type Point = number | null

const INKS = ['--blue', '--amber', '--violet'] as const

/** `4:00` before now */
function before(seconds: number): string {
  const ago = Math.round(-seconds)
  return ago <= 0 ? 'now' : `−${Math.floor(ago / 60)}:${String(ago % 60).padStart(2, '0')}`
}

export interface PlotParts {
  /** What is shown above 0 at least, so that noise does not look like mountains. */
  readonly least: number
  readonly word: (value: number) => string
  /** Between two lines of the grid. */
  readonly steps?: readonly number[]
}

export class Plot {
  readonly #frame: HTMLElement
  readonly #plot: uPlot
  readonly #lines: number
  #times: number[] = []
  #points: Point[][]

  constructor(id: string, lines: number, { least, word, steps }: PlotParts) {
    this.#frame = byId(id, HTMLElement)
    this.#lines = lines
    this.#points = Array.from({ length: lines }, () => [])
    this.#plot = new uPlot(this.#options(least, word, steps), this.#data(), this.#frame)
    new ResizeObserver(() => this.#fit()).observe(this.#frame)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot.redraw())
  }

  /** @param at - milliseconds; @param values - one for each line; null where nothing is known */
  add(at: number, ...values: Point[]): void {
    this.#times.push(at)
    for (const [line, points] of this.#points.entries()) points.push(values[line] ?? null)
    const old = this.#times.findIndex(time => time >= at - SPAN)
    if (old > 0) for (const list of [this.#times, ...this.#points]) list.splice(0, old)
    this.#plot.setData(this.#data())
  }

  /** Nothing was seen meanwhile. */
  gap(at: number): void {
    if (this.#times.length > 0) this.add(at)
  }

  clear(): void {
    this.#times = []
    this.#points = this.#points.map(() => [])
    this.#plot.setData(this.#data())
  }

  #data(): uPlot.AlignedData {
    const newest = this.#times.at(-1) ?? 0
    return [this.#times.map(at => (at - newest) / 1_000), ...this.#points]
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#frame
    if (width > 0 && height > 0) this.#plot.setSize({ width, height })
  }

  #options(least: number, word: PlotParts['word'], steps: readonly number[] | undefined): uPlot.Options {
    const axis = { stroke: () => ink('--quiet'), ticks: { show: false } }
    const series = INKS.slice(0, this.#lines).map(name => ({
      ...{ stroke: () => ink(name), width: 1.6, points: { show: false }, spanGaps: false },
    }))
    return {
      width: 400,
      height: 168,
      legend: { show: false },
      cursor: { show: false },
      padding: [10, 20, 0, 0],
      scales: {
        x: { time: false, range: [-SPAN / 1_000, 0] },
        y: { range: (_, __, most) => [0, Math.max(least, (most ?? 0) * 1.15)] },
      },
      axes: [
        {
          ...{ ...axis, size: 28, grid: { show: false }, splits: () => [-300, -240, -180, -120, -60, 0] },
          values: (_, at) => at.map(before),
        },
        {
          ...{ ...axis, size: 62, space: 30, grid: { stroke: () => ink('--rule'), width: 1 } },
          values: (_, values) => values.map(word),
          ...(steps && { incrs: [...steps] }),
        },
      ],
      series: [{}, ...series],
    }
  }
}
