/** What an application holds: one end of an open line, with backpressure both ways. */
import { UsageError, WebSocketError } from '../errors.ts'
import { CloseCode, type Closed, isSendable, MAX_REASON_BYTES } from '../protocol/close.ts'
import type { ExtensionOffer } from '../protocol/handshake/extensions.ts'
import { portableCodec } from '../protocol/text.ts'
import type { Connection } from './connection.ts'
import { type Parts, toContent } from './content.ts'
import { deferred, rejected } from './deferred.ts'
import type { Message } from './inbox.ts'
import type { Prepared } from './prepared.ts'
import type { Session } from './session.ts'
import { messageStreams } from './streams.ts'
import type { Traffic } from './traffic.ts'

/** What `send` takes: text, bytes in any form that JavaScript has for them, a prepared message, or parts. */
export type Data = string | ArrayBufferView | ArrayBuffer | Blob | Prepared | Parts

/** Options of `send`. */
export interface SendOptions {
  /** Stops waiting; a message that is on its way already is still sent. */
  readonly signal?: AbortSignal
  /**
   * False keeps this one message out of compression: a secret beside text of the peer's choosing can be guessed from sizes.
   * @defaultValue true
   */
  readonly compress?: boolean
}

/** What the opening handshake agreed on. */
export interface Agreed {
  /** The chosen subprotocol; '' when none was. */
  readonly protocol: string
  readonly extensions: readonly ExtensionOffer[]
}

/**
 * One end of an open line. Messages are read with `for await`, or given to a route's handlers; text is a string and
 * binary a Uint8Array, and both belong to the receiver.
 *
 * No method throws because the line is closed: they reject with a ClosedError, or do nothing.
 */
export class Socket implements AsyncIterable<Message>, AsyncDisposable {
  readonly #session: Session
  readonly #connection: Connection
  readonly #agreed: Agreed
  #streams: ReturnType<typeof messageStreams> | undefined

  /** @internal */
  constructor(session: Session, agreed: Agreed) {
    this.#session = session
    this.#connection = session.connection
    this.#agreed = agreed
  }

  /** The chosen subprotocol; '' when none was. RFC 6455 §1.9 */
  get protocol(): string {
    return this.#agreed.protocol
  }

  /** The extensions in use, with their parameters. RFC 6455 §9.1 */
  get extensions(): readonly ExtensionOffer[] {
    return this.#agreed.extensions
  }

  /** `closing` from the first close frame of either side on, `closed` when the connection has ended. */
  get state(): 'open' | 'closing' | 'closed' {
    if (this.#session.result !== undefined) return 'closed'
    return this.#connection.sender.isOpen ? 'open' : 'closing'
  }

  /** Bytes of application data that were sent and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#connection.sender.buffered
  }

  /** @internal Undefined while there is room for a message; else what is fulfilled when there is. */
  room(): Promise<void> | undefined {
    return this.#connection.sender.room()
  }

  /** Milliseconds that the last answered ping took, by the heartbeat or by `ping()`. */
  get roundTripTime(): number | undefined {
    return this.#connection.roundTripTime
  }

  /** What this line has carried so far: for logs, and to find the one that makes the load. */
  get traffic(): Traffic {
    return this.#connection.traffic
  }

  /**
   * Fulfilled when the line has ended, with how. Never rejects. While reading is paused, since more than `highMark` of
   * messages wait unread, the peer's close frame waits behind them: read on, or give the route a handler.
   */
  get closed(): Promise<Closed> {
    return this.#session.whenClosed
  }

  /** Aborted when the line begins to close: for the work that is done for its peer. See `closed` for when that is late. */
  get signal(): AbortSignal {
    return this.#session.signal
  }

  /**
   * Sends one message: a string as text, all else as binary. What is given may be changed after the call returns.
   *
   * @returns a promise that is fulfilled when the queue for the peer is at or below `highMark`, at once as a rule;
   *   it rejects with a ClosedError, or with a LimitError when the queue passed `maxQueued`
   * @throws UsageError when the data is of another type, or lies in shared memory
   * @example
   * ```ts
   * import type { Socket } from 'hotline/client'
   *
   * async function greet(socket: Socket) {
   *   await socket.send('hello')
   *   await socket.send(new Uint8Array([1, 2, 3]))
   * }
   * ```
   */
  send(data: Data, options?: SendOptions): Promise<void> {
    if (options?.signal !== undefined) return this.#sendUnless(options.signal, data, options)
    return this.#connection.sender.send(toContent(data), options?.compress)
  }

  /**
   * Pings the peer. RFC 6455 §5.5.2 The pong is one of the things that are read: it comes late where messages wait unread.
   *
   * @returns the milliseconds until its pong; rejects with a ClosedError when the line closes before
   */
  ping(): Promise<number> {
    return this.#connection.ping()
  }

  /**
   * Begins the closing handshake, behind all that was sent before. RFC 6455 §7.1.2
   *
   * @param code - 1000 to 1003, 1007 to 1014, or 3000 to 4999
   * @param reason - at most 123 bytes of UTF-8
   * @returns how the line ended, which is at most `closeTimeout` later
   * @throws UsageError when code or reason must not be sent
   */
  close(code: number = CloseCode.normal, reason = ''): Promise<Closed> {
    if (!isSendable(code)) throw new UsageError(`close code ${code} must not be sent; use 1000 or 3000 to 4999`, 'code')
    if (portableCodec.byteLength(reason) > MAX_REASON_BYTES) {
      throw new UsageError(`the reason of a close is at most ${MAX_REASON_BYTES} bytes`, 'reason')
    }
    this.#connection.sender.close(code, reason)
    return this.closed
  }

  /** Cuts the wire at once, without a closing handshake; the peer sees 1006. */
  terminate(): void {
    this.#connection.terminate(new WebSocketError('ERR_CONNECTION', 'the socket was terminated'))
  }

  /** The messages in the order of their arrival, until the line is closed. Reading waits for the loop. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    if (this.#session.taken) throw new UsageError('the messages of this socket go to its message handler')
    return { next: () => this.#session.read(), return: async () => ({ done: true, value: undefined }) }
  }

  /** The messages as a stream, one chunk each; it pulls, so a slow consumer slows the peer. It fails when the line is lost. */
  get readable(): ReadableStream<Message> {
    this.#streams ??= messageStreams(this)
    return this.#streams.readable
  }

  /** A stream of which each chunk is sent as a message, with backpressure; closing it closes the line with 1000. */
  get writable(): WritableStream<string | ArrayBufferView | ArrayBuffer> {
    this.#streams ??= messageStreams(this)
    return this.#streams.writable
  }

  /** Closes with 1000 and waits for the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #sendUnless(signal: AbortSignal, data: Data, options: SendOptions): Promise<void> {
    const aborted = (): WebSocketError =>
      new WebSocketError('ERR_ABORTED', 'send was aborted', { cause: signal.reason })
    if (signal.aborted) return rejected(aborted())
    const waiting = deferred<void>()
    const sent = this.#connection.sender.send(toContent(data), options.compress)
    const abort = (): void => waiting.reject(aborted())
    signal.addEventListener('abort', abort, { once: true })
    sent.then(waiting.resolve, waiting.reject).finally(() => signal.removeEventListener('abort', abort))
    return waiting.promise
  }
}
