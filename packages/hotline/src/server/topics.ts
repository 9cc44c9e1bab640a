/** Topics for the sockets of a server: a socket is a subscriber, and its queue says when it has enough. */
import type { BackplaneState } from '../backplane/exchange.ts'
import type { Clock } from '../connection/clock.ts'
import { rejected, SENT } from '../connection/deferred.ts'
import { Prepared } from '../connection/prepared.ts'
import { ClosedError, UsageError } from '../errors.ts'
import { CloseCode, fitReason } from '../protocol/close.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import { fits } from '../topics/names.ts'
import type { Publication } from '../topics/publication.ts'
import type { ReaderStats, TopicStats } from '../topics/stats.ts'
import type {
  Member,
  PresenceState,
  Published,
  Subscribed,
  SubscribeOptions,
  Subscriber,
} from '../topics/subscriber.ts'
import { Topics } from '../topics/topics.ts'
import { Joining, type Notice } from './joining.ts'
import type { Observer } from './observer.ts'
import type { ResolvedServer } from './options.ts'
import type { ServerSocket } from './routes.ts'
import { seal, sourceOf } from './sources.ts'
import type { RequestOptions } from './subprotocol/asking.ts'
import type { ResolvedTopic } from './topic-options.ts'

/** A publication as a plain socket gets it: its data alone, text as text, bytes as binary, all else as JSON. */
const plainOf = (publication: Publication): Prepared => {
  const source = sourceOf(publication)
  return new Prepared(source.bytes ?? source.text, nodeRuntime.codec)
}

/** A socket that has subscribed to something. What speaks a subprotocol writes publications in another way. */
export class SocketSubscriber implements Subscriber {
  readonly socket: ServerSocket
  readonly #home: ServerTopics
  /** Sends that wait for room in the socket's queue. */
  #waiting = 0
  #id: string | undefined

  constructor(socket: ServerSocket, home: ServerTopics) {
    this.socket = socket
    this.#home = home
  }

  /** What it is called as a member where nobody says more. */
  get id(): string {
    this.#id ??= nodeRuntime.crypto.randomBase64(12)
    return this.#id
  }

  get congested(): boolean {
    if (this.#waiting > 0) return true
    const room = this.socket.room()
    if (room === undefined) return false
    this.#waitFor(room)
    return true
  }

  send(publication: Publication): void {
    this.write(publication.form(plainOf))
  }

  /** A plain socket has no words for it. */
  passedOver(topic: string, count: number): void {
    this.#home.dropped(this.socket, topic, count)
  }

  disconnect(topic: string, reason: string): void {
    this.#home.dropped(this.socket, topic, 0)
    this.socket.close(CloseCode.tryAgainLater, fitReason(reason, nodeRuntime.codec))
  }

  /** The application has ended a subscription; a plain socket has no words for it. */
  dropped(_topic: string): void {}

  /** Nor for what becomes of the engine between the servers. */
  notice(_code: Notice): void {}

  /** A plain socket has no words for when to come back. */
  retry(): void {}

  ask(_name: string, _data: unknown, _options: RequestOptions): Promise<unknown> {
    throw new UsageError(NO_REQUESTS)
  }

  /** A pong comes when all before it has been read. */
  probe(): void {
    this.socket.ping().then(() => this.#home.core.heard(this), ignore)
  }

  protected write(message: Prepared | string | Uint8Array): void {
    const sent = this.socket.send(message)
    if (sent !== SENT) this.#waitFor(sent)
  }

  #waitFor(room: Promise<void>): void {
    this.#waiting++
    room.then(() => {
      this.#waiting--
      if (!this.congested) this.#home.core.drained(this)
    }, ignore)
  }
}

const ignore = (): void => {}

const NOTHING: Subscribed = { replayed: 0 }

type TopicsOptions = Pick<ResolvedServer, 'topics' | 'report' | 'joined'>

const NO_REQUESTS = 'this line does not speak hotline.1, so it has no requests: see the option topics of routes'

/** The topics of a server: what is in them, and what happened there. `server.topics` */
export class ServerTopics {
  /** @internal */
  readonly core: Topics
  /** @internal That of the server, for all that waits. */
  readonly clock: Clock
  readonly #options: readonly (readonly [pattern: string, topic: ResolvedTopic])[]
  /** The sockets that have subscribed to something; the others cost nothing. */
  readonly #subscribers = new Map<ServerSocket, SocketSubscriber>()
  /** @internal What is told of slow readers, limits and failures; that of the server, once there is one. */
  observer: Observer | undefined
  /** Where it is one of several. */
  readonly #joining: Joining | undefined

  /** @internal */
  constructor({ topics: options, report: told, joined }: TopicsOptions, clock: Clock) {
    const report: typeof told = (error, context) => {
      this.observer?.failed(error, context)
      told(error, context)
    }
    this.#options = options
    this.clock = clock
    this.core = new Topics({
      clock,
      random: () => nodeRuntime.crypto.randomBase64(16),
      rules: options.map(([pattern, { rules }]) => [pattern, rules] as const),
      seal,
      failed(error, subscriber) {
        const { socket } = subscriber as SocketSubscriber
        report(error, { phase: 'topic', socket })
        socket.close(CloseCode.internalError, 'the server failed')
      },
      ...(joined.backplane && {
        unread: name => this.#joining?.unread(name),
        attended: (topic, key, member) => this.#joining?.attended(topic, key, member),
      }),
    })
    const { backplane, ...rules } = joined
    const { core } = this
    if (backplane === undefined) return
    const turned = (isUp: boolean, reason?: Error): void => this.observer?.turned(backplane.name, isUp, reason)
    this.#joining = new Joining({ backplane, rules, core, clock, report, turned, subscribers: this.#subscribers })
  }

