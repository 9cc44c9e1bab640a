/** What there is to see while a run goes on: one block that is redrawn on a terminal, a line a second elsewhere. */
import { createLogUpdate } from 'log-update'
import type { Colors } from '../colors.ts'
import type { Crew, View } from './crew.ts'
import { count, duration } from './format.ts'
import type { Plan } from './plan.ts'

/** Where it is shown: standard error of the process. */
export interface LiveScreen extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Milliseconds between two drawings on a terminal, and between two lines elsewhere. */
const REDRAW = 250
const LINE = 1000

export class Live implements Disposable {
  readonly #crew: Crew
  readonly #plan: Plan
  readonly #screen: LiveScreen
  readonly #colors: Colors
  readonly #block: ReturnType<typeof createLogUpdate> | undefined
  readonly #timer: NodeJS.Timeout
  #meter = new Meter()

  constructor(crew: Crew, plan: Plan, screen: LiveScreen, colors: Colors) {
    this.#crew = crew
    this.#plan = plan
    this.#screen = screen
    this.#colors = colors
    this.#block = screen.isTTY ? createLogUpdate(screen as NodeJS.WriteStream) : undefined
    this.#timer = setInterval(() => this.#draw(), this.#block === undefined ? LINE : REDRAW)
  }

  /** Leaves the screen as it was before. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#block?.clear()
    this.#block?.done()
  }

  #draw(): void {
    const { view } = this.#crew
    const reading = this.#meter.read(view, performance.now())
    if (this.#block === undefined) this.#screen.write(`${line(view, reading)}\n`)
    else this.#block(block(view, reading, this.#plan, this.#colors))
  }
}

/** The speed of now. */
export interface Reading {
  readonly perSecond: number
  /** Milliseconds since the phase began. */
  readonly inPhase: number
  readonly p50: number | undefined
  readonly p99: number | undefined
}

export class Meter {
  #phase = ''
  #since = 0
  #answered = 0
  #at = 0

  read({ phase, counts: { answered }, recent }: View, now: number): Reading {
    if (phase !== this.#phase) {
      this.#phase = phase
      this.#since = now
    }
    const perSecond = this.#at === 0 ? 0 : ((answered - this.#answered) / (now - this.#at)) * 1000
    this.#answered = answered
    this.#at = now
    const at = (part: number): number | undefined => recent[Math.floor(recent.length * part)]
    return { perSecond, inPhase: now - this.#since, p50: at(0.5), p99: at(0.99) }
  }
}

const latencies = ({ p50, p99 }: Reading): string =>
  p50 === undefined || p99 === undefined ? '' : `p50 ${duration(p50)}, p99 ${duration(p99)}`

export function line(view: View, reading: Reading): string {
  const { phase, open, troubles } = view
  const parts = [
    `${(reading.inPhase / 1000).toFixed(0)} s ${phase}`,
    `${count(open)} open`,
    `${count(reading.perSecond)} messages/s`,
    latencies(reading),
    troubles === 0 ? '' : `${count(troubles)} errors`,
  ]
  return parts.filter(Boolean).join('; ')
}

/** Columns of the progress bar. */
const BAR = 40

export function block(view: View, reading: Reading, plan: Plan, colors: Colors): string {
  const { phase, open, counts, troubles } = view
  const part = partOf(view, reading, plan)
  const done = Math.round(BAR * part)
  const errors = `${count(troubles)} errors`
  return [
    `${colors.cyan('█'.repeat(done))}${colors.dim('░'.repeat(BAR - done))} ${phase}`,
    `${count(open)} of ${count(plan.connections)} connections open; ${troubles === 0 ? 'no errors' : colors.red(errors)}`,
    `${colors.bold(count(reading.perSecond))} messages/s; ${count(counts.answered)} answered`,
    latencies(reading),
    colors.dim('Ctrl+C ends early, with a report'),
  ]
    .filter(Boolean)
    .join('\n')
}

/** How much of its phase is over, 0 to 1. */
function partOf({ phase, open }: View, { inPhase }: Reading, plan: Plan): number {
  if (phase === 'opening') return Math.min(1, open / plan.connections)
  if (phase === 'warming up') return Math.min(1, inPhase / plan.warmup)
  if (phase === 'measuring') return Math.min(1, inPhase / plan.duration)
  return 1
}
