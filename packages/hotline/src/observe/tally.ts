/** What has happened at a server, counted: what is rare is counted here, what is not where it happens, and added at the end. */
import { LimitError, TimeoutError } from '../errors.ts'
import { Times } from './histogram.ts'

/**
 * How an opening handshake ended.
 *
 * | outcome | status | |
 * |---|---|---|
 * | accepted | 101 | the line is open |
 * | unknown | 404 | no route is for its path |
 * | malformed | 400, 405, 426, 505 | it was no handshake that RFC 6455 knows |
 * | headers | 431 | more than `maxHeaders` fields |
 * | origin | 403 | a page of another origin |
 * | authorize | as the application says | `authorize` said no |
 * | failed | 500 | `authorize` threw |
 * | timeout | 503 | `authorize` took longer than `acceptTimeout` |
 * | full | 503 | as many sockets as `maxSockets` |
 * | draining | 503 | the server is closing |
 * | gone | none | the client went before it had an answer |
 */
export type HandshakeOutcome = keyof typeof NO_HANDSHAKES

const NO_HANDSHAKES = {
  accepted: 0,
  unknown: 0,
  malformed: 0,
  headers: 0,
  origin: 0,
  authorize: 0,
  failed: 0,
  timeout: 0,
  full: 0,
  draining: 0,
  gone: 0,
}

/** Codes of the standard and its registry, each by itself. RFC 6455 §7.4.1 */
const KNOWN = new Set([1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015])

/** A peer may choose from two thousand codes; a label has few values. */
function closeLabel(code: number): string {
  if (KNOWN.has(code)) return String(code)
  return code >= 3000 && code <= 4999 ? `${Math.floor(code / 1000)}xxx` : 'other'
}

/** A line that has ended. */
interface Ended {
  readonly code: number
  readonly error?: Error | undefined
}

/** What a line has carried. */
interface Carried {
  readonly messages: { readonly received: number; readonly sent: number }
  readonly bytes: { readonly received: number; readonly sent: number }
}

export class Tally {
  readonly handshakes = { ...NO_HANDSHAKES }
  readonly closes: Record<string, number> = Object.create(null)
  readonly limits: Record<string, number> = Object.create(null)
  readonly errors: Record<string, number> = Object.create(null)
  readonly roundTrips = new Times()
  /** How often the backplane was lost. */
  downs = 0
  /** Of lines that have ended. */
  readonly messages = { received: 0, sent: 0 }
  readonly bytes = { received: 0, sent: 0 }

  closed({ code, error }: Ended, carried: Carried): void {
    count(this.closes, closeLabel(code))
    const limit = limitOf(error)
    if (limit !== undefined) this.limited(limit.option)
    add(this.messages, carried.messages)
    add(this.bytes, carried.bytes)
  }

  /** @param option - a name of our own, never one that a peer sends */
  limited(option: string): void {
    count(this.limits, option)
  }

  failed(phase: string): void {
    count(this.errors, phase)
  }
}

/** The limit that ended a line, where it was one. */
export const limitOf = (error: unknown): { readonly option: string; readonly value: number } | undefined =>
  error instanceof LimitError || error instanceof TimeoutError ? error.limit : undefined

function count(record: Record<string, number>, name: string): void {
  record[name] = (record[name] ?? 0) + 1
}

/** Adds what has gone each way. */
export function add(sum: { received: number; sent: number }, more: Readonly<typeof sum>): void {
  sum.received += more.received
  sum.sent += more.sent
}
