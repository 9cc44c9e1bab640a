/** A feed: a price that changes at a rate, by the same steps at the same times for everybody who names the same seed. */
import { type Prepared, prepare } from 'hotline/server'

/** One change, and the forms in which it leaves, each made once for all readers. */
export class Update {
  readonly id: number
  /** Milliseconds of the server's clock. */
  readonly at: number
  readonly json: string
  #event: Buffer | undefined
  #message: Prepared | undefined

  constructor(id: number, at: number, price: number) {
    this.id = id
    this.at = Math.round(at * 100) / 100
    this.json = JSON.stringify({ id, at: this.at, price })
  }

  /** As server-sent events have it. HTML Living Standard §9.2.6 */
  get event(): Buffer {
    this.#event ??= Buffer.from(`id: ${this.id}\ndata: ${this.json}\n\n`)
    return this.#event
  }

  /** As WebSocket has it: its frame. */
  get message(): Prepared {
    this.#message ??= prepare(this.json)
    return this.#message
  }
}

/** So many updates are kept for those who ask. What is older is missed. */
export const KEPT = 1000

/** Milliseconds of a clock that all processes of a machine share. */
export function clock(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

export class Feed {
  readonly #kept: Update[] = []
  readonly #readers = new Set<(update: Update) => void>()
  readonly #random: () => number
  #timer: NodeJS.Timeout | undefined
  #interval = 0
  #due = 0
  #last = 0
  #price = 100

  constructor(seed = 1) {
    this.#random = random(seed)
  }

  /** The number of the newest update; the first one is 1. */
  get last(): number {
    return this.#last
  }

  /** Begins, or goes on at another rate: updates a second, spread by half of their distance; 0 stops. */
  run(rate: number): void {
    clearTimeout(this.#timer)
    this.#interval = 1000 / rate
    if (rate > 0) this.#plan(clock())
  }

  /** The updates behind this one, as far as they are kept. */
  after(id: number): readonly Update[] {
    return id >= this.#last ? [] : this.#kept.slice(Math.max(0, this.#kept.length - (this.#last - id)))
  }

  /** Calls for each update until the function that it returns is called, which says whether it was there yet. */
  subscribe(reader: (update: Update) => void): () => boolean {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** Calls for the next one. */
  once(reader: (update: Update) => void): () => boolean {
    const leave = this.subscribe(update => {
      leave()
      reader(update)
    })
    return leave
  }

  #plan(from: number): void {
    this.#due = from + this.#interval * (0.5 + this.#random())
    this.#wait()
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#publish(), Math.max(0, this.#due - clock()))
  }

  #publish(): void {
    const now = clock()
    if (this.#due > now) {
      this.#wait() // timers count whole milliseconds
      return
    }
    this.#price = Math.max(1, this.#price + Math.round((this.#random() - 0.5) * 200) / 100)
    const update = new Update(++this.#last, now, Math.round(this.#price * 100) / 100)
    this.#kept.push(update)
    if (this.#kept.length > KEPT) this.#kept.shift()
    for (const reader of [...this.#readers]) reader(update)
    this.#plan(this.#due)
  }
}

/** Mulberry32: small, and the same on every machine. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}
