/** What there is to see while ways take turns: a row for each, redrawn on a terminal; a line a second elsewhere. */
import { createLogUpdate } from 'log-update'
import { count, duration } from '../bench/format.ts'
import type { LiveScreen } from '../bench/live.ts'
import type { Colors } from '../colors.ts'
import { type Figures, total } from './figures.ts'
import type { View } from './measure.ts'
import type { Plan, Way } from './plan.ts'
import { amount, heading } from './text.ts'

/** Columns of a bar, and of a way's name. */
const BAR = 24
const NAME = 28
/** Milliseconds between two lines where nothing is redrawn. */
const LINE = 1000

export class Live implements Disposable {
  readonly #plan: Plan
  readonly #screen: LiveScreen
  readonly #colors: Colors
  readonly #block: ReturnType<typeof createLogUpdate> | undefined
  readonly #rows = new Map<string, string>()
  #written = Number.NEGATIVE_INFINITY

  constructor(plan: Plan, screen: LiveScreen, colors: Colors) {
    this.#plan = plan
    this.#screen = screen
    this.#colors = colors
    this.#block = screen.isTTY ? createLogUpdate(screen as NodeJS.WriteStream) : undefined
    for (const way of plan.ways) this.#rows.set(way.id, colors.dim(way.title.padEnd(NAME)))
  }

  /** How far a way is. */
  see(way: Way, view: View): void {
    this.#show(way, `${bar(view.part, this.#colors)} ${words(view)}`, false)
  }

  /** What a way came to. */
  done(way: Way, figures: Figures): void {
    this.#show(way, result(figures), true)
  }

  /** Leaves the screen as it was before. */
  [Symbol.dispose](): void {
    this.#block?.clear()
    this.#block?.done()
  }

  #show(way: Way, text: string, always: boolean): void {
    this.#rows.set(way.id, `${way.title.padEnd(NAME)}${text}`)
    const { bold, dim } = this.#colors
    if (this.#block !== undefined) {
      this.#block(
        [bold(heading(this.#plan)), ...this.#rows.values(), dim('Ctrl+C ends early, with a report')].join('\n'),
      )
    } else if (always || performance.now() - this.#written >= LINE) {
      this.#written = performance.now()
      this.#screen.write(`${way.title}: ${text.replace(/^[█░]+ /, '')}\n`)
    }
  }
}

function bar(part: number, { cyan, dim }: Colors): string {
  const done = Math.round(BAR * Math.min(1, Math.max(0, part)))
  return `${cyan('█'.repeat(done))}${dim('░'.repeat(BAR - done))}`
}

function words({ phase, heard, sample }: View): string {
  const latency = heard?.latency
  const parts = [
    phase,
    sample === undefined ? '' : `${count(sample.connections)} open`,
    sample === undefined ? '' : `${count(sample.requests)} requests`,
    latency === undefined ? '' : `p50 ${duration(latency.p50)}, p99 ${duration(latency.p99)}`,
  ]
  return parts.filter(Boolean).join('; ')
}

function result({ latency, bytesPerUpdate, cpu }: Figures): string {
  const times = latency === undefined ? 'nothing came' : `p50 ${duration(latency.p50)}, p99 ${duration(latency.p99)}`
  return `${times}; ${amount(total(bytesPerUpdate))} bytes for each update; ${(cpu.cores * 100).toFixed(1)} % CPU`
}
