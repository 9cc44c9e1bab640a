/** What is known of a line: its states, each with what is true in it, and how a connection of it ended. */

/** How a connection ended, or an attempt that came to none. */
export interface LineEnd {
  /** Who ended it: `caller` by `close()` or the signal, else the `peer` or whatever is between. */
  readonly by: 'caller' | 'peer'
  /** The close code that the WebSocket was told: 1006 for a connection that was lost or never came about. RFC 6455 §7.1.5 */
  readonly code: number
  /** The reason beside the code; '' when there was none. */
  readonly reason: string
  /** True when the connection had been open. */
  readonly opened: boolean
  /** Why, where more is known than a code: a deadline, a silent peer, the error of `url` or `token`, in Node that of the class. */
  readonly error?: Error | undefined
  /** The HTTP status of the answer to the opening handshake, in Node. Browsers hide it. */
  readonly status?: number | undefined
  /** True when that status says no: one of 4xx but 408, 425 and 429, or 101 without a subprotocol that was offered. */
  readonly refused?: boolean | undefined
  /** Milliseconds that the server asked to wait, by `retry` of hotline.1 or by Retry-After. */
  readonly retryAfter?: number | undefined
}

/** The state of a line, with what is true in it. */
export type LineState =
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'open'; readonly protocol: string }
  /** The next attempt begins in `delay` milliseconds, or sooner when the machine wakes or the network comes back. */
  | { readonly status: 'waiting'; readonly attempt: number; readonly delay: number; readonly end: LineEnd }
  | { readonly status: 'closed'; readonly end: LineEnd }

/** The word for a state. */
export type LineStatus = LineState['status']

/** Time, as a line is given it. `FakeClock` of hotline/testing is one. */
export interface LineClock {
  /** Milliseconds. A jump of it is how sleep is noticed. */
  now(): number
  /** Calls back once after so many milliseconds. */
  setTimeout(callback: () => void, ms: number): { clear(): void }
}

/** What is longer is over at once for timers of Node and of browsers. */
export const LONGEST = 2 ** 31 - 1

/** The system's clock, whose timers keep a process alive: a line that waits is not over. */
export const systemClock: LineClock = {
  now: () => Date.now(),
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST))
    return { clear: () => clearTimeout(timer) }
  },
}
