/** What a server decides about the clients of hotline.1: what they may, what answers them, and how much they may ask for. */
import type { Form } from '../../topics/wire/form.ts'
import type { ServerSocket } from '../routes.ts'

/** What a request handler is given beside the data. */
export interface RequestContext {
  /** Aborted when the answer is not wanted any more: it was cancelled, took too long, or the line closes. */
  readonly signal: AbortSignal
}

/**
 * Answers a request of a client with what it returns. A RequestError that it throws is told to the client; of anything else
 * only that it failed.
 */
export type RequestHandler<S = ServerSocket, I = unknown, O = unknown> = (
  socket: S,
  data: I,
  context: RequestContext,
) => O | Promise<O>

/** Request handlers by the names of their requests. */
export type RequestHandlers = Readonly<Record<string, RequestHandler<never, never>>>

/** Who a subscriber is to the others. */
interface Member {
  readonly key: string
  readonly data: unknown
}

/** What clients may do with topics, and who they are there. */
export interface TopicPolicy {
  maySubscribe(socket: ServerSocket, topic: string): boolean | Promise<boolean>
  mayPublish(socket: ServerSocket, topic: string, data: unknown): boolean | Promise<boolean>
  /** Undefined where the topic has no presence. */
  memberOf(socket: ServerSocket, topic: string): Member | undefined
}

/** Where something of the application failed. */
export type FailedPhase = 'request' | 'topic'

/** What holds for every line of a route. */
export interface LineRules {
  readonly form: Form
  readonly policy: TopicPolicy
  readonly requests: RequestHandlers
  /** Milliseconds of silence after which a client may ask whether the line lives; 0: it need not. */
  readonly heartbeat: number
  readonly maxSubscriptions: number
  /** Of each end: requests whose handlers work, and requests that the peer has not answered. */
  readonly maxRequests: number
  /** Milliseconds for the answer to a request, of either end. */
  readonly requestTimeout: number
  report(error: unknown, phase: FailedPhase, socket: ServerSocket): void
}
