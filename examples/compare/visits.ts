/** Pages that compare: each has a feed and counters, as long as its line is open, and there are so many at most. */
import { randomUUID } from 'node:crypto'
import type { ServerSocket } from 'hotline/server'
import { clock, Feed } from './feed.ts'
import type { Exchange } from './meter.ts'
import { type Counts, type FromPage, LANES, type Lane, RATE, type ToPage } from './words.ts'

/** Pages at a time. */
const MOST = 100
/** Requests and lines that a page may have open in one lane: more than one while it begins again. */
const OPEN = 3
/** Milliseconds between two reports. */
const REPORT = 250

export class Visits {
  readonly #visits = new Map<string, Visit>()

  get full(): boolean {
    return this.#visits.size >= MOST
  }

  get(id: string): Visit | undefined {
    return this.#visits.get(id)
  }

  open(line: ServerSocket): Visit {
    const visit = new Visit(line, () => this.#visits.delete(visit.id))
    this.#visits.set(visit.id, visit)
    return visit
  }

  close(): void {
    for (const visit of this.#visits.values()) visit.close()
  }
}

export class Visit {
  /** Not to be guessed, so that nobody uses what is another's. */
  readonly id = randomUUID()
  readonly feed = new Feed()
  readonly #line: ServerSocket
  readonly #lanes = new Map(LANES.map(lane => [lane, new LaneCounts()]))
  readonly #timer: NodeJS.Timeout
  readonly #gone: () => void

  constructor(line: ServerSocket, gone: () => void) {
    this.#line = line
    this.#gone = gone
    this.#timer = setInterval(() => this.#report(), REPORT)
    this.#say({ visit: this.id })
  }

  /** A request or a line of this page in a lane; false when it has too many there. */
  begin(lane: Lane, exchange: Exchange): boolean {
    return this.#lanes.get(lane)?.begin(exchange) ?? false
  }

  /** What the page said; what is no word of it is answered with one. */
  heard(text: string): void {
    const { rate, ping }: FromPage = parsed(text)
    if (isRate(rate)) this.feed.run(rate)
    else if (typeof ping === 'number') this.#say({ pong: ping, now: clock() })
    else this.#say({ wrong: `rate must be updates a second from ${RATE.min} to ${RATE.max}` })
  }

  /** The page is gone: so is all that it had open. */
  close(): void {
    clearInterval(this.#timer)
    for (const lane of this.#lanes.values()) lane.cut()
    this.feed.run(0)
    this.#gone()
  }

  #report(): void {
    const counts = [...this.#lanes].map(([lane, { counts }]) => [lane, counts] as const)
    this.#say({ published: this.feed.last, lanes: Object.fromEntries(counts) as Record<Lane, Counts> })
  }

  #say(word: ToPage): void {
    void this.#line.send(JSON.stringify(word))
  }
}

/** What was asked for in a lane, and what it took. */
class LaneCounts {
  #requests = 0
  #bytes = 0
  #open: Exchange[] = []

  begin(exchange: Exchange): boolean {
    this.#settle()
    if (this.#open.length >= OPEN) return false
    this.#open.push(exchange)
    this.#requests++
    return true
  }

  get counts(): Counts {
    this.#settle()
    return { requests: this.#requests, bytes: this.#open.reduce((sum, { bytes }) => sum + bytes, this.#bytes) }
  }

  cut(): void {
    for (const exchange of this.#open) exchange.cut()
  }

  #settle(): void {
    for (const { over, bytes } of this.#open) if (over) this.#bytes += bytes
    this.#open = this.#open.filter(({ over }) => !over)
  }
}

const isRate = (rate: unknown): rate is number => typeof rate === 'number' && rate >= RATE.min && rate <= RATE.max

function parsed(text: string): FromPage {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
