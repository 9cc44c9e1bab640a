/** What happens around a line: time that passes, sleep, the network, and whether somebody looks at the page. */
import type { LineClock } from './state.ts'

/** What a window has, as far as it is needed; Node has none of it. */
export interface Surroundings {
  addEventListener?: (type: string, listener: () => void) => void
  removeEventListener?: (type: string, listener: () => void) => void
  readonly document?: {
    readonly visibilityState: string
    addEventListener(type: string, listener: () => void): void
    removeEventListener(type: string, listener: () => void): void
  }
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
  #timer: { clear(): void }

  constructor(clock: LineClock, around: Surroundings, watcher: Watcher) {
    this.#clock = clock
    this.#around = around
    this.#watcher = watcher
    this.#timer = this.#arm()
    around.addEventListener?.('online', this.#woke)
    around.addEventListener?.('offline', this.#woke)
    around.document?.addEventListener('visibilitychange', this.#shown)
  }

  /** Takes the time anew, since the next tick should come sooner. */
  hasten(): void {
    this.#timer.clear()
    this.#timer = this.#arm()
  }

  stop(): void {
    this.#timer.clear()
    this.#around.removeEventListener?.('online', this.#woke)
    this.#around.removeEventListener?.('offline', this.#woke)
    this.#around.document?.removeEventListener('visibilitychange', this.#shown)
  }

  get #hidden(): boolean {
    return this.#around.document?.visibilityState === 'hidden'
  }

  readonly #woke = (): void => this.#watcher.woke()

  readonly #shown = (): void => {
    if (!this.#hidden) this.#watcher.woke()
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
