/** A plot of the last minutes, one point each second. */
import uPlot from 'uplot'
import { byId, ink } from './dom.ts'
import { type Point, SPAN } from './history.ts'

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

  constructor(id: string, lines: number, { least, word, steps }: PlotParts) {
    this.#frame = byId(id, HTMLElement)
    this.#lines = lines
    const nothing = Array.from({ length: lines + 1 }, () => []) as unknown as uPlot.AlignedData
    this.#plot = new uPlot(this.#options(least, word, steps), nothing, this.#frame)
    new ResizeObserver(() => this.#fit()).observe(this.#frame)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot.redraw())
  }

  /** @param times - milliseconds, growing */
  draw(times: readonly number[], lines: readonly (readonly Point[])[]): void {
    const newest = times.at(-1) ?? 0
    this.#plot.setData([times.map(at => (at - newest) / 1_000), ...lines.map(line => [...line])])
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
          ...{ ...axis, size: 30, gap: 9, grid: { show: false }, splits: () => [-300, -240, -180, -120, -60, 0] },
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
