/**
 * An endpoint, a transport and a clock joined: bytes go to the endpoint, what it writes goes out in one write for each
 * chunk or tick, and the deadlines that the standard leaves to the implementation are kept. RFC 6455 §7
 */
import { ClosedError, type ProtocolError } from '../errors.ts'
import type { Closed } from '../protocol/close.ts'
import { Endpoint, type EndpointSink } from '../protocol/endpoint.ts'
import type { Opcode, Role } from '../protocol/opcode.ts'
import type { Compression } from './compression.ts'
import { Deadlines } from './deadlines.ts'
import { rejected } from './deferred.ts'
import { Heartbeat, type Pulse } from './heartbeat.ts'
import { Intake, type IntakeOwner, Pause } from './intake.ts'
import type { Limits } from './limits.ts'
import { lost, outcomeOf } from './outcome.ts'
import { OutputQueue } from './output.ts'
import type { Flushable, Runtime } from './runtime.ts'
import { Sender, type SenderOwner } from './sender.ts'
import type { Traffic } from './traffic.ts'
import type { Transport, TransportHandler } from './transport.ts'

/** What a connection tells the socket that it belongs to. None of these may throw. */
export interface ConnectionOwner {
  text(data: string): void
  binary(data: Uint8Array<ArrayBuffer>): void
  /** The closing handshake has begun, by either side or by a fault: nothing can be sent any more. */
  closing(): void
  /** A ping was answered after so many milliseconds. */
  answered?(ms: number): void
  /** A message for a peer that reads too slowly, before its line is closed with 1013. */
  lastWord?(): string | Uint8Array | undefined
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

export class Connection implements EndpointSink, TransportHandler, IntakeOwner, SenderOwner, Pulse, Flushable {
  readonly #transport: Transport
  readonly #runtime: Runtime
  readonly #limits: Limits
  readonly #owner: ConnectionOwner
  readonly #output: OutputQueue
  readonly #endpoint: Endpoint
  readonly #heartbeat: Heartbeat
  /** Made when the first of them begins. */
  #deadlines: Deadlines | undefined
  readonly #intake: Intake
  /** What is sent goes through it. */
  readonly sender: Sender

  #flushing = false
  #hungUp = false
  #peerEnded = false
  /** True while messages can be sent. */
  #open = true
  /** Messages that came. */
  #received = 0
  /** True once nothing can be sent any more, whatever the closing handshake says. */
  #lost = false
  /** The first fault that was seen, for `Closed.error`. */
  #fault: Error | undefined
  #result: Closed | undefined

