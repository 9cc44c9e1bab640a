/** The WebSocket class of browsers, or hotline's own, with the messages of a contract. */
import type { SchemaError } from '../errors.ts'
import { encode } from './codec.ts'
import type { ClientMessage, Contract, FromServer } from './contract.ts'
import { type Read, readMessage } from './reader.ts'
import { Sequence } from './sequence.ts'

/** What is needed of a WebSocket. */
export interface WebSocketLike {
  readonly protocol: string
  binaryType: string
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** Who takes the messages of a WebSocket. */
export interface WebSocketHandlers<C extends Contract> {
  /** A message came, and fits. */
  message(message: FromServer<C>): unknown
  /**
   * A message came that does not fit.
   * @defaultValue closes with 4400 and the reason: pages may not send the codes below 3000
   */
  invalid?(error: SchemaError): unknown
}

/** The sending half of a WebSocket with a contract. */
export interface TypedWebSocket<C extends Contract> {
  /**
   * Sends one message.
   *
   * @throws UsageError when the codec cannot write it; DOMException InvalidStateError while connecting
   */
  send(message: ClientMessage<C>): void
}

/** What pages may say of a message that they do not understand, as 1007 is for others. */
const BAD_MESSAGE = 4400

/**
 * Puts a contract on a WebSocket, in browsers and in Node. Call it in the same step in which the WebSocket is made, so that
 * no message comes before, and give the WebSocket the contract's `protocols`.
 *
 * @example
 * ```ts
 * import { WebSocket } from 'hotline'
 * import { contract, typedWebSocket } from 'hotline/contract'
 * import { z } from 'zod'
 *
 * const news = contract({ server: z.object({ headline: z.string() }) })
 * typedWebSocket(news, new WebSocket('wss://example.com/news', news.protocols), {
 *   message: ({ headline }) => console.log(headline),
 * })
 * ```
 */
export function typedWebSocket<C extends Contract>(
  contract: C,
  socket: WebSocketLike,
  handlers: WebSocketHandlers<C>,
): TypedWebSocket<C> {
  const terms = new Receiving(contract, socket, handlers as WebSocketHandlers<Contract>)
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }) => terms.take(data as string | ArrayBuffer))
  return {
    send: message => socket.send(encode(contract.codecFor(socket.protocol), message) as string),
  }
}

class Receiving {
  readonly #contract: Contract
  readonly #socket: WebSocketLike
  readonly #handlers: WebSocketHandlers<Contract>
  /** The next message waits for what a validator still looks at. */
  readonly #order = new Sequence()
  #refused = false

  constructor(contract: Contract, socket: WebSocketLike, handlers: WebSocketHandlers<Contract>) {
    this.#contract = contract
    this.#socket = socket
    this.#handlers = handlers
  }

  /** What a handler throws while a message waited stays an unhandled rejection. */
  take(data: string | ArrayBuffer): void {
    if (this.#refused) return
    void this.#order.add(
      () => this.#read(data),
      read => this.#give(read),
    )
  }

  #read(data: string | ArrayBuffer): Read | Promise<Read> {
    const codec = this.#contract.codecFor(this.#socket.protocol)
    return readMessage(this.#contract.server, codec, typeof data === 'string' ? data : new Uint8Array(data))
  }

  #give(read: Read): void {
    if (this.#refused) return
    if (read.error === undefined) this.#handlers.message(read.message as never)
    else if (this.#handlers.invalid !== undefined) this.#handlers.invalid(read.error)
    else {
      this.#refused = true
      this.#socket.close(BAD_MESSAGE, read.error.reason)
    }
  }
}
