/** The requests of a contract on a server: what clients ask is validated, and so is what they are answered. */
import type { Contract } from '../contract/contract.ts'
import { answerBy, type FromRequest, type ReplyData, type RequestName, requestOf } from '../contract/requests.ts'
import type { Handlers, RequestContext, RequestHandler, ServerSocket } from './routes.ts'
import type { TypedServerSocket } from './typed-socket.ts'

/** What answers the requests of clients: all of the contract, by their names. */
export type TypedRequests<C extends Contract, P = Readonly<Record<string, string>>, D = unknown> = {
  readonly [N in RequestName<C, 'client'>]: (
    socket: TypedServerSocket<C, D, P>,
    data: FromRequest<C, 'client', N>,
    context: RequestContext,
  ) => ReplyData<C, 'client', N> | Promise<ReplyData<C, 'client', N>>
}

/**
 * What a route is for clients of hotline.1: nothing, where the contract has neither topics nor requests.
 *
 * @throws UsageError for a request that the contract does not have
 */
export function lineOptions<C extends Contract, P, D>(
  contract: C,
  requests: Partial<TypedRequests<C, P, D>>,
  typed: (socket: ServerSocket<D, P>) => TypedServerSocket<C, D, P>,
): Pick<Handlers, 'topics' | 'requests' | 'messagePack'> {
  if (!contract.hasLines) return {}
  const { messagePack } = contract
  const answers = Object.entries(requests).map(([name, handler]): [string, RequestHandler] => {
    const parts = requestOf(contract.requests, 'client', name)
    const answer = handler as (socket: TypedServerSocket<C, D, P>, data: unknown, context: RequestContext) => unknown
    return [
      name,
      (socket, data, context) =>
        answerBy([name, parts], data, context.signal, given =>
          answer.call(requests, typed(socket as ServerSocket as ServerSocket<D, P>), given, context),
        ),
    ]
  })
  return { topics: true, requests: Object.fromEntries(answers), ...(messagePack && { messagePack }) }
}
