/**
 * An endpoint, a transport and a clock joined: bytes go to the endpoint, what it writes goes out in one write for each
 * chunk or tick, and the deadlines that the standard leaves to the implementation are kept. RFC 6455 §7
 */
import { ClosedError, LimitError, ProtocolError, UsageError, type WebSocketError } from '../errors.ts'
import type { Closed } from '../protocol/close.ts'
import { CloseCode } from '../protocol/close.ts'
import { Endpoint, type EndpointSink } from '../protocol/endpoint.ts'
import { Opcode, type Role } from '../protocol/opcode.ts'
import type { Compression } from './compression.ts'
import { Deadlines } from './deadlines.ts'
import { type Deferred, deferred, rejected, SENT } from './deferred.ts'
import { Heartbeat, type Pulse } from './heartbeat.ts'
import { Intake, type IntakeOwner, Pause } from './intake.ts'
import type { Limits } from './limits.ts'
import { lost, outcomeOf } from './outcome.ts'
import { OutputQueue } from './output.ts'
import type { Prepared } from './prepared.ts'
import type { Flushable, Runtime } from './runtime.ts'
import type { Transport, TransportHandler } from './transport.ts'

/** What a connection tells the socket that it belongs to. None of these may throw. */
export interface ConnectionOwner {
  text(data: string): void
  binary(data: Uint8Array<ArrayBuffer>): void
  /** The closing handshake has begun, by either side or by a fault: nothing can be sent any more. */
  closing(): void
  /** It is over. Called once, last. */
  closed(result: Closed): void
}

export interface ConnectionParts {
  readonly role: Role
  readonly transport: Transport
  readonly runtime: Runtime
  readonly limits: Limits
  /** What permessage-deflate came to; undefined when it was not agreed on. */
  readonly compression?: Compression | undefined
}

export class Connection implements EndpointSink, TransportHandler, IntakeOwner, Pulse, Flushable {
  readonly #transport: Transport
  readonly #runtime: Runtime
  readonly #limits: Limits
  readonly #compression: Compression | undefined
  readonly #owner: ConnectionOwner
  readonly #output: OutputQueue
  readonly #endpoint: Endpoint
  readonly #heartbeat: Heartbeat
  /** Made when the first of them begins. */
  #deadlines: Deadlines | undefined
  readonly #intake: Intake

  #flushing = false
  #room: Deferred<void> | undefined
  #hungUp = false
  #peerEnded = false
  /** True once nothing can be sent any more, whatever the closing handshake says. */
  #lost = false
  /** The first fault that was seen, for `Closed.error`. */
  #fault: Error | undefined
  #result: Closed | undefined

  constructor({ role, transport, runtime, limits, compression }: ConnectionParts, owner: ConnectionOwner) {
    this.#transport = transport
    this.#runtime = runtime
    this.#limits = limits
    this.#compression = compression
    this.#owner = owner
    this.#output = new OutputQueue(runtime.slabs, transport)
    const { codec, randomKey } = runtime
    const options = {
      role,
      codec,
      randomKey,
      maxMessage: limits.maxMessage,
      compression: compression !== undefined,
    }
    this.#endpoint = new Endpoint(options, this.#output, this)
    this.#intake = new Intake(this.#endpoint, transport, this)
    this.#heartbeat = new Heartbeat(runtime, limits.heartbeat, this)
    if (limits.idleTimeout > 0) this.#deadlines = new Deadlines(runtime.clock, limits, this)
    compression?.reserve()
  }

