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
  /** Of those that wait, which have others missing right before them that never came, and how many. */
  #gaps: Map<Publication, number> | undefined
  /** So many never came behind all that waits. */
  #missing = 0
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

  /** Adds it behind all others; one of the same key goes, and is passed over: then it is true. */
  push(publication: Publication): boolean {
    const key = keyOf(publication, this.#rules)
    const isPassed = this.#pass(key)
    this.#pending.set(key, publication)
    this.#meter.bytes += costOf(publication)
    if (this.#missing > 0) (this.#gaps ??= new Map()).set(publication, this.#missing)
    this.#missing = 0
    return isPassed
  }

  /** Passes over the oldest one that may be; false when there is none. */
  passOver(): boolean {
    for (const key of this.#pending.keys()) return this.#pass(key)
    return false
  }

  /** So many that come next will not: it is told behind all that waits. */
  miss(count: number): void {
    this.#missing += count
  }

  /** True when nothing waits, and nothing is to be told with the next one. */
  settle(): boolean {
    if (this.size > 0) return false
    this.passed += this.#missing
    this.#missing = 0
    return this.passed === 0
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
    for (const key of this.#pending.keys()) return this.#take(key)
    return undefined
  }

  /** Forgets all of it. */
  clear(): void {
    while (this.shift() !== undefined);
    this.passed = this.#missing = 0
  }

  /** True while what comes next is replayed. */
  get isReplaying(): boolean {
    return this.#replayed < this.#replay.length
  }

  #pass(key: unknown): boolean {
    if (this.#take(key) === undefined) return false
    this.passed++
    return true
  }

  /** It waits no more, and what is missing before it is to be told. */
  #take(key: unknown): Publication | undefined {
    const publication = this.#pending.get(key)
    if (publication === undefined) return undefined
    this.#pending.delete(key)
    this.#meter.bytes -= costOf(publication)
    this.passed += this.#gaps?.get(publication) ?? 0
    this.#gaps?.delete(publication)
    return publication
  }
}

const costOf = (publication: Publication): number => WAITING + publication.cost

/** By the policy `latest`, publications of one key replace each other. */
const keyOf = (publication: Publication, { slow, key }: TopicRules): unknown => {
  if (slow !== 'latest') return publication
  return key === undefined ? '' : publication.key
}
