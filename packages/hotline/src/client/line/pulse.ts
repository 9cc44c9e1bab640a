/**
 * Whether the peer is still there, without a timer of its own: it is told how much time has passed. Timers of pages are
 * throttled and those of machines that sleep stand still, so one late tick proves nothing: the peer is asked instead.
 */
import type { TimeoutError } from '../../errors.ts'
import { late } from './sending.ts'

/** The heartbeat of a line. */
export interface LineHeartbeat {
  /**
   * A peer that was silent for so many milliseconds is asked. A server of hotline.1 may name a shorter time.
   * @defaultValue 25 s
   */
  readonly interval: number
  /**
   * One that stays silent for so many more is given up.
   * @defaultValue 20 s
   */
  readonly timeout: number
  /**
   * What asks on a line without hotline.1: a text that the server answers by whatever message. Without one it is not asked;
   * in Node the WebSocket class has its own pings.
   * @defaultValue none
   */
  readonly message?: string | undefined
}

/** After waking or coming into view somebody is looking: then the answer has this long, or `timeout` if that is shorter. */
export const WAKE_TIMEOUT = 5_000

export interface PulseOwner {
  /** Asks the peer; false when there is nothing to ask by. */
  ask(): boolean
  /** It does not answer. */
  fail(error: TimeoutError): void
}

export class Pulse {
  readonly #timeout: number
  readonly #owner: PulseOwner
  #interval: number
  #quiet = 0
  /** While asked: for how long the answer may take, and for how long it has. */
  #limit: number | undefined
  #waited = 0

  constructor({ interval, timeout }: LineHeartbeat, owner: PulseOwner) {
    this.#interval = interval
    this.#timeout = timeout
    this.#owner = owner
  }

  /** True while an answer is waited for. */
  get asked(): boolean {
    return this.#limit !== undefined
  }

  /** The server said how long it may be silent. */
  atMost(interval: number): void {
    this.#interval = Math.min(this.#interval, interval)
  }

  /** Anything came: the peer lives. */
  heard(): void {
    this.#quiet = 0
    this.#limit = undefined
  }

  /** So much time has passed, as far as the clock knows. */
  tick(elapsed: number): void {
    if (this.#limit === undefined) {
      this.#quiet += elapsed
      if (this.#quiet >= this.#interval) this.#ask(this.#timeout)
      return
    }
    // The time of a tick that came late may have been sleep: half of the limit at most counts, so it takes a second one.
    this.#waited += Math.min(elapsed, this.#limit / 2)
    if (this.#waited < this.#limit) return
    const value = this.#limit
    this.#limit = undefined
    this.#owner.fail(late('heartbeat.timeout', value))
  }

  /** Asks at once: the machine woke, the page came into view, or the network changed. */
  probe(): void {
    this.#ask(Math.min(WAKE_TIMEOUT, this.#timeout))
  }

  /** Whoever is asked already has no more time for being asked again. */
  #ask(limit: number): void {
    if (this.#limit !== undefined && this.#limit <= limit) return
    this.#limit = limit
    this.#waited = 0
    if (!this.#owner.ask()) this.#limit = undefined
  }
}
