/** Calls back so many times a second, by the clock and not by its timers: what comes late is caught up, and nothing drifts. */

/** Time in milliseconds, and a timer. */
export interface Time {
  now(): number
  later(call: () => void, milliseconds: number): () => void
}

export const systemTime: Time = {
  now: () => performance.now(),
  later(call, milliseconds) {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
}

/** Half a second. After a longer sleep the rest is forgiven: who cannot keep up does not get further behind by trying. */
const CATCH_UP = 15
/** Beats from which the rate is taken. */
const SPAN = 60

export class Metronome {
  readonly #beat: () => void
  readonly #period: number
  readonly #time: Time
  #due = 0
  #cancel: (() => void) | undefined
  #beats: number[] = []
  /** Beats that were forgiven. */
  missed = 0

  constructor(beat: () => void, period: number, time: Time = systemTime) {
    this.#beat = beat
    this.#period = period
    this.#time = time
  }

  get running(): boolean {
    return this.#cancel !== undefined
  }

  /** True within a beat that another one follows at once: it is being caught up. */
  get behind(): boolean {
    return this.#due <= this.#time.now()
  }

  /** Beats a second, over the last two seconds or so. */
  get rate(): number {
    const [first, last] = [this.#beats[0], this.#beats.at(-1)]
    return this.#beats.length < 2 ? 0 : ((this.#beats.length - 1) * 1000) / Math.max(last! - first!, 1)
  }

  start(): void {
    if (this.running) return
    this.#beats = []
    this.#due = this.#time.now() + this.#period
    this.#wait()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #wait(): void {
    this.#cancel = this.#time.later(() => this.#wake(), Math.max(this.#due - this.#time.now(), 1))
  }

  #wake(): void {
    for (let beats = 0; beats < CATCH_UP && this.running && this.#due <= this.#time.now(); beats++) {
      this.#due += this.#period
      this.#note()
      this.#beat()
    }
    if (!this.running) return
    this.#forgive()
    this.#wait()
  }

  #forgive(): void {
    const behind = Math.floor((this.#time.now() - this.#due) / this.#period) + 1
    if (behind <= 0) return
    this.missed += behind
    this.#due += behind * this.#period
  }

  #note(): void {
    this.#beats.push(this.#time.now())
    if (this.#beats.length > SPAN) this.#beats.shift()
  }
}
