/** How late the event loop comes to what is due. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds between two looks of Node's timer, which its figures have in them. */
const RESOLUTION = 20
/** Milliseconds after which the older of two histograms begins anew. */
const SPAN = 60_000

/** Milliseconds. */
export interface LoopFigures {
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

interface Window {
  readonly delays: IntervalHistogram
  since: number
}

/**
 * Two histograms that begin anew by turns, when somebody looks: what is told covers the last thirty to sixty seconds, or all
 * since the look before where that is longer, however many look. Begins with the first look.
 */
export class LoopDelays {
  readonly #now: () => number
  #windows: [older: Window, newer: Window] | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  /** Undefined at the first look. */
  look(): LoopFigures | undefined {
    if (this.#windows === undefined) {
      this.#windows = [begin(this.#now()), begin(this.#now())]
      return undefined
    }
    const [older, newer] = this.#windows
    const figures = figuresOf(older.delays)
    const now = this.#now()
    if (now - older.since >= SPAN && now - newer.since >= SPAN / 2) {
      older.delays.reset()
      older.since = now
      this.#windows = [newer, older]
    } else if (older.since === newer.since && now - newer.since >= SPAN / 2) {
      newer.delays.reset()
      newer.since = now
    }
    return figures
  }

  stop(): void {
    for (const { delays } of this.#windows ?? []) delays.disable()
    this.#windows = undefined
  }
}

function begin(since: number): Window {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION })
  delays.enable()
  return { delays, since }
}

/** Before the first tick of Node's timer its figures are not numbers. */
function figuresOf(delays: IntervalHistogram): LoopFigures | undefined {
  if (delays.count === 0) return undefined
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION)
  return {
    mean: late(delays.mean),
    p50: late(delays.percentile(50)),
    p99: late(delays.percentile(99)),
    max: late(delays.max),
  }
}
