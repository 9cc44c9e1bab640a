/** What `connect` takes: declared, checked and defaulted here. */
import type { Form } from '../../topics/wire/form.ts'
import { jsonForm } from '../../topics/wire/json.ts'
import type { ClientOptions } from '../options.ts'
import type { Backoff } from './backoff.ts'
import type { Queue } from './outbox.ts'
import type { LineHeartbeat } from './pulse.ts'
import type { ForEach, LineSocketClass } from './socket.ts'
import { type LineClock, type LineEnd, systemClock } from './state.ts'
import type { Retry } from './verdict.ts'
import type { Surroundings } from './watch.ts'

/** Some of the fields; one that is undefined is as one that is not there. */
export type Some<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** Options of `connect`. */
export interface ConnectOptions {
  /**
   * The subprotocols to offer, the preferred one first. `[]` is a plain line: a server that knows none of those that are
   * offered refuses the line, as the WHATWG standard has it.
   * @defaultValue that of `form`: `'hotline.1'`
   */
  readonly protocols?: string | readonly string[] | undefined
  /**
   * Who is asking, for servers of hotline.1: it goes with the subprotocols, not into the URL, which lands in logs. A function
   * is called for each attempt.
   * @defaultValue none
   */
  readonly token?: ForEach<string | undefined> | undefined
  /**
   * The form of hotline.1: JSON, or what `msgpackForm` gives.
   * @defaultValue JSON
   */
  readonly form?: Form | undefined
  /**
   * How long to wait between attempts.
   * @defaultValue up to 1 s, doubling, up to 30 s; from the beginning again after 10 s open
   */
  readonly backoff?: Some<Backoff> | undefined
  /**
   * Whether the end of a connection is followed by another attempt: true, false, milliseconds to wait at least, or undefined
   * for what hotline thinks. `() => true` asks a server again and again that has said no.
   * @defaultValue not after 1000, 1002, 1003, 1007, 1008, 1009, 4400 to 4499, and in Node a status of 4xx but 408, 425, 429
   */
  readonly retry?: Retry | undefined
  /**
   * Milliseconds until an attempt must be open, `url` and `token` included.
   * @defaultValue 15 s
   */
  readonly attemptTimeout?: number | undefined
  /**
   * How a peer is noticed that is gone; false for not at all.
   * @defaultValue asked after 25 s of silence, given up 20 s later
   */
  readonly heartbeat?: false | Some<LineHeartbeat> | undefined
  /**
   * What may wait to be sent, and what happens to more.
   * @defaultValue 1000 messages and 1 MiB; more is refused
   */
  readonly queue?: Some<Queue> | undefined
  /**
   * Bytes of messages that wait to be read by the application, for each that reads; of text, its `length`; and 64 for each
   * message. Above it the oldest are dropped and told. WebSockets of browsers cannot be paused.
   * @defaultValue 16 MiB
   */
  readonly maxUnread?: number | undefined
  /** Closes the line for good. */
  readonly signal?: AbortSignal | undefined
  /**
   * Called with what your own listeners and handlers throw.
   * @defaultValue prints it with `console.error`
   */
  readonly report?: ((error: unknown) => void) | undefined
  /**
   * What the WebSocket class of Node takes: headers, TLS, proxies, limits. Browsers have no such thing and ignore it.
   * @defaultValue none
   */
  readonly socket?: ClientOptions | undefined
  /**
   * The class that connects.
   * @defaultValue hotline's own in Node, the browser's in browsers
   */
  readonly WebSocket?: LineSocketClass | undefined
  /**
   * Time; see `FakeClock` of hotline/testing.
   * @defaultValue the system's
   */
  readonly clock?: LineClock | undefined
  /**
   * Random numbers from 0 to 1, for the waiting times.
   * @defaultValue `Math.random`
   */
  readonly random?: (() => number) | undefined
}

/** All of it, with its defaults. */
export interface Resolved {
  readonly url: ForEach<string | URL>
  readonly protocols: readonly string[]
  readonly token?: ForEach<string | undefined> | undefined
  readonly form: Form
  readonly backoff: Backoff
  readonly retry?: Retry | undefined
  readonly attemptTimeout: number
  readonly heartbeat: LineHeartbeat | undefined
  readonly queue: Queue
  readonly maxUnread: number
  readonly signal?: AbortSignal | undefined
  readonly report: (error: unknown) => void
  readonly WebSocket: LineSocketClass
  readonly clock: LineClock
  readonly random: () => number
  readonly around: Surroundings
  readonly explain?: (event: object) => Partial<LineEnd>
}

/** The defaults of those that have one. */
export const CONNECT_DEFAULTS = {
  form: jsonForm,
  attemptTimeout: 15_000,
  maxUnread: 16_777_216,
  report: console.error,
  clock: systemClock,
  random: Math.random,
} satisfies ConnectOptions

export const BACKOFF: Backoff = { base: 1_000, cap: 30_000, stable: 10_000 }
export const HEARTBEAT: LineHeartbeat = { interval: 25_000, timeout: 20_000 }
export const QUEUE: Queue = { count: 1_000, bytes: 1_048_576, policy: 'refuse' }

/** What differs between Node and browsers. */
export interface Place {
  readonly WebSocket: LineSocketClass
  readonly around: Surroundings
  /** What the close event says beside the standard, in Node. */
  readonly explain?: (event: object) => Partial<LineEnd>
}

/** Fills in the defaults. Node checks the options before; pages have the compiler for that, and not a byte too much. */
export function resolveConnect(url: ForEach<string | URL>, options: ConnectOptions, place: Place): Resolved {
  const own = { ...place, ...CONNECT_DEFAULTS, ...(defined(options) as ConnectOptions) } as Place &
    Omit<ConnectOptions, keyof typeof CONNECT_DEFAULTS> & {
      readonly [K in keyof typeof CONNECT_DEFAULTS]: NonNullable<ConnectOptions[K]>
    }
  const { protocols = own.form.protocol, heartbeat } = own
  return {
    ...own,
    url,
    protocols: [protocols].flat(),
    backoff: { ...BACKOFF, ...defined(own.backoff) },
    heartbeat: heartbeat === false ? undefined : { ...HEARTBEAT, ...defined(heartbeat) },
    queue: { ...QUEUE, ...defined(own.queue) },
  }
}

/** The fields that are not undefined. */
export const defined = (fields: object = {}): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
