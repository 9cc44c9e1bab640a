/** What `close` of a server takes, and what it tells. */
import { check, milliseconds, type Rule, type Rules, resolve } from '../connection/options.ts'
import { UsageError } from '../errors.ts'

/** How `close` may go about it. */
export interface CloseOptions {
  /**
   * Milliseconds from the call to the end, `notice` and `spread` included. Of what these two leave, handlers that run get all
   * but the last second (at least half) to finish; what is not closed at the end is cut.
   * @defaultValue 10 s, and as much more as `notice` and `spread` take
   */
  readonly within?: number
  /**
   * Milliseconds in which the server says that it is `draining` and does all else as before, new sockets included: for load
   * balancers that look only every few seconds whether it is ready.
   * @defaultValue 0
   */
  readonly notice?: number
  /**
   * Milliseconds over which the sockets are closed, evenly and in a random order, with 1012: their clients do not all come to
   * the next server at once.
   * @defaultValue none: all at once, with 1001
   */
  readonly spread?: number
  /**
   * Milliseconds after which clients may come back: those of hotline.1 are told so much and up to half as much again, each
   * another time; requests that are refused, by Retry-After. Sockets are closed with 1012 in place of 1001.
   * @defaultValue none; 0 with `spread`
   */
  readonly retryAfter?: number
}

/** What came of `close`. Each socket that was open after `notice` is one of `closed`, `left` and `terminated`. */
export interface CloseReport {
  /** Sockets that the server closed, and that ended with both close frames. */
  readonly closed: number
  /** Sockets that had ended, by their peer or by a handler, before the server closed them. */
  readonly left: number
  /** Sockets that were cut: their peer or their handler took too long. */
  readonly terminated: number
  /** Sockets among them that were closed or cut while a handler still worked for them. */
  readonly unfinished: number
  /** Requests for a socket that got 503. */
  readonly refused: number
  /** How long it took, from the call on. */
  readonly seconds: number
}

/** The options, decided. */
export interface Plan {
  readonly within: number
  readonly notice: number
  readonly spread: number
  /** Undefined when nobody says that the server comes back. */
  readonly retryAfter: number | undefined
}

type Given = { [K in keyof CloseOptions]-?: number | undefined }

const optional: Rule<number | undefined> = { ...milliseconds(0, 0), fallback: undefined }

const CLOSE_RULES: Rules<Given> = { within: optional, notice: optional, spread: optional, retryAfter: optional }

/** Milliseconds beside `notice` and `spread`, where nothing else was said. */
const WITHIN = 10_000

/** Timers hold no more. */
const LONGEST = 2_147_483_647

/** @throws UsageError for an unknown or wrong option, by name */
export function planOf(options: CloseOptions): Plan {
  check(options, CLOSE_RULES as never, 'close')
  const given = resolve<Given>(options as Partial<Given>, CLOSE_RULES)
  const { notice = 0, spread = 0 } = given
  const least = notice + spread
  const { within = Math.min(least + WITHIN, LONGEST) } = given
  if (within < least) {
    throw new UsageError(
      `option within of close must have room for notice and spread: ${least}, not ${within}`,
      'within',
    )
  }
  const retryAfter = given.retryAfter ?? (given.spread === undefined ? undefined : 0)
  return { within, notice, spread, retryAfter }
}
