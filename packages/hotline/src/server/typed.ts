/** A route that speaks a contract: its handlers get messages that fit, and its sockets send what the contract's server may. */
import type { Message } from '../connection/inbox.ts'
import type { Contract, FromClient } from '../contract/contract.ts'
import { remember } from '../contract/registry.ts'
import type { Invalid } from '../contract/socket.ts'
import type { Closed } from '../protocol/close.ts'
import type { HandshakeRequest } from './request.ts'
import type { Handlers, RouteOptions, ServerSocket, Verdict } from './routes.ts'
import { lineOptions, type TypedRequests } from './typed-requests.ts'
import { TypedServerSocket } from './typed-socket.ts'

/**
 * The handlers of a route that speaks a contract, which are those of every route. The contract says the subprotocols, and
 * whether clients of hotline.1 are taken: where it has topics or requests.
 */
export interface TypedHandlers<C extends Contract, P = Readonly<Record<string, string>>, D = unknown>
  extends Omit<RouteOptions, 'protocols' | 'requests' | 'messagePack'> {
  /** Decides before the line is open, as in every route. */
  authorize?(request: HandshakeRequest<P>): Verdict<D> | Promise<Verdict<D>>
  /**
   * What answers the requests of clients, all that the contract has of them. What does not fit is answered with `schema` and
   * the path; a reply of ours that does not fit is reported, and the client gets `failed`.
   * @defaultValue nothing: every request is answered with `unknown-request`
   */
  readonly requests?: TypedRequests<C, P, D>
  /** One function over the open socket, instead of `open`, `message` and `close`. */
  run?(socket: TypedServerSocket<C, D, P>): Promise<unknown>
  /** The line is open. No message is delivered before its promise has settled. */
  open?(socket: TypedServerSocket<C, D, P>): unknown
  /** A message came that fits. The next one waits for the promise. */
  message?(socket: TypedServerSocket<C, D, P>, message: FromClient<C>): unknown
  /**
   * A message came that does not fit. The line stays open, and the next message waits for the promise.
   * @defaultValue closes with the error's `closeCode` and `reason`: 1007 and the path of what is wrong
   */
  invalid?: Invalid<TypedServerSocket<C, D, P>> | undefined
  /** The line is closed, and all messages before have been handled. */
  close?(socket: TypedServerSocket<C, D, P>, closed: Closed): unknown
}

/**
 * Makes a route that speaks a contract: messages are decoded and validated before its handlers see them, and what does not
 * fit closes the line with 1007.
 *
 * @example
 * ```ts
 * import { contract } from 'hotline/contract'
 * import { serve, typedRoute } from 'hotline/server'
 * import { z } from 'zod'
 *
 * const greeter = contract({ client: z.object({ name: z.string() }), server: z.object({ greeting: z.string() }) })
 *
 * await using server = await serve({
 *   port: 0,
 *   routes: {
 *     '/greet': typedRoute(greeter, {
 *       message: (socket, { name }) => socket.send({ greeting: `hello ${name}` }),
 *     }),
 *   },
 * })
 * ```
 */
export function typedRoute<C extends Contract, P = Readonly<Record<string, string>>, D = unknown>(
  contract: C,
  handlers: TypedHandlers<C, P, D>,
): Handlers<P, D> {
  const { authorize, requests, run, open, message, invalid, close, ...options } = handlers
  const sockets = new WeakMap<ServerSocket<D, P>, TypedServerSocket<C, D, P>>()
  const typed = (socket: ServerSocket<D, P>): TypedServerSocket<C, D, P> => {
    const known = sockets.get(socket)
    if (known !== undefined) return known
    const codec = contract.codecFor(socket.protocol)
    const made = new TypedServerSocket<C, D, P>(socket, { codec, schema: contract.client, invalid }, contract)
    sockets.set(socket, made)
    return made
  }
  const route: Handlers<P, D> = {
    ...options,
    protocols: contract.protocols,
    ...lineOptions(contract, requests ?? {}, typed),
  }
  if (authorize !== undefined) route.authorize = request => authorize.call(handlers, request)
  if (run !== undefined) route.run = socket => run.call(handlers, typed(socket))
  else route.message = (socket, data) => receive(typed(socket), data)
  if (open !== undefined) route.open = socket => open.call(handlers, typed(socket))
  if (close !== undefined) route.close = (socket, closed) => close.call(handlers, typed(socket), closed)
  function receive(socket: TypedServerSocket<C, D, P>, data: Message): unknown {
    return socket.receive(data, received => message?.call(handlers, socket, received))
  }
  remember(route, contract)
  return route
}
