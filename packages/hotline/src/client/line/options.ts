/** What `connect` takes: declared, checked and defaulted here. */
import { UsageError } from '../../errors.ts'
import type { ClientOptions } from '../options.ts'
import type { ForEach, LineSocketClass } from './attempt.ts'
import type { Backoff } from './backoff.ts'
import type { Queue } from './outbox.ts'
import type { LineHeartbeat } from './pulse.ts'
import { type LineClock, systemClock } from './state.ts'
import type { Retry } from './verdict.ts'
import type { Surroundings } from './watch.ts'

/** Options of `connect`. */
export interface ConnectOptions {
  /**
   * The subprotocols to offer, the preferred one first. `[]` is a plain line: a server that knows none of those that are
   * offered refuses the line, as the WHATWG standard has it.
   * @defaultValue 'hotline.1'
   */
  readonly protocols?: string | readonly string[]
  /**
   * Who is asking, for servers of hotline.1: it goes with the subprotocols, not into the URL, which lands in logs. A function
   * is called for each attempt.
   * @defaultValue none
   */
  readonly token?: ForEach<string | undefined>
  /**
   * How long to wait between attempts.
   * @defaultValue up to 1 s, doubling, up to 30 s; from the beginning again after 10 s open
   */
  readonly backoff?: Partial<Backoff>
  /**
   * Whether the end of a connection is followed by another attempt: true, false, milliseconds to wait at least, or undefined
   * for what hotline thinks. `() => true` asks a server again and again that has said no.
   * @defaultValue not after 1000, 1002, 1003, 1007, 1008, 1009, 4400 to 4499, and in Node a status of 4xx but 408, 425, 429
   */
  readonly retry?: Retry
  /**
   * Milliseconds until an attempt must be open, `url` and `token` included.
   * @defaultValue 15 s
   */
  readonly attemptTimeout?: number
  /**
   * How a peer is noticed that is gone; false for not at all.
   * @defaultValue asked after 25 s of silence, given up 20 s later
   */
  readonly heartbeat?: false | Partial<LineHeartbeat>
  /**
   * What may wait to be sent, and what happens to more.
   * @defaultValue 1000 messages and 1 MiB; more is refused
   */
  readonly queue?: Partial<Queue>
  /**
   * Bytes of messages that wait to be read by the application, for each that reads; of text, its `length`. Above it the
   * oldest are dropped and told. WebSockets of browsers cannot be paused.
   * @defaultValue 16 MiB
   */
  readonly maxUnread?: number
  /** Closes the line for good. */
  readonly signal?: AbortSignal
  /**
   * Called with what your own listeners and handlers throw.
   * @defaultValue prints it with `console.error`
   */
  readonly report?: (error: unknown) => void
  /**
   * What the WebSocket class of Node takes: headers, TLS, proxies, limits. Browsers have no such thing and ignore it.
   * @defaultValue none
   */
  readonly socket?: ClientOptions
  /**
   * The class that connects.
   * @defaultValue hotline's own in Node, the browser's in browsers
   */
  readonly WebSocket?: LineSocketClass
  /**
   * Time; see `FakeClock` of hotline/testing.
   * @defaultValue the system's
   */
  readonly clock?: LineClock
  /**
   * Random numbers from 0 to 1, for the waiting times.
   * @defaultValue `Math.random`
   */
  readonly random?: () => number
}

/** All of it, with its defaults. */
export interface Resolved {
  readonly url: ForEach<string | URL>
  readonly protocols: readonly string[]
  readonly token: ForEach<string | undefined>
  readonly backoff: Backoff
  readonly retry?: Retry
  readonly attemptTimeout: number
  readonly heartbeat: LineHeartbeat | undefined
  readonly queue: Queue
  readonly maxUnread: number
  readonly signal?: AbortSignal
  readonly report: (error: unknown) => void
  readonly WebSocket: LineSocketClass
  readonly clock: LineClock
  readonly random: () => number
  readonly around: Surroundings
}

/** What `typeof` may say of each option, or the boolean that it may be, in one string: these tables go to pages, where every byte counts. */
type Kinds<T> = { readonly [K in keyof T]-?: string }

const KINDS: Kinds<ConnectOptions> = {
  protocols: 'string or object',
  token: 'string or function',
  backoff: 'object',
  retry: 'function',
  attemptTimeout: 'number',
  heartbeat: 'object or false',
  queue: 'object',
  maxUnread: 'number',
  signal: 'object',
  report: 'function',
  socket: 'object',
  WebSocket: 'function',
  clock: 'object',
  random: 'function',
}

/** The defaults of those that have one. */
export const CONNECT_DEFAULTS = {
  protocols: 'hotline.1',
  attemptTimeout: 15_000,
  maxUnread: 16_777_216,
  report: (error: unknown) => console.error(error),
  clock: systemClock,
  random: Math.random,
} satisfies ConnectOptions

export const BACKOFF: Backoff = { base: 1_000, cap: 30_000, stable: 10_000 }
export const HEARTBEAT: LineHeartbeat = { interval: 25_000, timeout: 20_000, message: undefined }
export const QUEUE: Queue = { count: 1_000, bytes: 1_048_576, policy: 'refuse' }

/** What differs between Node and browsers. */
export interface Place {
  readonly WebSocket: LineSocketClass
  readonly around: Surroundings
}

/** @throws UsageError with the name of the option that is unknown or wrong */
export function resolveConnect(url: ForEach<string | URL>, options: ConnectOptions, place: Place): Resolved {
  const own = take<ConnectOptions>('connect', KINDS, CONNECT_DEFAULTS, options) as ConnectOptions &
    typeof CONNECT_DEFAULTS
  const { heartbeat, token } = own
  const protocols: string | readonly string[] = own.protocols
  const offered = typeof protocols === 'string' ? [protocols] : [...protocols]
  if (token !== undefined && offered.length === 0)
    throw new UsageError('a token goes beside a subprotocol that the server chooses', 'token')
  const queue = take('queue', { count: 'number', bytes: 'number', policy: 'string' }, QUEUE, own.queue)
  if (!/^(refuse|drop-(old|new)est)$/.test(queue.policy))
    throw new UsageError(`queue has no policy '${queue.policy}'`, 'policy')
  return {
    ...place,
    ...own,
    url,
    token,
    protocols: offered,
    backoff: take('backoff', { base: 'number', cap: 'number', stable: 'number' }, BACKOFF, own.backoff),
    heartbeat:
      heartbeat === false
        ? undefined
        : take('heartbeat', { interval: 'number', timeout: 'number', message: 'string' }, HEARTBEAT, heartbeat),
    queue,
  }
}

function take<T extends object>(owner: string, kinds: Kinds<T>, defaults: T, given: Partial<T> = {}): T {
  const taken = { ...defaults }
  for (const name of Object.keys(given) as (keyof T & string)[]) {
    const value = given[name]
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined)
      throw new UsageError(`${owner} has no option ${name}; it has ${Object.keys(kinds).join(', ')}`, name)
    if (value === undefined) continue
    // Timers hold no more.
    const bounded = typeof value !== 'number' || (value >= 0 && value <= 2_147_483_647)
    const type = typeof value === 'boolean' ? `${value}` : typeof value
    if (value === null || !kind.includes(type) || !bounded)
      throw new UsageError(`option ${name} of ${owner} must be ${kind}${bounded ? '' : ' from 0 to 2147483647'}`, name)
    taken[name] = value as T[typeof name]
  }
  return taken
}
