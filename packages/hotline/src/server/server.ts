/** A set of routes with the sockets that are open on them, and how it all ends. */
import { check, milliseconds, type Rule, type Rules, resolve } from '../connection/options.ts'
import type { Runtime } from '../connection/runtime.ts'
import type { ServerStats } from '../observe/stats.ts'
import type { Closed } from '../protocol/close.ts'
import { authorityOf, type HttpServer, onUpgrade } from '../runtime/node/http.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import type { Upgrade } from '../runtime/node/upgrade.ts'
import type { Published } from '../topics/subscriber.ts'
import { Acceptor, type AcceptorOwner, type GiveUp } from './acceptor.ts'
import { Observer } from './observer.ts'
import type { ResolvedServer } from './options.ts'
import type { ServerSocket } from './routes.ts'
import type { RouteSession } from './run.ts'
import { ServerTopics } from './topics.ts'

/** How `close` may go about it. */
export interface CloseOptions {
  /**
   * Milliseconds until the end. Handlers that run get all but the last second of it (at least half), then every socket is
   * closed with 1001; what is not closed at the end is cut.
   * @defaultValue 10 s
   */
  readonly within?: number
  /**
   * Milliseconds after which clients of hotline.1 may come back: they are told, and closed with 1012 in place of 1001.
   * @defaultValue none: they are closed with 1001, and come back when they like
   */
  readonly retryAfter?: number
}

/** What came of `close`. */
export interface CloseReport {
  /** Sockets that ended with both close frames. */
  readonly closed: number
  /** Sockets that were cut: their peer or their handler took too long. */
  readonly terminated: number
}

/** How the HTTP server below is closed: one that we made is, one that we are attached to is not. */
export interface Closer {
  /** Takes no new connections from now on. */
  stop(): void
  /** No socket is left: what is not an answer under way may end. */
  finish(): void
  /** Ends what is left, at once. */
  cut(): void
  readonly done: Promise<void>
}

const CLOSE_RULES: Rules<{ within: number; retryAfter: number | undefined }> = {
  within: milliseconds(10_000, 0),
  retryAfter: milliseconds(0, 0) as Rule<number | undefined>,
}

const CLOSING = 'the server is closing'

/** The time at the end of a close that belongs to the closing handshakes. */
const HANDSHAKES = 1_000

/** A running server. `serve` and `attach` make one. */
export class Server implements AcceptorOwner, AsyncDisposable {
  readonly #http: HttpServer
  readonly #options: ResolvedServer
  readonly #runtime: Runtime
  readonly #acceptor: Acceptor
  readonly #closer: Closer
  readonly #scheme: 'ws' | 'wss'
  readonly #sessions = new Set<RouteSession>()
  readonly #detach: () => void
  /** What is in its topics, and what happened there. */
  readonly topics: ServerTopics
  /** @internal What it counts, and tells. */
  readonly observer: Observer
  /** What ends each decision that is still to be made. */
  readonly #undecided = new Set<GiveUp>()
  #closing: Promise<CloseReport> | undefined

