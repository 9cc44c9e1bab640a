/** How old the data on the screen was in the last minute. */
import uPlot from 'uplot'
import { byId } from '../../look/dom.ts'
import { ink } from './dom.ts'
import { ageWord } from './words.ts'

/** Points, one each half a second. */
const POINTS = 120

const line = (name: string, width: number): uPlot.Series => ({
  stroke: () => ink(name),
  width,
  points: { show: false },
})

export class Ages {
  readonly #frame = byId('ages', HTMLElement)
  readonly #plot: uPlot
  readonly #half: (number | null)[] = Array(POINTS).fill(null)
  readonly #most: (number | null)[] = Array(POINTS).fill(null)

  constructor() {
    const axis = { stroke: () => ink('--quiet'), ticks: { show: false } }
    this.#plot = new uPlot(
      {
        width: 300,
        height: 90,
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 4, 4, 0],
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(500, (most ?? 0) * 1.15)] } },
        axes: [
          { show: false },
          {
            ...axis,
            size: 52,
            space: 26,
            grid: { stroke: () => ink('--rule'), width: 1 },
            values: (_, at) => at.map(ageWord),
          },
        ],
        series: [{}, line('--blue', 1.5), line('--amber', 1.5)],
      },
      this.#data(),
      this.#frame,
    )
    new ResizeObserver(() => this.#fit()).observe(this.#frame)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot.redraw())
  }

  add(half: number | undefined, most: number | undefined): void {
    this.#half.push(half ?? null)
    this.#most.push(most ?? null)
    this.#half.shift()
    this.#most.shift()
    this.#plot.setData(this.#data())
  }

  #data(): uPlot.AlignedData {
    return [this.#half.map((_, point) => point), this.#half, this.#most]
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#frame
    if (width > 0 && height > 0) this.#plot.setSize({ width, height })
  }
}
