/** A socket that sends what its side of a contract may say, and gives what the other side said once it has passed. */
import type { SchemaError } from '../errors.ts'
import { type Codec, encode } from './codec.ts'
import { readMessage } from './reader.ts'
import type { StandardSchema } from './standard.ts'

/** What a typed socket needs of the socket below it. */
export interface Line extends AsyncIterable<string | Uint8Array<ArrayBuffer>> {
  readonly state: string
  readonly bufferedAmount: number
  readonly closed: Promise<unknown>
  readonly signal: AbortSignal
  send(data: string | Uint8Array, options?: object): Promise<void>
  close(code?: number, reason?: string): Promise<unknown>
  terminate(): void
}

/** What is done with a message that does not fit, instead of closing the line. */
export type Invalid<Socket> = (socket: Socket, error: SchemaError) => unknown

/** How one end reads and writes. */
export interface Terms {
  readonly codec: Codec
  /** Of what comes; undefined when nothing may. */
  readonly schema: StandardSchema | undefined
  /** Undefined: the line is closed with the error's code and reason. */
  readonly invalid: Invalid<never> | undefined
}

/**
 * A socket whose messages are those of a contract. What it sends is checked by the compiler, what it receives by the
 * validator; a message that does not fit closes the line with 1007 and the path of what is wrong.
 */
export class TypedSocket<Sent, Received, S extends Line = Line> implements AsyncIterable<Received>, AsyncDisposable {
  /** The socket below, for what is not about messages: subprotocol, pings, streams. */
  readonly socket: S
  readonly #terms: Terms
  /** True once the line was closed for a message that did not fit: what came behind it is not looked at. */
  #refused = false

  /** @internal */
  constructor(socket: S, terms: Terms) {
    this.socket = socket
    this.#terms = terms
  }

  /** `closing` from the first close frame of either side on, `closed` when the connection has ended. */
  get state(): S['state'] {
    return this.socket.state
  }

  /** Bytes of application data that were sent and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.socket.bufferedAmount
  }

  /** Fulfilled when the line has ended, with how. Never rejects. */
  get closed(): S['closed'] {
    return this.socket.closed
  }

  /** Aborted when the line begins to close. */
  get signal(): AbortSignal {
    return this.socket.signal
  }

  /**
   * Sends one message.
   *
   * @param options - of the socket's own `send`
   * @returns a promise as the socket's own `send` gives it
   * @throws UsageError when the codec cannot write the message
   */
  send(message: Sent, options?: Parameters<S['send']>[1]): Promise<void> {
    return this.socket.send(encode(this.#terms.codec, message), options)
  }

  /** Begins the closing handshake, behind all that was sent before. */
  close(code?: number, reason?: string): ReturnType<S['close']> {
    return this.socket.close(code, reason) as ReturnType<S['close']>
  }

  /** Cuts the wire at once, without a closing handshake. */
  terminate(): void {
    this.socket.terminate()
  }

  /** The messages that fit, in the order of their arrival, until the line is closed. Reading waits for the loop. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Received, undefined> {
    for await (const data of this.socket) {
      if (this.#refused) continue
      const { schema, codec } = this.#terms
      const read = await readMessage(schema, codec, data)
      if (read.error === undefined) yield read.message as Received
      else await this.#refuse(read.error)
    }
  }

  /** Closes with 1000 and waits for the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** @internal Passes a message on when it fits; gives what the handler gives. */
  receive(data: string | Uint8Array, handle: (message: Received) => unknown): unknown {
    if (this.#refused) return undefined
    const { schema, codec } = this.#terms
    const read = readMessage(schema, codec, data)
    if (read instanceof Promise) {
      return read.then(({ error, ...rest }) =>
        error === undefined ? handle((rest as { message: Received }).message) : this.#refuse(error),
      )
    }
    return read.error === undefined ? handle(read.message as Received) : this.#refuse(read.error)
  }

  #refuse(error: SchemaError): unknown {
    const { invalid } = this.#terms
    if (invalid !== undefined) return invalid(this as never, error)
    this.#refused = true
    void this.socket.close(error.closeCode, error.reason)
    return undefined
  }
}