  /** @internal */
  constructor(
    http: HttpServer,
    options: ResolvedServer,
    scheme: 'ws' | 'wss',
    closer: Closer,
    runtime: Runtime = nodeRuntime,
  ) {
    this.#http = http
    this.#options = options
    this.#runtime = runtime
    this.#scheme = scheme
    this.#closer = closer
    this.observer = new Observer(this, runtime.clock)
    const observed = { ...options, report: this.#reporter(options.report) }
    this.topics = new ServerTopics(observed, runtime.clock, this.observer)
    this.#acceptor = new Acceptor(observed, this, this.topics, runtime)
    this.#detach = onUpgrade(http, upgrade => this.take(upgrade))
  }

  /** The server of node:http or node:https below. */
  get http(): HttpServer {
    return this.#http
  }

  /** Where it listens, such as ws://127.0.0.1:8080; undefined while it does not, or on a Unix socket. */
  get url(): string | undefined {
    const authority = authorityOf(this.#http)
    return authority === undefined ? undefined : `${this.#scheme}://${authority.host}:${authority.port}`
  }

  /** The port that it listens on. */
  get port(): number | undefined {
    return authorityOf(this.#http)?.port
  }

  /** The sockets that are open, or closing. */
  get sockets(): ReadonlySet<ServerSocket> {
    return new Set([...this.#sessions].map(session => session.socket))
  }

  /**
   * Publishes to all sockets that have subscribed, and is encoded once for all.
   *
   * @returns how many it is for, and its offset where the topic has a history
   * @throws UsageError when the name is no topic, or the data is neither text nor bytes nor what JSON can write
   * @example
   * ```ts
   * import type { Server } from 'hotline/server'
   *
   * function tell(server: Server) {
   *   const { subscribers } = server.publish('news', { title: 'hello' })
   *   console.log(`told ${subscribers}`)
   * }
   * ```
   */
  publish(topic: string, data: unknown): Published {
    return this.topics.publish(topic, data)
  }

  /**
   * The figures of this server now. Each socket and each topic is looked at once, so a look takes longer the more there are;
   * between two looks nothing is done for it. docs/guide/observing.md has what they mean, and as what Prometheus gets them.
   *
   * @example
   * ```ts
   * import type { Server } from 'hotline/server'
   *
   * function watch(server: Server) {
   *   const { sockets, messages, queued } = server.stats()
   *   console.log(`${sockets.open} sockets, ${messages.received} messages, ${queued.bytes} bytes wait`)
   * }
   * ```
   */
  stats(): ServerStats {
    return this.observer.gather({
      sessions: this.#sessions,
      deciding: this.#undecided.size,
      budget: this.#acceptor.budget,
      topics: this.topics.core,
      backplane: undefined,
    })
  }

  /** True from the call of `close` on: new requests get 503. */
  get draining(): boolean {
    return this.#closing !== undefined
  }

  /**
   * Ends everything in order: no new sockets, running handlers finish, every line closes with 1001, the rest is cut.
   * Calling it again gives the same promise.
   *
   * @throws UsageError for an unknown or wrong option, by name
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    check(options, CLOSE_RULES as never, 'close')
    this.#closing ??= this.#drain(resolve(options, CLOSE_RULES).within, options.retryAfter)
    return this.#closing
  }

  /** Cuts everything at once. */
  terminate(): void {
    for (const session of this.#sessions) session.connection.terminate()
    this.#closer.cut()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** @internal Answers a request; false when no route is for it. */
  take(upgrade: Upgrade): boolean {
    return this.#acceptor.take(upgrade)
  }

  /** @internal */
  full(): string | undefined {
    if (this.draining) return CLOSING
    return this.#sessions.size + this.#undecided.size >= this.#options.maxSockets
      ? 'too many sockets (maxSockets)'
      : undefined
  }

  /** @internal */
  deciding(giveUp: GiveUp): () => void {
    this.#undecided.add(giveUp)
    return () => this.#undecided.delete(giveUp)
  }

  /** @internal */
  opened(session: RouteSession): void {
    this.#sessions.add(session)
  }

  /** @internal */
  closed(session: RouteSession, result: Closed): void {
    this.#sessions.delete(session)
    this.observer.closed(session, result)
    this.topics.remove(session.socket)
  }

  /** Counts what fails, and tells the application. */
  #reporter(report: ResolvedServer['report']): ResolvedServer['report'] {
    return (error, context) => {
      this.observer.failed(error, context)
      report(error, context)
    }
  }

  async #drain(within: number, retryAfter: number | undefined): Promise<CloseReport> {
    const { clock } = this.#runtime
    this.observer.drain({ sockets: this.#sessions.size })
    const cut = clock.setTimeout(() => this.terminate(), within)
    this.#closer.stop()
    for (const giveUp of this.#undecided) giveUp(CLOSING)
    const sessions = [...this.#sessions]
    const patience = Math.max(within / 2, within - HANDSHAKES)
    const ends = await Promise.all(sessions.map(session => this.#closeOne(session, patience, retryAfter)))
    this.#detach()
    this.#closer.finish()
    await this.#closer.done
    cut.clear()
    this.topics.core.close()
    const closed = ends.filter(clean => clean).length
    const report = { closed, terminated: ends.length - closed }
    this.observer.drain({ sockets: 0, report })
    this.observer.stop()
    return report
  }

  /** Lets the handler finish, then closes; true when the end was clean. */
  async #closeOne(session: RouteSession, patience: number, retryAfter: number | undefined): Promise<boolean> {
    let timer: { clear(): void } | undefined
    const late = new Promise<void>(resolve => {
      timer = this.#runtime.clock.setTimeout(resolve, patience)
    })
    await Promise.race([session.whenIdle(), session.whenClosed, late])
    session.end(CLOSING, retryAfter)
    const { clean } = await session.whenClosed
    await Promise.race([session.whenIdle(), late])
    timer?.clear()
    return clean
  }
}
