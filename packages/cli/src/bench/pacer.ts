/** The open loop: messages are due at fixed times, whatever became of those before. */
import { Worker } from 'node:worker_threads'
import { clock } from './clock.ts'
import type { Latency } from './latency.ts'
import type { Line } from './line.ts'

/** When a metronome ticks, in milliseconds of `clock`. */
export interface Beat {
  readonly start: number
  readonly interval: number
}

/** Milliseconds between two ticks at least: messages that are due sooner leave together. */
const LEAST = 0.5

export class Pacer {
  readonly #lines: readonly Line[]
  readonly #start: number
  readonly #interval: number
  readonly #lateness: Latency
  readonly #metronome: Worker
  #next = 0
  #stopped = false

  /** The first message is due at `start`, and another one each `interval`. */
  constructor(lines: readonly Line[], { start, interval }: Beat, lateness: Latency) {
    this.#lines = lines
    this.#start = start
    this.#interval = interval
    this.#lateness = lateness
    const workerData: Beat = { start, interval: Math.max(interval, LEAST) }
    this.#metronome = new Worker(new URL('./metronome.js', import.meta.url), { workerData })
    this.#metronome.on('message', () => this.pump(clock()))
  }

  /** Sends what is due. Answers call it too: they come between the ticks. */
  pump(now: number): void {
    for (; !this.#stopped && this.#start + this.#next * this.#interval <= now; this.#next++) {
      const line = this.#lines[this.#next % this.#lines.length] as Line
      line.due++
      if (line.sent !== line.due - 1 || !line.free) continue
      const intended = this.#start + this.#next * this.#interval
      this.#lateness.record(now - intended)
      line.send(intended)
    }
  }

  /** Sends what waits for a place among those in flight. Its time counts from when it was due. */
  catchUp(line: Line): void {
    while (line.sent < line.due && line.free) line.send(this.#intended(line))
  }

  /** Nothing more is due; what was due is still sent. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#metronome.terminate()
  }

  #intended({ index, sent }: Line): number {
    return this.#start + (index + sent * this.#lines.length) * this.#interval
  }
}
