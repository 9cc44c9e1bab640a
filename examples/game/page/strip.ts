/** The last seconds of the line: bytes of each state, and what was corrected. */
import { colors, fitted } from './surface.ts'

interface Tick {
  readonly bytes: number
  readonly correction: number
}

const COUNT = 180
/** What the height stands for at least. */
const BYTES = 160
const PIXELS = 24

export class Strip {
  readonly #canvas: HTMLCanvasElement
  readonly #colors
  #ticks: Tick[] = []

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#colors = colors(canvas, ['blue', 'red'])
  }

  add(tick: Tick): void {
    this.#ticks.push(tick)
    if (this.#ticks.length > COUNT) this.#ticks.shift()
  }

  /** Of the last second. */
  get recent(): Tick {
    const last = this.#ticks.slice(-30)
    const bytes = last.reduce((sum, tick) => sum + tick.bytes, 0) / Math.max(last.length, 1)
    return { bytes, correction: Math.max(0, ...last.map(({ correction }) => correction)) }
  }

  draw(): void {
    const { pen, width, height } = fitted(this.#canvas)
    const { blue, red } = this.#colors()
    const [most, furthest] = [this.#most('bytes', BYTES), this.#most('correction', PIXELS)]
    const wide = width / COUNT
    const first = COUNT - this.#ticks.length
    pen.clearRect(0, 0, width, height)
    this.#ticks.forEach(({ bytes, correction }, i) => {
      pen.fillStyle = blue
      pen.globalAlpha = 0.65
      pen.fillRect((first + i) * wide, height * (1 - bytes / most), Math.max(wide - 1, 1), height)
      pen.fillStyle = red
      pen.globalAlpha = 1
      const far = (height * correction) / furthest
      if (far >= 0.5) pen.fillRect((first + i) * wide, height - far, Math.max(wide - 1, 1), far)
    })
  }

  /** The few highest may be cut. */
  #most(what: keyof Tick, least: number): number {
    const usual = this.#ticks.map(tick => tick[what]).sort((a, b) => a - b)
    return Math.max(least, (usual[Math.floor(usual.length * 0.98)] ?? 0) * 1.15)
  }
}
