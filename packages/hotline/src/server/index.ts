/** The server's end of the line: `serve`, `attach`, routes, and how to refuse. */
import { Prepared } from '../connection/prepared.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'

/**
 * Frames a message once, to be sent to many sockets: `socket.send(prepared)` neither encodes nor copies it again.
 *
 * @throws UsageError when it is neither a string nor bytes
 * @example
 * ```ts
 * import { prepare, type ServerSocket } from 'hotline/server'
 *
 * function tellAll(sockets: Iterable<ServerSocket>, news: string) {
 *   const prepared = prepare(news)
 *   for (const socket of sockets) socket.send(prepared)
 * }
 * ```
 */
export const prepare = (data: string | ArrayBufferView | ArrayBuffer): Prepared => new Prepared(data, nodeRuntime.codec)

export type { Backplane } from '../backplane/backplane.ts'
export type { BackplaneState } from '../backplane/exchange.ts'
export type { Parts } from '../connection/content.ts'
export type { DeflateOptions } from '../connection/deflate-options.ts'
export type { Message } from '../connection/inbox.ts'
export type { Heartbeat, Limits } from '../connection/limits.ts'
export type { Prepared } from '../connection/prepared.ts'
export { type Agreed, type Data, type SendOptions, Socket } from '../connection/socket.ts'
export * from '../errors.ts'
export { type Close, CloseCode, type Closed } from '../protocol/close.ts'
export type { ExtensionOffer, ExtensionParam } from '../protocol/handshake/extensions.ts'
export type { TrustProxy } from '../runtime/node/address.ts'
export type { HttpServer } from '../runtime/node/http.ts'
export { type LaneReport, lane } from '../runtime/node/probe.ts'
export type { SlowPolicy } from '../topics/rules.ts'
export type { ReaderStats, TopicStats } from '../topics/stats.ts'
export type { Position, PresenceState, Published, Subscribed, Unrecovered } from '../topics/subscriber.ts'
export type { MessagePackCodec } from '../topics/wire/msgpack.ts'
export { attach } from './attach.ts'
export type { BackplaneOptions } from './backplane-options.ts'
export type { CloseOptions, CloseReport } from './closing.ts'
export type { ErrorContext, ServerOptions } from './options.ts'
export type { OriginPolicy } from './origin.ts'
export { type Refusal, refuse } from './refuse.ts'
export type { HandshakeRequest, OpeningRequest } from './request.ts'
export type { Params } from './router.ts'
export {
  type Handlers,
  type RequestContext,
  type RequestHandler,
  type Route,
  type RouteOptions,
  type Routes,
  route,
  ServerSocket,
  type SocketFunction,
  type SubscriptionOptions,
  type Verdict,
} from './routes.ts'
export { type OwnServerOptions, type ServeOptions, serve } from './serve.ts'
export { Server } from './server.ts'
export type { RequestOptions } from './subprotocol/asking.ts'
export type { HistoryOptions, PresenceOptions, ReplayOptions, TopicOptions } from './topic-options.ts'
export type { ServerTopics } from './topics.ts'
export { type TypedHandlers, typedRoute } from './typed.ts'
export type { TypedRequests } from './typed-requests.ts'
export { TypedServerSocket } from './typed-socket.ts'
export {
  type TypedPresenceOptions,
  TypedServer,
  type TypedTopicOptions,
  type TypedTopics,
  typedServer,
  typedTopics,
} from './typed-topics.ts'
