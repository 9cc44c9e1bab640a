/** A set of routes with the sockets that are open on them, and how it all ends. */
import type { BackplaneState } from '../backplane/exchange.ts'
import type { Runtime } from '../connection/runtime.ts'
import type { Session } from '../connection/session.ts'
import type { ServerStats } from '../observe/stats.ts'
import type { Closed } from '../protocol/close.ts'
import { authorityOf, type HttpServer, onUpgrade } from '../runtime/node/http.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import type { Upgrade } from '../runtime/node/upgrade.ts'
import type { Published } from '../topics/subscriber.ts'
import { Acceptor, type AcceptorOwner, type GiveUp, type Unavailable } from './acceptor.ts'
import { type CloseOptions, type CloseReport, planOf } from './closing.ts'
import { Drain } from './drain.ts'
import { Observer } from './observer.ts'
import type { ResolvedServer } from './options.ts'
import type { ServerSocket } from './routes.ts'
import type { RouteSession } from './run.ts'
import { ServerTopics } from './topics.ts'

/** How the HTTP server below is closed: one that we made is, one that we are attached to is not. */
export interface Closer {
  /** No socket is left: no new connection is taken, and what is not an answer under way may end. */
  finish(): void
  /** Ends what is left, at once. */
  cut(): void
  readonly done: Promise<void>
}

const FULL: Unavailable = { outcome: 'full', reason: 'too many sockets (maxSockets)', after: 1 }

const ignore = (): void => {}

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
  /** Lines that are open only to be told no: no sockets, but they take the room of one. */
  readonly #refusing = new Set<Session>()
  #drain: Drain | undefined

  /** @internal */
  constructor(
    http: HttpServer,
    options: ResolvedServer,
    scheme: 'ws' | 'wss',
    closer: Closer,
    runtime: Runtime = nodeRuntime,
    topics: ServerTopics = new ServerTopics(options, runtime.clock),
  ) {
    this.#http = http
    this.#options = options
    this.#runtime = runtime
    this.#scheme = scheme
    this.#closer = closer
    this.topics = topics
    this.observer = new Observer(this, runtime.clock)
    topics.observer = this.observer
    const report: ResolvedServer['report'] = (error, context) => {
      this.observer.failed(error, context)
      options.report(error, context)
    }
    this.#acceptor = new Acceptor({ ...options, report }, this, topics, runtime)
    this.#detach = onUpgrade(http, this)
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

  /** How the engine between the servers is; undefined without the option `backplane`. */
  get backplane(): BackplaneState | undefined {
    return this.topics.backplane
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
      backplane: this.backplane,
    })
  }

  /** True from the call of `close` on: a health check says that it is unready. */
  get draining(): boolean {
    return this.#drain !== undefined
  }

  /**
   * Ends everything in order: it says that it drains, takes no new sockets, lets handlers finish, closes every line, and cuts
   * the rest. Calling it again gives the same promise: what it was called with first holds.
   *
   * @throws UsageError for an unknown or wrong option, by name
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    const plan = planOf(options)
    if (this.#drain === undefined) {
      const drained = { sessions: this.#sessions, undecided: this.#undecided, terminate: () => this.terminate() }
      this.#drain = new Drain(plan, drained, this.#runtime)
      this.observer.drain({ sockets: this.#sessions.size })
      this.#drain.begin(late => this.#finish(late))
      this.#drain.report.then(report => this.observer.drain({ sockets: 0, report }), ignore)
    }
    return this.#drain.report
  }

  /** Cuts everything at once, and for good: what `close` would wait for, or waits for already, is not waited for. */
  terminate(): void {
    if (this.#drain === undefined) void this.close({ within: 0 })
    this.#drain?.cut()
    for (const session of [...this.#sessions, ...this.#refusing]) session.connection.terminate()
    this.#closer.cut()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** @internal Answers a request; false when no route is for it. */
  take(upgrade: Upgrade): boolean {
    return this.#acceptor.take(upgrade)
  }

  /** @internal Says no to a request that nobody has a route for. */
  missed(upgrade: Upgrade): void {
    this.#acceptor.missed(upgrade)
  }

  /** @internal */
  full(): Unavailable | undefined {
    const taken = this.#sessions.size + this.#undecided.size + this.#refusing.size
    const isFull = taken >= this.#options.maxSockets
    return this.#drain?.refusal() ?? (isFull ? FULL : undefined)
  }

  /** @internal */
  deciding(giveUp: GiveUp): () => void {
    this.#undecided.add(giveUp)
    return () => this.#undecided.delete(giveUp)
  }

  /** @internal */
  refusing(session: Session): void {
    this.#refusing.add(session)
    void session.whenClosed.then(() => this.#refusing.delete(session))
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
    if (this.#sessions.size === 0) this.#drain?.empty()
  }

  /** No socket is left. */
  async #finish(late: Promise<void>): Promise<void> {
    this.#detach()
    this.#closer.finish()
    await this.#closer.done
    await this.topics.close(late)
    this.observer.stop()
  }
}