  /** @internal How the engine between the servers is; undefined where there is none. */
  get backplane(): BackplaneState | undefined {
    return this.#joining?.state
  }

  /** @internal Opens what joins it with others. */
  async open(): Promise<void> {
    await this.#joining?.open()
  }

  /** @internal Opens it, whenever it can be had. */
  openSoon(): void {
    this.#joining?.openSoon()
  }

  /** @internal Nothing is published any more. */
  async close(late: Promise<void>): Promise<void> {
    await this.#joining?.close(late)
    this.core.close()
  }

  /** The names of all topics that have subscribers, publications that are kept, or members. */
  get names(): string[] {
    return [...this.core.names()]
  }

  /** Figures of a topic; undefined when nobody and nothing is in it. */
  stats(topic: string): TopicStats | undefined {
    return this.core.stats(topic)
  }

  /** Figures of a socket; undefined when it has subscribed to nothing. */
  statsOf(socket: ServerSocket): ReaderStats | undefined {
    const subscriber = this.#subscribers.get(socket)
    return subscriber && this.core.readerStats(subscriber)
  }

  /** What a socket has subscribed to: topics, and patterns. */
  topicsOf(socket: ServerSocket): string[] {
    const subscriber = this.#subscribers.get(socket)
    return subscriber === undefined ? [] : this.core.topicsOf(subscriber)
  }

  /** Who is in a topic; nobody where its options have no presence. */
  presence(topic: string): PresenceState {
    return this.core.presence(topic)
  }

  /** @internal The options of the first pattern that a topic fits. */
  optionsOf(topic: string): ResolvedTopic | undefined {
    return this.#options.find(([pattern]) => fits(topic, pattern))?.[1]
  }

  /** @internal Makes a socket a subscriber that writes in its own way; before it has subscribed to anything. */
  add(subscriber: SocketSubscriber): void {
    this.#subscribers.set(subscriber.socket, subscriber)
  }

  /** @internal */
  subscribe(socket: ServerSocket, name: string, options: SubscribeOptions = {}): Subscribed {
    if (socket.state === 'closed') return NOTHING
    const known = this.#subscribers.get(socket)
    const subscriber = known ?? new SocketSubscriber(socket, this)
    const enter = (): Subscribed => this.#enter(subscriber, name, options)
    const subscribed = this.#joining === undefined ? enter() : this.#joining.subscribe(subscriber, name, options, enter)
    if (known === undefined) this.add(subscriber)
    return subscribed
  }

  /** @internal */
  unsubscribe(socket: ServerSocket, name: string): boolean {
    const subscriber = this.#subscribers.get(socket)
    if (subscriber === undefined) return false
    const waited = this.#joining?.cancel(subscriber, name) === true
    if (!this.core.unsubscribe(subscriber, name) && !waited) return false
    subscriber.dropped(name)
    return true
  }

  /** @internal */
  ask(socket: ServerSocket, name: string, data: unknown, options: RequestOptions): Promise<unknown> {
    const subscriber = this.#subscribers.get(socket)
    if (subscriber !== undefined) return subscriber.ask(name, data, options)
    if (socket.state === 'closed') return rejected(new ClosedError(CloseCode.abnormal, ''))
    throw new UsageError(NO_REQUESTS)
  }

  /** @internal A reader is told what was passed over for it, or is disconnected. */
  dropped(socket: ServerSocket, topic: string, count: number): void {
    this.observer?.dropped(socket, topic, this.core.rulesOf(topic).slow, count)
  }

  /** @internal The socket is about to be closed with 1012 or 1013. */
  retry(socket: ServerSocket): void {
    this.#subscribers.get(socket)?.retry()
  }

  /** @internal */
  publish(topic: string, data: unknown, except?: ServerSocket): Published {
    const leftOut = except && this.#subscribers.get(except)
    if (this.#joining !== undefined) return this.#joining.publish(topic, data, leftOut)
    return this.core.publish(topic, data, { except: leftOut })
  }

  /** @internal The socket is closed. */
  remove(socket: ServerSocket): void {
    const subscriber = this.#subscribers.get(socket)
    if (subscriber === undefined) return
    this.#subscribers.delete(socket)
    this.#joining?.remove(subscriber)
    this.core.remove(subscriber)
  }

  #enter(subscriber: SocketSubscriber, name: string, options: SubscribeOptions): Subscribed {
    const member = this.#memberOf(subscriber, name)
    return this.core.subscribe(subscriber, name, { ...options, ...(member && { member }) })
  }

  /** What the application says that a socket is, in topics that have presence. */
  #memberOf(subscriber: SocketSubscriber, name: string): Member | undefined {
    const options = this.optionsOf(name)
    if (options?.rules.presence === undefined) return undefined
    const { key, data } = options.presence
    return { key: key?.(subscriber.socket) ?? subscriber.id, data: data?.(subscriber.socket) }
  }
}
