/** What one lane has come to since the sliders were moved. */
import type { Counts, Told } from '../words.ts'

/** Milliseconds up to which something happens at once, as people feel it. Miller 1968, Nielsen 1993 */
const LATE = 100

/** So many ages are remembered for the percentiles. */
const AGES = 500

/** The figures of now. Ages are milliseconds. */
export interface Figures {
  readonly received: number
  readonly late: number
  readonly missed: number
  readonly requests: number
  /** Bytes until the first update could come. */
  readonly opening: number
  readonly p50: number | undefined
  readonly p99: number | undefined
  /** For each update that was published. */
  readonly bytes: number | undefined
  readonly bytesPerSecond: number | undefined
  readonly requestsPerSecond: number | undefined
}

const NONE: Counts = { requests: 0, bytes: 0 }

export class LaneFigures {
  #ages: number[] = []
  #received = 0
  #late = 0
  #missed = 0
  /** The newest update that is known; nothing before the first one is missed. */
  #last = 0
  #base: Counts = NONE
  #counts: Counts = NONE
  #opening = 0
  #basePublished = 0
  #published = 0
  #since: number | undefined
  #now = 0

  /** An update of such an age. True when it was not there before. */
  hear({ id }: Told, age: number): boolean {
    if (id <= this.#last) return false
    this.#missed += id - this.#last - 1
    this.#last = id
    this.#received++
    if (age > LATE) this.#late++
    this.#ages.push(age)
    if (this.#ages.length > AGES) this.#ages.shift()
    return true
  }

  /** What the server has counted so far; `now` is the page's time in milliseconds. */
  count(counts: Counts, published: number, now: number): void {
    this.#counts = counts
    this.#published = published
    this.#now = now
    // Before there is anything to tell, it is the opening: whoever stays pays that once.
    if (published === 0) {
      this.#base = counts
      this.#opening = counts.bytes
    }
    if (published === 0 || this.#since === undefined) this.#since = now
  }

  /** Begins anew; on a fresh feed, its first update has the number 1. */
  reset(fresh: boolean): void {
    this.#ages = []
    this.#received = this.#late = this.#missed = 0
    this.#since = undefined
    if (fresh) {
      this.#last = this.#published = 0
      this.#counts = NONE
    }
    this.#base = this.#counts
    this.#basePublished = this.#published
  }

  get view(): Figures {
    const sorted = this.#ages.toSorted((a, b) => a - b)
    const at = (part: number): number | undefined => sorted[Math.floor((sorted.length - 1) * part)]
    const requests = this.#counts.requests - this.#base.requests
    const bytes = this.#counts.bytes - this.#base.bytes
    const seconds = (this.#now - (this.#since ?? this.#now)) / 1000
    const part = (of: number, by: number): number | undefined => (by > 0 ? of / by : undefined)
    return {
      received: this.#received,
      late: this.#late,
      missed: this.#missed,
      requests,
      opening: this.#opening,
      p50: at(0.5),
      p99: at(0.99),
      bytes: part(bytes, this.#published - this.#basePublished),
      bytesPerSecond: part(bytes, seconds),
      requestsPerSecond: part(requests, seconds),
    }
  }
}
