/** What a server counts of itself, and tells those who listen on its channels. */
import type { Clock } from '../connection/clock.ts'
import type { ContextBudget } from '../connection/contexts.ts'
import type { BackplaneStats, ServerStats } from '../observe/stats.ts'
import { add, type HandshakeOutcome, limitOf, Tally } from '../observe/tally.ts'
import type { Closed } from '../protocol/close.ts'
import { channels } from '../runtime/node/channels.ts'
import { LoopDelays } from '../runtime/node/loop.ts'
import type { SlowPolicy } from '../topics/rules.ts'
import type { Topics } from '../topics/topics.ts'
import type { ErrorContext } from './options.ts'
import type { ServerSocket } from './routes.ts'
import type { RouteSession } from './run.ts'

/** A request to open a line, and what is known of it. */
export interface Knock {
  /** Its number among those of the server; a socket that comes of it has it too. */
  readonly id: number
  /** When it came, by the clock of the server. */
  readonly since: number
  readonly address: string
  /** Undefined where it has none. */
  readonly url: URL | undefined
  readonly origin: string | undefined
}

/** What became of it. */
export interface Answer {
  readonly outcome: HandshakeOutcome
  readonly status?: number
  readonly reason: string
}

/** A server, which is what the channels are told. */
interface Observed {
  readonly draining: boolean
}

/** What is counted elsewhere, and gathered from there. */
export interface Sources {
  readonly sessions: ReadonlySet<RouteSession>
  readonly deciding: number
  readonly budget: ContextBudget
  readonly topics: Topics
  readonly backplane: Omit<BackplaneStats, 'downs'> | undefined
}

export class Observer {
  readonly #server: Observed
  readonly #clock: Clock
  readonly #since: number
  readonly #tally = new Tally()
  readonly #loop: LoopDelays
  #knocks = 0

  constructor(server: Observed, clock: Clock) {
    this.#server = server
    this.#clock = clock
    this.#since = clock.now()
    this.#loop = new LoopDelays(() => clock.now())
  }

  /** The number of the next request. */
  next(): number {
    return ++this.#knocks
  }

  answered({ since, ...knock }: Knock, answer: Answer): void {
    this.#tally.handshakes[answer.outcome]++
    const limit = LIMITS[answer.outcome]
    if (limit !== undefined) this.#tally.limited(limit)
    if (!channels.handshake.hasSubscribers) return
    channels.handshake.publish({ server: this.#server, ...knock, ...answer, ms: this.#clock.now() - since })
  }

  opened(socket: ServerSocket): void {
    if (channels.open.hasSubscribers) channels.open.publish({ server: this.#server, socket })
  }

  closed({ connection, socket }: RouteSession, closed: Closed): void {
    this.#tally.closed(closed, connection.traffic)
    const limit = limitOf(closed.error)
    if (limit !== undefined) this.#tellLimit(limit.option, limit.value, socket)
    if (channels.close.hasSubscribers) channels.close.publish({ server: this.#server, socket, closed })
  }

  /** A limit was passed that did not end the line. */
  limited(option: string, value: number, socket: ServerSocket): void {
    this.#tally.limited(option)
    this.#tellLimit(option, value, socket)
  }

  failed(error: unknown, context: ErrorContext): void {
    this.#tally.failed(context.phase)
    if (channels.error.hasSubscribers) channels.error.publish({ server: this.#server, error, ...context })
  }

  roundTrip(ms: number): void {
    this.#tally.roundTrips.add(ms)
  }

  /** Counted by the topics. */
  dropped(socket: ServerSocket, topic: string, policy: SlowPolicy, count: number): void {
    if (channels.drop.hasSubscribers) channels.drop.publish({ server: this.#server, socket, topic, policy, count })
  }

  /** The backplane is away, or there again. */
  turned(name: string, up: boolean, error: Error | undefined): void {
    if (!up) this.#tally.downs++
    if (!channels.backplane.hasSubscribers) return
    channels.backplane.publish({ server: this.#server, name, up, ...(error && { error }) })
  }

  drain(event: { readonly sockets: number; readonly report?: object }): void {
    if (channels.drain.hasSubscribers) channels.drain.publish({ server: this.#server, ...event })
  }

  /** No more looks: nothing measures any more. */
  stop(): void {
    this.#loop.stop()
  }

  gather({ sessions, deciding, budget, topics, backplane }: Sources): ServerStats {
    const { handshakes, closes, limits, errors, roundTrips, messages, bytes } = this.#tally
    const { drops, published, sent, pending, count, subscriptions } = topics.sums
    const { traffic, queued, ...lines } = walk(sessions)
    add(traffic.messages, messages)
    add(traffic.bytes, bytes)
    return {
      uptime: this.#clock.now() - this.#since,
      draining: this.#server.draining,
      sockets: { open: sessions.size, opened: handshakes.accepted, ...lines },
      handshakes: { ...handshakes },
      deciding,
      ...traffic,
      compressed: { received: { ...budget.received }, sent: { ...budget.sent } },
      queued: { ...queued, publications: pending },
      drops: { ...drops },
      closes: { ...closes },
      limits: { ...limits },
      errors: { ...errors },
      roundTrips: roundTrips.copy(),
      loop: this.#loop.look(),
      topics: { count, subscriptions, published, delivered: sent, historyBytes: topics.historyBytes },
      backplane: backplane && { ...backplane, downs: this.#tally.downs },
    }
  }

  #tellLimit(option: string, value: number, socket: ServerSocket): void {
    if (channels.limit.hasSubscribers) channels.limit.publish({ server: this.#server, socket, option, value })
  }
}

/** The limits that a handshake can pass. */
const LIMITS: Partial<Record<HandshakeOutcome, string>> = {
  headers: 'maxHeaders',
  timeout: 'acceptTimeout',
  full: 'maxSockets',
}

/** One look at each line. */
function walk(sessions: Iterable<RouteSession>) {
  const traffic = { messages: { received: 0, sent: 0 }, bytes: { received: 0, sent: 0 } }
  const queued = { bytes: 0, most: 0 }
  let [slow, paused] = [0, 0]
  for (const { connection } of sessions) {
    const { messages, bytes } = connection.traffic
    add(traffic.messages, messages)
    add(traffic.bytes, bytes)
    const waits = connection.queued
    queued.bytes += waits
    if (waits > queued.most) queued.most = waits
    if (connection.slow) slow++
    if (connection.paused) paused++
  }
  return { traffic, queued, slow, paused }
}
