/** What of one topic waits for one reader: first what is replayed, then what was published meanwhile, by the policy. */
import type { Publication } from './publication.ts'
import type { TopicRules } from './rules.ts'

/** Bytes that a publication that waits takes beside its content. */
const WAITING = 64

/** Counts the bytes of all lanes of a reader. */
export interface Meter {
  bytes: number
}

export class Lane {
  readonly #rules: TopicRules
  readonly #meter: Meter
  /** Newest last. What the key is of, or a number of its own. */
  readonly #pending = new Map<unknown, Publication>()
  #replay: readonly Publication[] = []
  #replayed = 0
  /** Publications that were passed over since the reader was told. */
  passed = 0
  /** False while it waits for the next batch. */
  due: boolean

  constructor(rules: TopicRules, due: boolean, meter: Meter) {
    this.#rules = rules
    this.due = due
    this.#meter = meter
  }

  /** Publications that wait. */
  get size(): number {
    return this.#pending.size + this.#replay.length - this.#replayed
  }

  replay(publications: readonly Publication[]): void {
    this.#replay = publications
    for (const publication of publications) this.#meter.bytes += costOf(publication)
  }

  /** True when there is no room for one more without passing one over. */
  isFull(publication: Publication, room: number): boolean {
    if (this.#rules.slow === 'latest' && this.#pending.has(keyOf(publication, this.#rules))) return false
    return this.#pending.size >= this.#rules.maxPending || costOf(publication) > room
  }

  /** Adds it behind all others; one of the same key goes. The number of those that were passed over. */
  push(publication: Publication): void {
    const key = keyOf(publication, this.#rules)
    if (this.#drop(key)) this.passed++
    this.#pending.set(key, publication)
    this.#meter.bytes += costOf(publication)
  }

  /** Passes over the oldest one that may be; false when there is none. */
  passOver(): boolean {
    for (const key of this.#pending.keys()) {
      this.passed++
      return this.#drop(key)
    }
    return false
  }

  /** The next one to be sent. */
  shift(): Publication | undefined {
    const replayed = this.#replay[this.#replayed]
    if (replayed !== undefined) {
      this.#replayed++
      if (this.#replayed === this.#replay.length) {
        this.#replay = []
        this.#replayed = 0
      }
      this.#meter.bytes -= costOf(replayed)
      return replayed
    }
    for (const [key, publication] of this.#pending) {
      this.#drop(key)
      return publication
    }
    return undefined
  }

  /** Forgets all of it. */
  clear(): void {
    while (this.shift() !== undefined);
    this.passed = 0
  }

  /** True while what comes next is replayed. */
  get isReplaying(): boolean {
    return this.#replayed < this.#replay.length
  }

  #drop(key: unknown): boolean {
    const publication = this.#pending.get(key)
    if (publication === undefined) return false
    this.#pending.delete(key)
    this.#meter.bytes -= costOf(publication)
    return true
  }
}

const costOf = (publication: Publication): number => WAITING + publication.cost

/** By the policy `latest`, publications of one key replace each other. */
const keyOf = (publication: Publication, { slow, key }: TopicRules): unknown => {
  if (slow !== 'latest') return publication
  return key === undefined ? '' : publication.key
}
