/** What happens around a line: time that passes, sleep, the network, and whether somebody looks at the page. */
import type { LineClock } from './state.ts'

/** What a window has, as far as it is needed; Node has none of it. */
export interface Surroundings {
  addEventListener?(type: string, listener: () => void, options: { readonly signal: AbortSignal }): void
  readonly document?: { readonly visibilityState: string }
}

export interface Watcher {
  /** True while the next tick should come soon. */
  isUrgent(): boolean
  tick(elapsed: number): void
  /** The machine woke, the page came into view, or the network came or went: what was true may not be any more. */
  woke(): void
}

/** Milliseconds between two looks at the clock, and while an answer is waited for. */
const TICK = 5_000
const URGENT_TICK = 1_000
/** How late a tick is after sleep. Browsers let timers of hidden pages run once a minute. */
const LATE = 10_000
const LATE_HIDDEN = 90_000

export class Watch {
  readonly #clock: LineClock
  readonly #around: Surroundings
  readonly #watcher: Watcher
  readonly #over = new AbortController()
  #timer: { clear(): void }

  constructor(clock: LineClock, around: Surroundings, watcher: Watcher) {
    this.#clock = clock
    this.#around = around
    this.#watcher = watcher
    this.#timer = this.#arm()
    const { signal } = this.#over
    const woke = (): void => {
      if (!this.#hidden) watcher.woke()
    }
    // The last is the document's, and bubbles. HTML, "page visibility"
    for (const type of ['online', 'offline', 'visibilitychange']) around.addEventListener?.(type, woke, { signal })
  }

  /** Takes the time anew, since the next tick should come sooner. */
  hasten(): void {
    this.#timer.clear()
    this.#timer = this.#arm()
  }

  stop(): void {
    this.#timer.clear()
    this.#over.abort()
  }

  get #hidden(): boolean {
    return this.#around.document?.visibilityState === 'hidden'
  }

  #arm(): { clear(): void } {
    const began = this.#clock.now()
    const planned = this.#watcher.isUrgent() ? URGENT_TICK : TICK
    return this.#clock.setTimeout(() => {
      // Who sets the clock back has not turned time back.
      const elapsed = Math.max(planned, this.#clock.now() - began)
      this.#timer = this.#arm()
      if (elapsed - planned > (this.#hidden ? LATE_HIDDEN : LATE)) this.#watcher.woke()
      else this.#watcher.tick(elapsed)
    }, planned)
  }
}
