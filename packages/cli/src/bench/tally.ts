/** What one thread counts, and how the counts of all threads become one. */
import type { Effort } from './gauge.ts'
import type { Buckets } from './latency.ts'

/** Counts since the start of a run. What was sent was answered, skipped, left unanswered, or is still in flight. */
export interface Counts {
  readonly sent: number
  /** Messages that came back as they were sent. */
  readonly answered: number
  /** Messages that a later one's answer overtook: their own never came. */
  readonly skipped: number
  /** Messages whose answer did not come before the deadline, or before the connection ended. */
  readonly unanswered: number
  /** Messages of the server that are no answer to any in flight. */
  readonly foreign: number
  /** Of these, those that came before anything had been sent: a greeting. */
  readonly greetings: number
  readonly bytesReceived: number
}

export type MutableCounts = { -readonly [K in keyof Counts]: Counts[K] }

export const noCounts = (): MutableCounts => ({
  sent: 0,
  answered: 0,
  skipped: 0,
  unanswered: 0,
  foreign: 0,
  greetings: 0,
  bytesReceived: 0,
})

/** Each count of `a`, joined with the same of `b`. */
export function combine(a: Counts, b: Counts, join: (a: number, b: number) => number): Counts {
  const result = noCounts()
  for (const name of Object.keys(result) as (keyof Counts)[]) result[name] = join(a[name], b[name])
  return result
}

/** Something that went wrong, so many times; `message` is the first of its kind. */
export interface Trouble {
  readonly kind: string
  readonly message: string
  readonly count: number
}

export class Troubles {
  readonly #byKind = new Map<string, { kind: string; message: string; count: number }>()

  add({ kind, message, count }: Trouble): void {
    const known = this.#byKind.get(kind)
    if (known === undefined) this.#byKind.set(kind, { kind, message, count })
    else known.count += count
  }

  get total(): number {
    return this.list.reduce((sum, { count }) => sum + count, 0)
  }

  /** The most frequent first. */
  get list(): readonly Trouble[] {
    return [...this.#byKind.values()].sort((a, b) => b.count - a.count)
  }
}

/** How opening the connections went. */
export interface Opening {
  readonly opened: number
  readonly failed: number
  /** Milliseconds from the first attempt to the last connection that opened. */
  readonly took: number
  readonly timesToOpen: Buckets
  /** What the first connection agreed on. */
  readonly compressed: boolean
  readonly protocol: string
}

/** How it ended: early when a person said so, or when it was plain that what comes is not what was sent. */
export type Ended = 'done' | 'stopped' | 'gave up'

/** One thread at the end. */
export interface Result {
  readonly opening: Opening
  /** Connections that ended before they were to. */
  readonly lost: number
  readonly totals: Counts
  /** The counts of the part that was measured, and what it cost the client. */
  readonly measured: Counts
  readonly effort: Effort
  readonly latency: Buckets
  /** Open loop: how much later than intended a message was sent whose connection was free. It is the client's own delay. */
  readonly lateness: Buckets
  /** Open loop: messages that were due and could never be sent, since too many were in flight. */
  readonly unsent: number
  readonly troubles: readonly Trouble[]
  readonly ended: Ended
}
