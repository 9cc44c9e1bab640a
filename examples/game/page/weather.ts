/** A worse network than there is. As over TCP nothing is lost for good: what is lost comes late, and what follows waits for it. */

/** Milliseconds of round trip that are added, milliseconds up and down around that, and percent of messages. */
export interface Weather {
  readonly latency: number
  readonly jitter: number
  readonly loss: number
}

const FAIR: Weather = { latency: 0, jitter: 0, loss: 0 }

/** Until a sender knows that something was lost, beside the round trip. RFC 6298 §2.4 says a second; systems take 200 ms. */
const RETRANSMISSION = 200

/** One direction of the line. */
export class Way<T> {
  weather = FAIR
  readonly #arrive: (message: T) => void
  readonly #random: () => number
  /** In the order in which they were sent: none comes before the one before it. */
  #waiting: { readonly at: number; readonly message: T }[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(arrive: (message: T) => void, random: () => number = Math.random) {
    this.#arrive = arrive
    this.#random = random
  }

  send(message: T, now = performance.now()): void {
    const at = now + this.#delay()
    const late = at > now || this.#waiting.length > 0
    if (!late) this.#arrive(message)
    else this.#waiting.push({ at, message })
    if (late) this.#timer ??= this.#wait(now)
  }

  /** What is on its way is not there any more. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting = []
  }

  #delay(): number {
    const { latency, jitter, loss } = this.weather
    const usual = Math.max(latency / 2 + (this.#random() * 2 - 1) * (jitter / 2), 0)
    return this.#random() * 100 < loss ? usual + RETRANSMISSION + latency : usual
  }

  #wait(now: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#due(), this.#waiting[0].at - now)
  }

  #due(): void {
    const now = performance.now()
    while (this.#waiting.length > 0 && this.#waiting[0].at <= now) this.#arrive(this.#waiting.shift()!.message)
    this.#timer = this.#waiting.length > 0 ? this.#wait(now) : undefined
  }
}
