/**
 * One end of a WebSocket connection without any I/O: it reads what the peer sends, answers what the standard says
 * to answer, and keeps the closing handshake. It says whether to hang up; when is for its owner. RFC 6455 §5.5, §7
 */
import { type ProtocolError, UsageError } from '../errors.ts'
import { type Close, CloseCode, checkClose, fitReason, readClose } from './close.ts'
import { Encoder, type Output } from './encoder.ts'
import { Opcode, type Role } from './opcode.ts'
import { MAX_CONTROL, type MessageSink, Receiver } from './receiver.ts'
import type { TextCodec } from './text.ts'

/** How far the closing handshake is. RFC 6455 §7.1.2 to §7.1.5 */
export type CloseState =
  | { readonly phase: 'open' }
  /** A close frame was sent, or the connection failed before one came. */
  | { readonly phase: 'closing'; readonly sent: Close; readonly error?: ProtocolError }
  /** Both were exchanged. */
  | { readonly phase: 'closed'; readonly sent: Close; readonly received: Close }

/** What an endpoint tells its owner. None of these may throw. */
export interface EndpointSink {
  text(data: string): void
  /** The bytes belong to the sink. */
  binary(data: Uint8Array<ArrayBuffer>): void
  /** A message came that is compressed. The payload is lent until the call returns. RFC 7692 §6.2 */
  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void
  /** A pong came. The payload is lent until the call returns. */
  pong(bytes: Uint8Array, start: number, end: number): void
  /** The peer asked for the closing handshake; or it broke the standard (`error`), perhaps after we asked for it. */
  closing(close: Close, error?: ProtocolError): void
  /** Told once: nothing more is sent or read, end the transport once what is written has left. */
  hangup(): void
}

/** Where an endpoint writes. */
export interface CongestibleOutput extends Output {
  /** True while what was written waits for the peer; then only the newest pong is kept. RFC 6455 §5.5.3 */
  readonly congested: boolean
}

/** What an endpoint is told. Time is not among it: an endpoint has none. */
export interface EndpointOptions {
  readonly role: Role
  /** Bytes that a received message may have. */
  readonly maxMessage: number
  readonly codec: TextCodec
  /** Masking keys, asked for by a client only. RFC 6455 §10.3 */
  readonly randomKey: () => number
  /** True when permessage-deflate was agreed on. */
  readonly compression?: boolean
}

export class Endpoint implements MessageSink {
  readonly role: Role
  readonly #codec: TextCodec
  readonly #output: CongestibleOutput
  readonly #sink: EndpointSink
  readonly #receiver: Receiver
  readonly #encoder: Encoder
  #state: CloseState = OPEN
  #pendingPong: Uint8Array | undefined
  /** True when nothing that comes is read or answered any more. RFC 6455 §5.5.2, §7.1.7 */
  #over = false

  constructor(options: EndpointOptions, output: CongestibleOutput, sink: EndpointSink) {
    this.role = options.role
    this.#codec = options.codec
    this.#output = output
    this.#sink = sink
    this.#receiver = new Receiver(options, this)
    this.#encoder = new Encoder(options, output)
  }

  get state(): CloseState {
    return this.#state
  }

  get isOpen(): boolean {
    return this.#state === OPEN
  }

  /** Reads what the peer sent; see `Receiver.receive`. */
  receive(bytes: Uint8Array, start: number, end: number, frames?: number): number {
    return this.#receiver.receive(bytes, start, end, frames)
  }

  /** Stops reading before the next frame, so that `receive` returns early. */
  pause(): void {
    this.#receiver.pause()
  }

  resume(): void {
    this.#receiver.resume()
  }

  /** Writes a text message, or a fragment of one: the caller keeps to §5.4. Only while open. */
  sendText(data: string, opcode: Opcode = Opcode.text, final = true): void {
    this.#encoder.text(data, opcode, final)
  }

  /** Writes a binary message, or a fragment of one. The bytes are copied. Only while open. */
  sendBinary(data: Uint8Array, opcode: Opcode = Opcode.binary, final = true): void {
    this.#encoder.frame(opcode, data, 0, data.length, final)
  }

  /** Writes a message that is compressed already. Only while open, and when that was agreed on. RFC 7692 §6.1 */
  sendCompressed(opcode: Opcode, payload: Uint8Array): void {
    this.#encoder.compressed(opcode, payload)
  }

  /** Writes a ping of at most 125 bytes. Only while open. RFC 6455 §5.5.2 */
  ping(payload: Uint8Array): void {
    if (payload.length > MAX_CONTROL) throw new UsageError(`a ping carries at most ${MAX_CONTROL} bytes`)
    this.#encoder.frame(Opcode.ping, payload)
  }

  /**
   * Begins the closing handshake; without effect when it has begun. RFC 6455 §7.1.2
   *
   * @throws UsageError when the code must not be sent, or the reason does not fit
   */
  close(code: number = CloseCode.noStatus, reason = ''): void {
    checkClose({ code, reason }, this.#codec)
    if (!this.isOpen) return
    this.#sendClose({ code, reason })
  }

  /** Fails the connection: a close frame with the error's code if none is out, then hang up. RFC 6455 §7.1.7 */
  fail(error: ProtocolError): void {
    if (this.#over) return
    this.#stop()
    if (this.isOpen) this.#sendClose({ code: error.closeCode, reason: fitReason(error.message, this.#codec) }, error)
    this.#sink.closing({ code: CloseCode.abnormal, reason: '' }, error)
    this.#sink.hangup()
  }

  /** What was written has left: the pong that had to wait goes now. */
  drained(): void {
    const pong = this.#pendingPong
    if (pong === undefined) return
    this.#pendingPong = undefined
    this.#encoder.frame(Opcode.pong, pong)
  }

  /** A message arrived. After our close frame it is not delivered any more. RFC 6455 §7.1.6 */
  text(data: string): void {
    if (this.isOpen) this.#sink.text(data)
  }

  binary(data: Uint8Array<ArrayBuffer>): void {
    if (this.isOpen) this.#sink.binary(data)
  }

  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    if (this.isOpen) this.#sink.compressed(opcode, bytes, start, end)
  }

  control(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    if (opcode === Opcode.close) this.#closeFrame(readClose(bytes, start, end, this.#codec))
    else if (opcode === Opcode.pong) this.#sink.pong(bytes, start, end)
    else this.#pingFrame(bytes, start, end)
  }

  /** Answers at once, or keeps the newest for when the peer has read what waits. RFC 6455 §5.5.2, §5.5.3 */
  #pingFrame(bytes: Uint8Array, start: number, end: number): void {
    this.#pendingPong = this.#output.congested ? new Uint8Array(bytes.subarray(start, end)) : undefined
    if (this.#pendingPong === undefined) this.#encoder.frame(Opcode.pong, bytes, start, end)
  }

  /** The peer's close frame: echoed if ours is not out. RFC 6455 §5.5.1 */
  #closeFrame(received: Close): void {
    this.#stop()
    const state = this.#state
    if (state.phase === 'open') {
      this.#sendClose(received)
      this.#state = { phase: 'closed', sent: received, received }
      this.#sink.closing(received)
    } else this.#state = { phase: 'closed', sent: state.sent, received }
    this.#sink.hangup()
  }

  #stop(): void {
    this.#over = true
    this.#receiver.stop()
    this.#pendingPong = undefined
  }

  #sendClose(sent: Close, error?: ProtocolError): void {
    this.#state = error === undefined ? { phase: 'closing', sent } : { phase: 'closing', sent, error }
    this.#encoder.close(sent)
  }
}

const OPEN: CloseState = { phase: 'open' }