  constructor({ role, transport, runtime, limits, compression }: ConnectionParts, owner: ConnectionOwner) {
    this.#transport = transport
    this.#runtime = runtime
    this.#limits = limits
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
    this.#intake = new Intake({ endpoint: this.#endpoint, transport, codec, compression, clock: runtime.clock }, this)
    this.sender = new Sender({ endpoint: this.#endpoint, output: this.#output, codec, limits, compression }, this)
    this.#heartbeat = new Heartbeat(runtime, limits.heartbeat, this)
    if (limits.idleTimeout > 0) this.#deadlines = new Deadlines(runtime.clock, limits, this)
    compression?.reserve()
  }

  /** Begins to read: first what came behind the opening handshake. RFC 6455 §4.1, §4.2.2 */
  start(head: Uint8Array): void {
    if (head.length > 0) this.data(head, 0, head.length)
    if (this.#result !== undefined) return
    this.#transport.open(this)
    if (this.#intake.stands) this.#transport.pause()
  }

  get isOpen(): boolean {
    return this.#open
  }

  get paused(): boolean {
    return this.#intake.paused
  }

  /** Bytes on the wire side of `send()` that the system has not taken: frames with their headers. */
  get queued(): number {
    return this.#output.queued
  }

  /** True when `send` would have to wait. */
  get slow(): boolean {
    return this.queued > this.#limits.highMark
  }

  get roundTripTime(): number | undefined {
    return this.#heartbeat.roundTripTime
  }

  /** What has come and gone. */
  get traffic(): Traffic {
    return {
      messages: { received: this.#received, sent: this.sender.messages },
      bytes: { received: this.#intake.bytes, sent: this.#output.bytesWritten },
    }
  }

  /** Pings the peer; the promise gives the milliseconds until its pong. */
  ping(): Promise<number> {
    if (!this.isOpen) return rejected(this.closedError())
    const admitted = this.sender.admitsPing()
    return admitted === true ? this.#heartbeat.ping() : rejected(admitted)
  }

  /** Begins the closing handshake; it ends with the wire cut after `closeTimeout`. RFC 6455 §7.1.2 */
  close(code?: number, reason?: string): void {
    if (!this.isOpen) return
    this.#endpoint.close(code, reason)
    this.#open = false
    this.#due.closing()
    this.flushSoon()
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

  lastWord(): string | Uint8Array | undefined {
    return this.#owner.lastWord?.()
  }

  /** Fails the connection: a close frame with the error's code, then the end. RFC 6455 §7.1.7 */
  fail(error: ProtocolError): void {
    if (!this.isOpen) return
    this.#endpoint.fail(error)
    this.flushSoon()
  }

  /** Cuts the wire at once, without a closing handshake. */
  terminate(fault?: Error): void {
    if (this.#result !== undefined) return
    this.#fault ??= fault
    this.#lose()
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
    this.#flushAll()
    if (this.#output.queued > 0) this.#due.writing()
    else if (this.#hungUp) this.#end()
  }

  /** Writes what was framed once the chunk is read, or the tick over. */
  flushSoon(): void {
    if (this.#flushing || this.#intake.receiving) return
    this.#flushing = true
    this.#runtime.flushLater(this)
  }

  // TransportHandler

  data(bytes: Uint8Array, start: number, end: number): void {
    this.#heartbeat.heard()
    this.#intake.take(bytes, start, end)
  }

  written(): void {
    this.#deadlines?.progressed()
    this.#flushAll()
    const { queued } = this.#output
    this.sender.drained(queued)
    if (queued === 0 && this.#hungUp) this.#end()
  }

  ended(): void {
    this.#peerEnded = true
    if (!this.#intake.inflating) this.#intake.readAll()
    // A thread has the next message, now or again: what is to be said of the end is said behind it.
    if (this.#intake.inflating) return
    this.#lose()
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
    this.#lose()
    // What a thread inflates, or would have to, is lost, and with it all behind it.
    if (!this.#intake.inflating) this.#intake.readAll()
    this.#intake.stop()
    this.#due.stop()
    this.#output.discard()
    this.#heartbeat.stop(() => this.closedError())
    this.sender.over()
    this.#owner.closing()
    this.#owner.closed(result)
  }

  // EndpointSink

  text(data: string): void {
    this.#received++
    this.#deadlines?.active()
    this.#owner.text(data)
  }

  binary(data: Uint8Array<ArrayBuffer>): void {
    this.#received++
    this.#deadlines?.active()
    this.#owner.binary(data)
  }

  /** RFC 7692 §6.2 */
  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    this.#intake.inflate(opcode, bytes, start, end)
  }

  pong(bytes: Uint8Array, start: number, end: number): void {
    this.#heartbeat.pong(bytes, start, end)
  }

  closing(_close: unknown, error?: ProtocolError): void {
    this.#open = false
    if (error !== undefined) this.#fault ??= error
    this.#owner.closing()
    this.#intake.readOn()
  }

  /** A server ends first; a client gives it the time to. RFC 6455 §7.1.1 */
  hangup(): void {
    this.#hungUp = true
    this.#due.closing()
    this.flushSoon()
  }

  // Pulse

  roundTrip(ms: number): void {
    this.#owner.answered?.(ms)
  }

  sendPing(payload: Uint8Array): void {
    if (!this.isOpen) return
    this.#endpoint.ping(payload)
    this.flushSoon()
  }

  // IntakeOwner

  /** A chunk was read, or a good part of one: what it caused to be sent leaves in one write. */
  answered(): void {
    if (this.#output.queued > 0 || this.#hungUp) this.flush()
  }

  /** A thread has inflated a message, which may have been the last one before the end. */
  inflated(): void {
    if (this.#peerEnded && !this.#lost) this.ended()
  }

  /** Writes what waits, and the pong that waited for that. */
  #flushAll(): void {
    this.#output.flush()
    if (this.#output.congested) return
    this.#endpoint.drained()
    this.#output.flush()
  }

  #lose(): void {
    this.#open = false
    this.#lost = true
  }

  get #due(): Deadlines {
    this.#deadlines ??= new Deadlines(this.#runtime.clock, this.#limits, this)
    return this.#deadlines
  }

  /** All is written: says so to the peer, a client only once the server has. */
  #end(): void {
    const { state, role } = this.#endpoint
    if (role === 'server' || this.#peerEnded || state.phase !== 'closed') this.#transport.end()
  }
}
