/** The newest publications of a topic, and what of them somebody has missed. */
import type { Publication } from './publication.ts'
import type { HistoryRules, ReplayRules } from './rules.ts'
import type { Position, Unrecovered } from './subscriber.ts'

/** What is replayed, and where it begins. */
export interface Replay {
  readonly publications: readonly Publication[]
  /** The offset before that of the first publication that follows. */
  readonly offset: number
  /** Only when somebody asked for a position. */
  readonly recovered?: boolean
  readonly code?: Unrecovered
  readonly reason?: string
}

interface Entry {
  readonly publication: Publication
  readonly cost: number
  readonly at: number
}

/** From so many entries before the first one on, they are cut off. */
const TRIM = 64

export class History {
  readonly epoch: string
  readonly #rules: HistoryRules
  #entries: Entry[] = []
  #first = 0
  /** The offset of the newest publication, whether it is still here or not. */
  offset: number
  /** Bytes of all entries. */
  bytes = 0

  /** @param offset - that of the last publication before the first that is kept here */
  constructor(epoch: string, rules: HistoryRules, offset = 0) {
    this.epoch = epoch
    this.#rules = rules
    this.offset = offset
  }

  get size(): number {
    return this.#entries.length - this.#first
  }

  /** Milliseconds until the oldest one is too old; undefined when there is none, or it never is. */
  expiry(now: number): number | undefined {
    const oldest = this.#entries[this.#first]
    if (oldest === undefined || this.#rules.age === Number.POSITIVE_INFINITY) return undefined
    return Math.max(0, oldest.at + this.#rules.age - now)
  }

  /** Keeps it; its offset is the next one. */
  add(publication: Publication, cost: number, now: number, age = 0): void {
    this.offset = publication.offset as number
    this.#entries.push({ publication, cost, at: now - age })
    this.bytes += cost
    this.expire(now)
    while (this.size > this.#rules.size || this.bytes > this.#rules.bytes) this.dropOldest()
  }

  /** Drops what is too old. */
  expire(now: number): void {
    while (this.expiry(now) === 0) this.dropOldest()
  }

  dropOldest(): void {
    const entry = this.#entries[this.#first]
    if (entry === undefined) return
    this.bytes -= entry.cost
    // What is dropped is let go now, and the array is cut from time to time.
    this.#entries[this.#first++] = undefined as never
    if (this.size === 0) this.#entries = []
    else if (this.#first >= TRIM && this.#first >= this.size) this.#entries.splice(0, this.#first)
    else return
    this.#first = 0
  }

  /** What follows a position, or the newest ones where that is not asked for or cannot be had. */
  replay(since: Position | undefined, last: number, cap: ReplayRules): Replay {
    if (since === undefined) return this.#newest(last, cap)
    const why = this.#unrecovered(since, cap)
    if (why === undefined) {
      const publications = this.#after(since.offset)
      return { publications, offset: since.offset, recovered: true }
    }
    return { ...this.#newest(last, cap), recovered: false, code: why, reason: REASONS[why] }
  }

  #unrecovered({ epoch, offset }: Position, cap: ReplayRules): Unrecovered | undefined {
    if (epoch !== this.epoch) return 'epoch'
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.offset) return 'future'
    if (offset < this.offset - this.size) return 'expired'
    return this.#within(this.offset - offset, cap) < this.offset - offset ? 'cost' : undefined
  }

  #newest(last: number, cap: ReplayRules): Pick<Replay, 'publications' | 'offset'> {
    const offset = this.offset - this.#within(Math.min(last, this.size), cap)
    return { publications: this.#after(offset), offset }
  }

  /** How many of so many of the newest ones a replay may have. */
  #within(count: number, { size, bytes }: ReplayRules): number {
    let left = bytes
    let fits = 0
    while (fits < count && fits < size) {
      left -= (this.#entries[this.#entries.length - 1 - fits] as Entry).cost
      if (left < 0) break
      fits++
    }
    return fits
  }

  #after(offset: number): Publication[] {
    const count = this.offset - offset
    return count === 0 ? [] : this.#entries.slice(-count).map(({ publication }) => publication)
  }
}

const REASONS: Readonly<Record<Unrecovered, string>> = {
  epoch: 'the history that the position is of is not kept any more',
  expired: 'what was missed has gone from the history',
  future: 'there was no such offset yet',
  cost: 'what was missed is more than one replay may cost',
}
