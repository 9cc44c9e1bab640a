/** The lines of the log: who comes and goes, who is sent away, and what goes wrong, each with the number of its line. */
import { subscribe } from 'node:diagnostics_channel'
import type { Server, ServerEvents, ServerSocket } from 'hotline/server'
import type { Logger } from 'pino'
import { plain } from './plain.ts'

type Listener<N extends keyof ServerEvents = keyof ServerEvents> = (event: ServerEvents[N]) => void

/** Milliseconds between two lines about one slow reader: it may be passed over a thousand times in a second. */
const DROPS_EVERY = 10_000
/** Milliseconds between two warnings of one kind: a crowd of strangers is one thing to look at, not a thousand. */
const WARN_EVERY = 10_000
/** Handshakes whose end somebody may have to do something about. */
const ALARMING: ReadonlySet<string> = new Set(['failed', 'timeout', 'full'])

/** What was passed over for a reader since the last line about it. */
interface Drops {
  count: number
  since: number
}

/**
 * Writes what the channels tell of a server, for as long as the process lives.
 *
 * @param server - the one that is written about, once there is one
 */
export function keepJournal(log: Logger, server: () => Server | undefined, now = () => performance.now()): void {
  const journal = new Journal(log, now)
  for (const [name, listener] of Object.entries(journal.listeners)) {
    subscribe(name, event => {
      if ((event as { server: Server }).server === server()) (listener as Listener)(event as never)
    })
  }
}

class Journal {
  readonly #log: Logger
  readonly #now: () => number
  readonly #drops = new WeakMap<ServerSocket, Drops>()
  readonly #warned = new Map<string, number>()
  readonly listeners: { readonly [N in keyof ServerEvents]?: Listener<N> } = {
    'hotline:server:handshake': event => this.#handshake(event),
    'hotline:server:open': ({ socket }) => this.#opened(socket),
    'hotline:server:close': event => this.#closed(event),
    // A stranger's doing, and as often as he likes: nothing that somebody has to do something about.
    'hotline:server:limit': ({ socket, option, value }) => {
      this.#log.info({ socket: socket.id, limit: option, value }, 'limit passed')
    },
    'hotline:server:drop': event => this.#dropped(event),
    'hotline:server:error': ({ error, phase, socket }) => {
      this.#log.error({ err: error, phase, socket: socket?.id }, 'a handler failed')
    },
    'hotline:server:backplane': ({ name, up, error }) => {
      if (up) this.#log.info({ backplane: name }, 'backplane there')
      else this.#log.warn({ backplane: name, why: plain(error?.message) }, 'backplane lost')
    },
  }

  constructor(log: Logger, now: () => number) {
    this.#log = log
    this.#now = now
  }

  /** The first of its kind in a while is a warning, those behind it are as other lines. */
  #level(kind: string): 'warn' | 'info' {
    const now = this.#now()
    if (now - (this.#warned.get(kind) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY) return 'info'
    this.#warned.set(kind, now)
    return 'warn'
  }

  /** Without the query, in which tokens stand. */
  #handshake({
    id,
    outcome,
    status,
    reason,
    address,
    url,
    origin,
    ms,
  }: ServerEvents['hotline:server:handshake']): void {
    if (outcome === 'accepted') return
    const who = { path: plain(url?.pathname), address: plain(address), origin: plain(origin) }
    const line = { request: id, outcome, status, reason, ...who, ms: Math.round(ms) }
    this.#log[ALARMING.has(outcome) ? this.#level(outcome) : 'info'](line, 'refused')
  }

  #opened(socket: ServerSocket): void {
    const { url, remoteAddress, origin } = socket.request
    const protocol = socket.protocol === '' ? undefined : socket.protocol
    const who = { path: plain(url.pathname), address: plain(remoteAddress), protocol, origin: plain(origin) }
    this.#log.info({ socket: socket.id, ...who }, 'opened')
  }

  #closed({ socket, closed }: ServerEvents['hotline:server:close']): void {
    const { code, reason, clean, error } = closed
    const { messages, bytes } = socket.traffic
    const passed = this.#drops.get(socket)?.count || undefined
    const line = {
      ...{ socket: socket.id, path: plain(socket.request.url.pathname), code, reason: plain(reason), clean },
      why: plain(error?.message),
    }
    this.#log.info({ ...line, seconds: Math.round(socket.age) / 1000, messages, bytes, passed }, 'closed')
  }

  #dropped({ socket, topic, policy, count }: ServerEvents['hotline:server:drop']): void {
    const now = this.#now()
    const drops = this.#drops.get(socket) ?? { count: 0, since: Number.NEGATIVE_INFINITY }
    drops.count += count
    this.#drops.set(socket, drops)
    if (policy !== 'disconnect' && now - drops.since < DROPS_EVERY) return
    const line = { socket: socket.id, topic: plain(topic), policy, count: drops.count }
    this.#log[this.#level('slow')](line, 'reads too slowly')
    drops.since = now
    drops.count = 0
  }
}
