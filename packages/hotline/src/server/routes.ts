/** Routes: what a path does with the sockets that are opened on it. */
import type { Clock } from '../connection/clock.ts'
import type { DeflateOptions } from '../connection/deflate-options.ts'
import type { Message } from '../connection/inbox.ts'
import type { Limits } from '../connection/limits.ts'
import { Socket } from '../connection/socket.ts'
import type { Closed } from '../protocol/close.ts'
import { checkTopic } from '../topics/names.ts'
import { checkEvery } from '../topics/pace.ts'
import type { Published, Subscribed, SubscribeOptions } from '../topics/subscriber.ts'
import type { MessagePackCodec } from '../topics/wire/msgpack.ts'
import { Opening, type ParamsOf } from './opening.ts'
import type { OriginPolicy } from './origin.ts'
import type { Refusal } from './refuse.ts'
import type { HandshakeRequest, OpeningRequest } from './request.ts'
import type { Params } from './router.ts'
import type { RequestOptions } from './subprotocol/asking.ts'

/** What a socket needs of the topics of its server. */
interface SocketTopics {
  subscribe(socket: ServerSocket, name: string, options: SubscribeOptions): Subscribed
  unsubscribe(socket: ServerSocket, name: string): boolean
  publish(topic: string, data: unknown, except: ServerSocket | undefined): Published
  ask(socket: ServerSocket, name: string, data: unknown, options: RequestOptions): Promise<unknown>
  retry(socket: ServerSocket): void
}

/** How a socket is subscribed to a topic. */
export interface SubscriptionOptions {
  /**
   * So many of the newest publications of its history come first.
   * @defaultValue 0
   */
  readonly last?: number | undefined
  /**
   * The name is a pattern, and may have `*` in it.
   * @defaultValue false
   */
  readonly pattern?: boolean | undefined
  /**
   * Milliseconds: at most one batch in that time.
   * @defaultValue 0: as the topic has it
   */
  readonly every?: number | undefined
}

/** What all sockets of a server have in common. */
export interface Home {
  readonly paramsOf: ParamsOf
  readonly topics: SocketTopics
  readonly clock: Clock
}

/** What a socket is opened with. */
interface Beginning {
  /** The request, as it is kept. */
  readonly kept: string
  readonly home: Home
  readonly id: number
}

/** A server's end of a line. */
export class ServerSocket<D = unknown, P = Readonly<Record<string, string>>> extends Socket {
  /** What `authorize` returned; typed where the route is wrapped in `route()`, or `authorize` is a function of its own. */
  data: D
  /** Its number among the sockets and refused requests of its server, from 1 on: for logs, and to find it again. */
  readonly id: number
  /** What the sockets of a server have in common. */
  readonly #home: Home
  readonly #since: number
  /** As it is kept, until somebody looks at it. */
  #request: string | OpeningRequest<P>

  /** @internal */
  constructor(parts: ConstructorParameters<typeof Socket>, { kept, home, id }: Beginning, data: D) {
    super(...parts)
    this.data = data
    this.id = id
    this.#request = kept
    this.#home = home
    // Whole milliseconds lie in the object itself.
    this.#since = Math.round(home.clock.now())
  }

  /** Milliseconds since it was opened. */
  get age(): number {
    return this.#home.clock.now() - this.#since
  }

  /** The request that opened it. */
  get request(): OpeningRequest<P> {
    if (typeof this.#request === 'string') {
      this.#request = new Opening(this.#request, this.#home.paramsOf) as OpeningRequest as OpeningRequest<P>
    }
    return this.#request
  }

  /** The parameters of the route's pattern, decoded. */
  get params(): P {
    return this.request.params
  }

  /** The client's address, behind the proxies that `trustProxy` names. */
  get remoteAddress(): string {
    return this.request.remoteAddress
  }

