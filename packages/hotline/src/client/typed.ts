/** A client's line that speaks a contract. */
import type { ClientMessage, Contract, FromServer } from '../contract/contract.ts'
import { type Invalid, TypedSocket } from '../contract/socket.ts'
import { type ClientSocket, type OpenOptions, openSocket } from './open.ts'
import { asOptions } from './options.ts'

/** A client's end of a line that speaks a contract. `socket` is the ClientSocket below. */
export type TypedClientSocket<C extends Contract> = TypedSocket<ClientMessage<C>, FromServer<C>, ClientSocket>

/** What `openTyped` takes. The contract says the subprotocols. */
export interface TypedOpenOptions<C extends Contract> extends Omit<OpenOptions, 'protocols'> {
  /**
   * Called with a message that does not fit. The line stays open.
   * @defaultValue closes with the error's `closeCode` and `reason`: 1007 and the path of what is wrong
   */
  readonly invalid?: Invalid<TypedClientSocket<C>> | undefined
}

/**
 * Opens a line as `openSocket` does, and speaks a contract on it.
 *
 * @throws as `openSocket`
 * @example
 * ```ts
 * import { openTyped } from 'hotline/client'
 * import { contract } from 'hotline/contract'
 * import { z } from 'zod'
 *
 * const greeter = contract({ client: z.object({ name: z.string() }), server: z.object({ greeting: z.string() }) })
 *
 * await using socket = await openTyped('wss://example.com/greet', greeter)
 * await socket.send({ name: 'Ada' })
 * for await (const { greeting } of socket) console.log(greeting)
 * ```
 */
export async function openTyped<C extends Contract>(
  url: string | URL,
  contract: C,
  options: TypedOpenOptions<C> = {},
): Promise<TypedClientSocket<C>> {
  const { invalid, ...rest } = asOptions(options, 'openTyped') as TypedOpenOptions<C>
  const socket = await openSocket(url, { ...rest, protocols: contract.protocols })
  return new TypedSocket(socket, { codec: contract.codecFor(socket.protocol), schema: contract.server, invalid })
}
