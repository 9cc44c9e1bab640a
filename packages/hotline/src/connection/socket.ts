/** What an application holds: one end of an open line, with backpressure both ways. */
import { UsageError, WebSocketError } from '../errors.ts'
import { CloseCode, type Closed, isSendable, MAX_REASON_BYTES } from '../protocol/close.ts'
import type { ExtensionOffer } from '../protocol/handshake/extensions.ts'
import { Opcode } from '../protocol/opcode.ts'
import { portableCodec } from '../protocol/text.ts'
import { toBytes } from './bytes.ts'
import type { Connection } from './connection.ts'
import { deferred, rejected } from './deferred.ts'
import type { Message } from './inbox.ts'
import { Prepared } from './prepared.ts'
import type { Session } from './session.ts'
import { messageStreams } from './streams.ts'

/** A message whose size is not known yet: its parts become the fragments of one message. RFC 6455 §5.4 */
export type Parts = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/** What `send` takes: text, bytes in any form that JavaScript has for them, a prepared message, or parts. */
export type Data = string | ArrayBufferView | ArrayBuffer | Blob | Prepared | Parts

/** Options of `send`. */
export interface SendOptions {
  /** Stops waiting; a message that is on its way already is still sent. */
  readonly signal?: AbortSignal
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
  /** The end of what has to be sent before anything else: a Blob or parts that are still read. */
  #turn: Promise<void> | undefined
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
    return this.#connection.isOpen ? 'open' : 'closing'
  }

  /** Bytes of application data that were sent and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#connection.payloadQueued
  }

  /** Milliseconds that the last answered ping took, by the heartbeat or by `ping()`. */
  get roundTripTime(): number | undefined {
    return this.#connection.roundTripTime
  }

  /** Fulfilled when the line has ended, with how. Never rejects. */
  get closed(): Promise<Closed> {
    return this.#session.whenClosed
  }

  /** Aborted when the line begins to close: for the work that is done for its peer. */
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
   * await socket.send('hello')
   * await socket.send(new Uint8Array([1, 2, 3]))
   * ```
   */
  send(data: Data, options?: SendOptions): Promise<void> {
    if (options?.signal !== undefined) return this.#sendUnless(options.signal, data)
    if (this.#turn === undefined) {
      if (typeof data === 'string') return this.#connection.send(data)
      if (data instanceof Prepared) return this.#connection.sendPrepared(data)
      const bytes = toBytes(data)
      if (bytes !== undefined) return this.#connection.send(bytes)
    }
    return this.#sendInTurn(data)
  }

  /**
   * Pings the peer. RFC 6455 §5.5.2
   *
   * @returns the milliseconds until its pong; rejects with a ClosedError when the line closes before
   */
  ping(): Promise<number> {
    return this.#connection.ping()
  }

  /**
   * Begins the closing handshake. RFC 6455 §7.1.2
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
    this.#connection.close(code, reason)
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

  /** The messages as a stream, one chunk each; it pulls, so a slow consumer slows the peer. */
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

  /** Everything that is sent later waits until this is, so that the order stays. */
  #sendInTurn(data: Data): Promise<void> {
    const before = this.#turn ?? Promise.resolve()
    const sent = before.then(() => this.#sendSlowly(data))
    const turn = sent
      .catch(() => {})
      .then(() => {
        if (this.#turn === turn) this.#turn = undefined
      })
    this.#turn = turn
    return sent
  }

  async #sendSlowly(data: Data): Promise<void> {
    if (typeof data === 'string') return this.#connection.send(data)
    if (data instanceof Prepared) return this.#connection.sendPrepared(data)
    if (data instanceof Blob) return this.#connection.send(new Uint8Array(await data.arrayBuffer()))
    const bytes = toBytes(data)
    return bytes === undefined ? this.#sendParts(data as Parts) : this.#connection.send(bytes)
  }

  /** One fragment for each part; the last one is known when the next does not come. RFC 6455 §5.4 */
  async #sendParts(parts: Parts): Promise<void> {
    let opcode: Opcode | undefined
    let held: string | Uint8Array | undefined
    try {
      for await (const part of parts) {
        if (held !== undefined) {
          await this.#connection.send(held, opcode, false)
          opcode = Opcode.continuation
          if (typeof part !== typeof held) throw new UsageError('the parts of a message must be all text or all bytes')
        } else opcode = typeof part === 'string' ? Opcode.text : Opcode.binary
        held = part
      }
    } catch (error) {
      if (opcode === Opcode.continuation) this.#connection.close(CloseCode.internalError, 'a message broke off')
      throw error
    }
    if (held !== undefined) await this.#connection.send(held, opcode, true)
  }

  #sendUnless(signal: AbortSignal, data: Data): Promise<void> {
    const aborted = (): WebSocketError =>
      new WebSocketError('ERR_ABORTED', 'send was aborted', { cause: signal.reason })
    if (signal.aborted) return rejected(aborted())
    const waiting = deferred<void>()
    const abort = (): void => waiting.reject(aborted())
    signal.addEventListener('abort', abort, { once: true })
    this.send(data)
      .then(waiting.resolve, waiting.reject)
      .finally(() => signal.removeEventListener('abort', abort))
    return waiting.promise
  }
}
