/** The lines of the log: who comes and goes, who is sent away, and what goes wrong, each with the number of its line. */
import { subscribe } from 'node:diagnostics_channel'
import type { Server, ServerEvents, ServerSocket } from 'hotline/server'
import type { Level, Logger } from 'pino'

type Listener<N extends keyof ServerEvents = keyof ServerEvents> = (event: ServerEvents[N]) => void

/** Milliseconds between two lines about one slow reader: it may be passed over a thousand times in a second. */
const DROPS_EVERY = 10_000

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
export function keepJournal(log: Logger, server: () => Server | undefined): void {
  const journal = new Journal(log)
  for (const [name, listener] of Object.entries(journal.listeners)) {
    subscribe(name, event => {
      if ((event as { server: Server }).server === server()) (listener as Listener)(event as never)
    })
  }
}

class Journal {
  readonly #log: Logger
  readonly #drops = new WeakMap<ServerSocket, Drops>()
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
      else this.#log.warn({ backplane: name, why: error?.message }, 'backplane lost')
    },
  }

  constructor(log: Logger) {
    this.#log = log
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
    const line = { request: id, outcome, status, reason, path: url?.pathname, address, origin, ms: Math.round(ms) }
    this.#log[LEVELS[outcome] ?? 'info'](line, 'refused')
  }

  #opened(socket: ServerSocket): void {
    const { url, remoteAddress, origin } = socket.request
    const protocol = socket.protocol === '' ? undefined : socket.protocol
    this.#log.info({ socket: socket.id, path: url.pathname, address: remoteAddress, protocol, origin }, 'opened')
  }

  #closed({ socket, closed }: ServerEvents['hotline:server:close']): void {
    const { code, reason, clean, error } = closed
    const { messages, bytes } = socket.traffic
    const passed = this.#drops.get(socket)?.count || undefined
    const line = {
      ...{ socket: socket.id, path: socket.request.url.pathname, code, reason, clean },
      why: error?.message,
    }
    this.#log.info({ ...line, seconds: Math.round(socket.age) / 1000, messages, bytes, passed }, 'closed')
  }

  #dropped({ socket, topic, policy, count }: ServerEvents['hotline:server:drop']): void {
    const now = performance.now()
    const drops = this.#drops.get(socket) ?? { count: 0, since: Number.NEGATIVE_INFINITY }
    drops.count += count
    this.#drops.set(socket, drops)
    if (policy !== 'disconnect' && now - drops.since < DROPS_EVERY) return
    this.#log.warn({ socket: socket.id, topic, policy, count: drops.count }, 'reads too slowly')
    drops.since = now
    drops.count = 0
  }
}

/** What somebody may have to do something about. */
const LEVELS: Readonly<Record<string, Level>> = { failed: 'warn', timeout: 'warn', full: 'warn' }