  /**
   * From now on this socket is sent what is published to the topic: the data alone, text as text, bytes as binary, and all
   * else as JSON. With `pattern` the name is one, and it is sent what is published to each topic that fits; without, `*` is
   * refused, since a part of the name may be the client's choice. With `every` it is sent at most one batch in so many
   * milliseconds, where the topic's own `every` is not longer; again with another number, it has that from then on. On a
   * closed socket it does nothing.
   *
   * @returns what became of it: with `last`, how many publications of the history follow
   * @throws UsageError when the name is no topic; with `pattern`, when it is neither a topic nor a pattern; when `every` is
   *   not from 0 to 3,600,000
   * @example
   * ```ts
   * import { serve } from 'hotline/server'
   *
   * await using server = await serve({
   *   port: 0,
   *   routes: {
   *     '/chat/:room': {
   *       open: socket => socket.subscribe(`chat/${socket.params.room}`),
   *       message: (socket, text) => socket.publish(`chat/${socket.params.room}`, text),
   *     },
   *   },
   * })
   * ```
   */
  subscribe(topic: string, { pattern, last, every }: SubscriptionOptions = {}): Subscribed {
    if (pattern !== true) checkTopic(topic)
    if (every !== undefined) checkEvery(every)
    return this.#home.topics.subscribe(this as ServerSocket, topic, { last, every })
  }

  /** Ends a subscription to this very name or pattern; false when there is none. */
  unsubscribe(topic: string): boolean {
    return this.#home.topics.unsubscribe(this as ServerSocket, topic)
  }

  /**
   * Publishes to all that have subscribed, this socket too unless `self` is false.
   *
   * @throws UsageError when the name is no topic, or the data cannot be written
   */
  publish(topic: string, data: unknown, options: { readonly self?: boolean } = {}): Published {
    return this.#home.topics.publish(topic, data, options.self === false ? (this as ServerSocket) : undefined)
  }

  /**
   * Asks the client of a line that speaks hotline.1. Its answer is a message like others: `open` and the functions of the
   * option `topics` cannot wait for it, since no message is read until they have settled.
   *
   * @returns its answer; rejects with a RequestError that has the code of its refusal, with a TimeoutError, a ClosedError, or
   *   ERR_ABORTED
   * @throws UsageError when the line does not speak hotline.1, the data cannot be written, or `timeout` is no time that a
   *   timer can hold
   */
  ask(name: string, data?: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#home.topics.ask(this as ServerSocket, name, data, options)
  }

  /** A client of hotline.1 is told when to come back, before it is closed with 1012 or 1013. */
  override close(code?: number, reason?: string): Promise<Closed> {
    if (this.state === 'open' && (code === 1012 || code === 1013)) this.#home.topics.retry(this as ServerSocket)
    return super.close(code, reason)
  }
}

/** What a request handler is given beside the data, and what decides who may subscribe or publish. */
export interface RequestContext {
  /** Aborted when the answer is not wanted any more: it was cancelled, took too long, or the line closes. */
  readonly signal: AbortSignal
}

/**
 * Answers a request of a client of hotline.1 with what it returns. A RequestError that it throws is told to the client; of
 * anything else only that it failed.
 */
export type RequestHandler = (socket: ServerSocket, data: unknown, context: RequestContext) => unknown