  /** Begins to read: first what came behind the opening handshake. RFC 6455 §4.1, §4.2.2 */
  start(head: Uint8Array): void {
    if (head.length > 0) this.data(head, 0, head.length)
    if (this.#result !== undefined) return
    this.#transport.open(this)
    if (this.paused) this.#transport.pause()
  }

  get isOpen(): boolean {
    return this.#endpoint.isOpen && !this.#lost
  }

  get paused(): boolean {
    return this.#intake.paused
  }

  /** Bytes on the wire side of `send()` that the system has not taken: frames with their headers. */
  get queued(): number {
    return this.#output.queued
  }

  /** Of these, application data. */
  get payloadQueued(): number {
    return this.#output.payloadQueued
  }

  get roundTripTime(): number | undefined {
    return this.#heartbeat.roundTripTime
  }

  /** Sends a whole message, compressed where that was agreed on and pays. Resolves when the queue is at or below its mark. */
  send(data: string | Uint8Array, compress = true): Promise<void> {
    if (!this.isOpen) return rejected(this.closedError())
    if (!this.#admits(data)) return rejected(this.#overflow())
    if (compress && this.#compression?.wants(data.length)) {
      return this.#sendDeflated(data, this.#compression.deflate(data))
    }
    return this.#sendPlain(data)
  }

  /** Sends a message that `sendsLater`: it is compressed by a thread. Nothing else may be sent until it has resolved. */
  async sendLater(data: string | Uint8Array): Promise<void> {
    if (!this.isOpen) return rejected(this.closedError())
    const deflated = await this.#compression?.deflateLater(data)
    if (!this.isOpen) return rejected(this.closedError())
    if (!this.#admits(deflated ?? data)) return rejected(this.#overflow())
    return this.#sendDeflated(data, deflated)
  }

  /** True for a message so big that compressing it would hold up everybody else. */
  sendsLater(content: string | Uint8Array | Prepared): boolean {
    return this.#compression?.isLater(content) === true
  }

  /** Sends a fragment of a message; the caller keeps to RFC 6455 §5.4. */
  sendFragment(data: string | Uint8Array, opcode: Opcode, final: boolean): Promise<void> {
    if (!this.isOpen) return rejected(this.closedError())
    if (!this.#admits(data)) return rejected(this.#overflow())
    return this.#sendPlain(data, opcode, final)
  }

  /** Sends a message that is framed already and shared with others. Resolves as `send` does. */
  sendPrepared(prepared: Prepared, compress = true): Promise<void> {
    if (this.#endpoint.role === 'client') throw new UsageError('a prepared message is for the sockets of a server')
    if (!this.isOpen) return rejected(this.closedError())
    const frame = (compress ? this.#compression?.frameOf(prepared) : undefined) ?? prepared.frame
    if (!this.#admits(frame)) return rejected(this.#overflow())
    this.#output.append(frame, prepared.content.length)
    return this.#sent()
  }

  /** Sends a prepared message that `sendsLater`, as `sendLater` does. */
  async sendPreparedLater(prepared: Prepared): Promise<void> {
    await this.#compression?.prepareLater(prepared)
    return this.sendPrepared(prepared)
  }

  /**
   * Undefined when so many bytes more may wait behind those that wait for their turn already; else the line fails with
   * the error.
   */
  refusal(waiting: number, size: number): LimitError | undefined {
    return this.#hasRoom(this.queued + waiting, size) ? undefined : this.#overflow()
  }

  /** Pings the peer; the promise gives the milliseconds until its pong. */
  ping(): Promise<number> {
    if (!this.isOpen) return rejected(this.closedError())
    return this.#admits(NOTHING) ? this.#heartbeat.ping() : rejected(this.#overflow())
  }

  /** Begins the closing handshake; it ends with the wire cut after `closeTimeout`. RFC 6455 §7.1.2 */
  close(code?: number, reason?: string): void {
    if (!this.isOpen) return
    this.#endpoint.close(code, reason)
    this.#due.closing()
    this.#flushSoon()
    this.#owner.closing()
    this.#intake.readOn()
  }

  /** Begins the closing handshake when what is still being read has been sent; `closeTimeout` runs from now on. */
  closeAfter(sending: Promise<void>, code: number, reason: string): void {
    this.#due.closing()
    sending.then(() => this.close(code, reason))
  }

  /** The error that a send gets when nothing can be sent any more. */
  closedError(): ClosedError {
    const state = this.#endpoint.state
    const begun = this.#result === undefined && state.phase === 'closing' ? state.sent : undefined
    const { code, reason } = begun ?? this.#result ?? outcomeOf(state, this.#fault)
    return new ClosedError(code, reason, this.#fault === undefined ? undefined : { cause: this.#fault })
  }

  /** Fails the connection: a close frame with the error's code, then the end. RFC 6455 §7.1.7 */
  fail(error: ProtocolError): void {
    if (!this.isOpen) return
    this.#endpoint.fail(error)
    this.#flushSoon()
  }

  /** Cuts the wire at once, without a closing handshake. */
  terminate(fault?: Error): void {
    if (this.#result !== undefined) return
    this.#fault ??= fault
    this.#lost = true
    this.#intake.stop()
    this.#output.discard()
    this.#transport.destroy()
  }

  pauseReading(): void {
    this.#intake.pause(Pause.inbox)
  }

  resumeReading(): void {
    this.#heartbeat.resumed()
    this.#intake.resume(Pause.inbox)
  }

  /** The clock's turn to write what the tick has gathered. */
  flush(): void {
    this.#flushing = false
    this.#output.flush()
    if (this.#output.queued > 0) this.#due.writing()
    else if (this.#hungUp) this.#end()
  }

  // TransportHandler

  data(bytes: Uint8Array, start: number, end: number): void {
    this.#heartbeat.heard()
    this.#intake.take(bytes, start, end)
  }

  written(): void {
    this.#deadlines?.progressed()
    this.#output.flush()
    if (!this.#output.congested) {
      this.#endpoint.drained()
      this.#output.flush()
    }
    const { queued } = this.#output
    if (queued <= this.#limits.highMark) this.#makeRoom()
    if (queued === 0 && this.#hungUp) this.#end()
  }

  ended(): void {
    this.#peerEnded = true
    if (this.#intake.inflating) return
    this.#intake.readOn()
    this.#lost = true
    if (!this.#hungUp) {
      this.#fault ??= lost('the peer ended the connection without a closing handshake')
      this.#output.discard()
    }
    this.#due.closing()
    if (!this.#hungUp || this.#output.queued === 0) this.#transport.end()
    this.#owner.closing()
  }

  closed(error?: Error): void {
    if (this.#result !== undefined) return
    if (error !== undefined) this.#fault ??= lost(error.message, error)
    const result = outcomeOf(this.#endpoint.state, this.#fault)
    this.#result = result
    this.#lost = true
    this.#intake.readOn()
    this.#due.stop()
    this.#compression?.release()
    this.#output.discard()
    this.#heartbeat.stop(this.closedError())
    this.#room?.reject(this.closedError())
    this.#owner.closing()
    this.#owner.closed(result)
  }

  // EndpointSink

  text(data: string): void {
    this.#deadlines?.active()
    this.#owner.text(data)
  }

  binary(data: Uint8Array<ArrayBuffer>): void {
    this.#deadlines?.active()
    this.#owner.binary(data)
  }

  /** Small ones are inflated at once, big ones by a thread while reading waits, so that the order stays. RFC 7692 §6.2 */
  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    const compression = this.#compression as Compression
    const payload = bytes.subarray(start, end)
    if (compression.inflatesLater(payload.length)) {
      this.#inflateLater(compression, opcode, new Uint8Array(payload))
      return
    }
    try {
      this.#inflated(opcode, compression.inflate(payload))
    } catch (error) {
      this.#endpoint.fail(error as ProtocolError)
    }
  }

  pong(bytes: Uint8Array, start: number, end: number): void {
    this.#heartbeat.pong(bytes, start, end)
  }

  closing(_close: unknown, error?: ProtocolError): void {
    if (error !== undefined) this.#fault ??= error
    this.#owner.closing()
    this.#intake.readOn()
  }

  /** A server ends first; a client gives it the time to. RFC 6455 §7.1.1 */
  hangup(): void {
    this.#hungUp = true
    this.#due.closing()
    if (!this.#intake.receiving) this.#flushSoon()
  }

  // Pulse

  sendPing(payload: Uint8Array): void {
    if (!this.isOpen) return
    this.#endpoint.ping(payload)
    this.#flushSoon()
  }

  dead(error: WebSocketError): void {
    this.terminate(error)
  }

  // IntakeOwner

  /** A chunk was read: what it caused to be sent leaves in one write. */
  answered(): void {
    if (this.#output.queued > 0 || this.#hungUp) this.flush()
  }

  async #inflateLater(compression: Compression, opcode: Opcode, payload: Uint8Array): Promise<void> {
    this.#intake.pause(Pause.inflating)
    try {
      this.#inflated(opcode, await compression.inflateLater(payload))
    } catch (error) {
      this.fail(error as ProtocolError)
    }
    this.#intake.resume(Pause.inflating)
    if (this.#peerEnded && !this.#lost) this.ended()
  }

  /** @throws ProtocolError for text that is not UTF-8 */
  #inflated(opcode: Opcode, data: Uint8Array): void {
    const { codec } = this.#runtime
    if (!this.isOpen) return
    if (opcode === Opcode.binary) this.binary(codec.copy(data, 0, data.length))
    else if (codec.isUtf8(data, 0, data.length)) this.text(codec.decode(data, 0, data.length, false))
    else throw new ProtocolError('text is not UTF-8', CloseCode.invalidPayload, 'ERR_UTF8')
  }

  #sendPlain(data: string | Uint8Array, opcode?: Opcode, final?: boolean): Promise<void> {
    if (typeof data === 'string') this.#endpoint.sendText(data, opcode, final)
    else this.#endpoint.sendBinary(data, opcode, final)
    return this.#sent()
  }

  /** `deflated` is undefined where compression did not make it smaller. */
  #sendDeflated(data: string | Uint8Array, deflated: Uint8Array | undefined): Promise<void> {
    if (deflated === undefined) return this.#sendPlain(data)
    this.#endpoint.sendCompressed(typeof data === 'string' ? Opcode.text : Opcode.binary, deflated)
    return this.#sent()
  }

  #admits(data: string | Uint8Array): boolean {
    const { queued } = this.#output
    if (queued <= this.#limits.highMark) return true
    return this.#hasRoom(queued, typeof data === 'string' ? this.#runtime.codec.byteLength(data) : data.length)
  }

  /** One message may be of any size while little waits: who awaits `send` is never refused. */
  #hasRoom(queued: number, size: number): boolean {
    return queued <= this.#limits.highMark || queued + size <= this.#limits.maxQueued
  }

  /** The peer does not read what it is sent: nothing is dropped quietly, the connection goes. */
  #overflow(): LimitError {
    const limit = { option: 'maxQueued', value: this.#limits.maxQueued }
    const error = new LimitError('the peer reads too slowly', limit, CloseCode.tryAgainLater)
    this.fail(error)
    return error
  }

  #sent(): Promise<void> {
    const { queued } = this.#output
    if (queued < FLUSH_FROM && queued <= this.#limits.highMark) {
      if (!this.#intake.receiving) this.#flushSoon()
      return SENT
    }
    this.flush()
    if (this.#output.queued <= this.#limits.highMark) return SENT
    this.#room ??= deferred()
    return this.#room.promise
  }

  get #due(): Deadlines {
    this.#deadlines ??= new Deadlines(this.#runtime.clock, this.#limits, this)
    return this.#deadlines
  }

  #makeRoom(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  #flushSoon(): void {
    if (this.#flushing || this.#intake.receiving) return
    this.#flushing = true
    this.#runtime.flushLater(this)
  }

  /** All is written: says so to the peer, a client only once the server has. */
  #end(): void {
    const { state, role } = this.#endpoint
    if (role === 'server' || this.#peerEnded || state.phase !== 'closed') this.#transport.end()
  }
}

const NOTHING = new Uint8Array(0)

/** From so many bytes on, a send does not wait for the end of the tick. */
const FLUSH_FROM = 49_152