/** What a route can set for its own sockets; what it leaves out is the server's. */
export interface RouteOptions extends Partial<Limits> {
  /**
   * The subprotocols that are supported, the preferred one first. Without one in common, the line opens without.
   * @defaultValue none
   */
  readonly protocols?: readonly string[]
  /**
   * Which pages may connect. Requests without an Origin header, which no browser sends, pass unless `requireOrigin`.
   * `any` lets every site's pages use the cookies of your users.
   * @defaultValue 'same'
   */
  readonly origin?: OriginPolicy
  /**
   * Refuses requests without an Origin header too.
   * @defaultValue false
   */
  readonly requireOrigin?: boolean
  /**
   * How a refusal of `authorize` is told: by its HTTP `status`, which browsers hide from pages; or by accepting and then
   * a `close` with 4000 + status and the reason, which pages see.
   * @defaultValue 'status'
   */
  readonly refuseBy?: 'status' | 'close'
  /**
   * Compression (permessage-deflate, RFC 7692): true, false, or its options. Without context takeover, as by default, an
   * idle line costs nothing; with it, up to 32 KiB for what a peer has sent, and 256 KiB while it is sent to.
   * @defaultValue true: messages from 1 KiB on, nothing remembered between them
   */
  readonly deflate?: boolean | DeflateOptions
  /**
   * What answers the requests of clients of hotline.1, by name.
   * @defaultValue none
   */
  readonly requests?: Readonly<Record<string, RequestHandler>>
  /**
   * Topics that one client of hotline.1 may subscribe to at a time.
   * @defaultValue 1000
   */
  readonly maxSubscriptions?: number
  /**
   * Requests of one client of hotline.1 whose handlers may work at a time, and of the server that it has not answered.
   * @defaultValue 100
   */
  readonly maxRequests?: number
  /**
   * Milliseconds for the answer to a request, of either end.
   * @defaultValue 30 s
   */
  readonly requestTimeout?: number
  /**
   * Milliseconds for a function of the option `topics` to say whether a client of hotline.1 may subscribe or publish: its
   * later messages wait so long. Then it is answered with `timeout`, and `report` is told.
   * @defaultValue 10 s
   */
  readonly permissionTimeout?: number
  /**
   * Publications a second that one client of hotline.1 may send, and as many at once; those above are answered with `limit`.
   * @defaultValue Infinity
   */
  readonly maxPublications?: number
  /**
   * Speaks hotline.1.msgpack too, by this codec, with clients that offer it: msgpackr and @msgpack/msgpack are such.
   * @defaultValue none
   */
  readonly messagePack?: MessagePackCodec
  /**
   * Milliseconds for `authorize`; then the request gets 503.
   * @defaultValue 10 s
   */
  readonly acceptTimeout?: number
}

/** What `authorize` may say: data for `socket.data` lets the peer in; a Refusal, false, null and undefined do not. */
export type Verdict<D> = D | Refusal | false | null | undefined

/** A route by handlers. They are awaited in order, one at a time for each socket; reading waits for them. */
export interface Handlers<P = Readonly<Record<string, string>>, D = unknown> extends RouteOptions {
  /**
   * Speaks hotline.1 with clients that offer it: they subscribe, publish and ask, as far as the options of the topics let
   * them. `message` gets nothing of them. Others are taken as ever.
   * @defaultValue false
   */
  readonly topics?: boolean
  /**
   * Decides before the line is open. What it returns is `socket.data`; a Refusal says no with its status, and false, null
   * and undefined say no with 403, so that a user who was not found is not let in.
   */
  authorize?(request: HandshakeRequest<P>): Verdict<D> | Promise<Verdict<D>>
  /**
   * One function over the open socket, instead of `open`, `message` and `close`: it reads with `for await`, and the line
   * closes when it returns.
   */
  run?(socket: ServerSocket<D, P>): Promise<unknown>
  /** The line is open. No message is delivered before its promise has settled. */
  open?(socket: ServerSocket<D, P>): unknown
  /** A message came. The next one waits for the promise. */
  message?(socket: ServerSocket<D, P>, message: Message): unknown
  /** The line is closed, and all messages before have been handled. */
  close?(socket: ServerSocket<D, P>, closed: Closed): unknown
}

/** A route by one function over an open socket: reading waits for it, and the line closes when it returns. */
export type SocketFunction<P = Readonly<Record<string, string>>> = (
  socket: ServerSocket<undefined, P>,
) => Promise<unknown>

/** One route. */
export type Route<P = Readonly<Record<string, string>>, D = unknown> = SocketFunction<P> | Handlers<P, D>

/** Routes by their patterns: `/echo`, `/chat/:room`, `/files/*`. */
export type Routes<D> = { readonly [Pattern in keyof D]: Route<Params<Pattern & string>, D[Pattern]> }

/**
 * Gives a route the types of its parts: `socket.data` is what an `authorize` that stands in the same object returns.
 *
 * @example
 * ```ts
 * import { refuse, route, serve } from 'hotline/server'
 *
 * await using server = await serve({
 *   port: 0,
 *   routes: {
 *     '/chat/:room': route({
 *       authorize: request => request.headers.authorization ? { name: 'Ada' } : refuse(401),
 *       message: (socket, message) => console.log(socket.data.name, socket.params.room, message),
 *     }),
 *   },
 * })
 * ```
 */
export const route = <P = Readonly<Record<string, string>>, D = unknown>(handlers: Handlers<P, D>): Handlers<P, D> =>
  handlers
