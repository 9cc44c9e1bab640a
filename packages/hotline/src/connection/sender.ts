/** What one end sends: messages framed at once as a rule, in order behind those that have to wait, and with a bound for the queue. */
import { type ClosedError, LimitError, type ProtocolError, UsageError } from '../errors.ts'
import { CloseCode } from '../protocol/close.ts'
import type { Endpoint } from '../protocol/endpoint.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { TextCodec } from '../protocol/text.ts'
import type { Compression } from './compression.ts'
import { type Content, isWhole, sizeOf, type Whole } from './content.ts'
import { type Deferred, deferred, rejected, SENT } from './deferred.ts'
import type { Limits } from './limits.ts'
import type { OutputQueue } from './output.ts'
import { Prepared } from './prepared.ts'
import { type TurnOwner, Turns } from './turns.ts'

/** What a sender needs of its connection. */
export interface SenderOwner {
  /** False once nothing can be sent any more. */
  readonly isOpen: boolean
  closedError(): ClosedError
  fail(error: ProtocolError): void
  /** What is to be said before the line is closed for want of room. */
  lastWord(): string | Uint8Array | undefined
  close(code: number, reason: string): void
  closeAfter(sending: Promise<void>, code: number, reason: string): void
  /** Writes what was framed: now, or once the chunk or the tick is over. */
  flush(): void
  flushSoon(): void
}

export interface SenderParts {
  readonly endpoint: Endpoint
  readonly output: OutputQueue
  readonly codec: TextCodec
  readonly limits: Limits
  readonly compression: Compression | undefined
}

export class Sender implements TurnOwner {
  readonly #owner: SenderOwner
  readonly #endpoint: Endpoint
  readonly #output: OutputQueue
  readonly #codec: TextCodec
  readonly #limits: Limits
  readonly #compression: Compression | undefined
  /** Only while something waits for its turn. */
  #turns: Turns | undefined
  #closing = false
  /** Messages that were sent. A plain field: it is written for each. */
  messages = 0
  /** Waits for room in the queue. */
  #room: Deferred<void> | undefined

  constructor(parts: SenderParts, owner: SenderOwner) {
    this.#owner = owner
    this.#endpoint = parts.endpoint
    this.#output = parts.output
    this.#codec = parts.codec
    this.#limits = parts.limits
    this.#compression = parts.compression
  }

  /** True while something can be sent. */
  get isOpen(): boolean {
    return !this.#closing && this.#owner.isOpen
  }

  /** Bytes of application data that were sent and that the system has not taken, as far as their number is known. */
  get buffered(): number {
    return this.#output.payloadQueued + (this.#turns?.bytes ?? 0)
  }

  /**
   * Sends a message, compressed where that was agreed on and pays. Bytes are taken as they are now. Resolves when the queue
   * is at or below its mark.
   */
  send(content: Content, compress = true): Promise<void> {
    if (this.#closing) return rejected(this.#owner.closedError())
    if (this.#turns === undefined && isWhole(content) && !this.isLater(content, compress))
      return this.sendWhole(content, compress)
    const size = sizeOf(content, this.#codec)
    const waiting = this.#turns?.bytes ?? 0
    if (!this.#hasRoom(this.#output.queued + waiting, size)) {
      return rejected(this.#overflow(this.#room === undefined ? OUR_TURNS : undefined))
    }
    this.#turns ??= new Turns(this)
    return this.#turns.add(content, { size, compress }, () => {
      this.#turns = undefined
    })
  }

  /** Begins the closing handshake, behind all that was sent before. */
  close(code: number, reason: string): void {
    const last = this.#turns?.last
    if (last === undefined) this.#owner.close(code, reason)
    else if (!this.#closing) this.#owner.closeAfter(last, code, reason)
    this.#closing = true
  }

  /** Undefined while a message would be sent at once; else what is fulfilled when it would, and rejected at the end. */
  room(): Promise<void> | undefined {
    const last = this.#turns?.last
    if (last !== undefined) return last
    if (this.#output.queued <= this.#limits.highMark) return undefined
    this.#owner.flush()
    if (this.#output.queued <= this.#limits.highMark) return undefined
    this.#room ??= deferred()
    return this.#room.promise
  }

  /** So much has left: whoever waits for room may have it. */
  drained(queued: number): void {
    if (queued > this.#limits.highMark) return
    this.#room?.resolve()
    this.#room = undefined
  }

  /** The connection is over. Called once. */
  over(): void {
    this.#compression?.release()
    this.#room?.reject(this.#owner.closedError())
  }

  /** True when a ping may be queued too; else the line fails with the error. */
  admitsPing(): true | LimitError {
    return this.#admits(NOTHING) || this.#overflow()
  }

  // TurnOwner

  isLater(content: Whole, compress: boolean): boolean {
    return compress && this.#compression?.isLater(content) === true
  }

  sendWhole(content: Whole, compress: boolean): Promise<void> {
    if (content instanceof Prepared) return this.#sendPrepared(content, compress)
    if (!this.#owner.isOpen) return rejected(this.#owner.closedError())
    if (!this.#admits(content)) return rejected(this.#overflow())
    if (compress && this.#compression?.wants(content.length)) {
      return this.#sendDeflated(content, this.#compression.deflate(content))
    }
    return this.#sendPlain(content)
  }

  async sendLater(content: Whole): Promise<void> {
    if (content instanceof Prepared) {
      await this.#compression?.prepareLater(content)
      return this.#sendPrepared(content, true)
    }
    if (!this.#owner.isOpen) return rejected(this.#owner.closedError())
    const deflated = await this.#compression?.deflateLater(content)
    if (!this.#owner.isOpen) return rejected(this.#owner.closedError())
    if (!this.#admits(deflated ?? content)) return rejected(this.#overflow())
    return this.#sendDeflated(content, deflated)
  }

  sendFragment(data: string | Uint8Array, opcode: Opcode, final: boolean): Promise<void> {
    if (!this.#owner.isOpen) return rejected(this.#owner.closedError())
    if (!this.#admits(data)) return rejected(this.#overflow())
    return this.#sendPlain(data, opcode, final)
  }

  breakOff(code: number, reason: string): void {
    this.#owner.close(code, reason)
  }

  /** Sends a message that is framed already and shared with others. */
  #sendPrepared(prepared: Prepared, compress: boolean): Promise<void> {
    if (this.#endpoint.role === 'client') throw new UsageError('a prepared message is for the sockets of a server')
    if (!this.#owner.isOpen) return rejected(this.#owner.closedError())
    const frame = (compress ? this.#compression?.frameOf(prepared) : undefined) ?? prepared.frame
    if (!this.#admits(frame)) return rejected(this.#overflow())
    if (frame !== prepared.frame) this.#compression?.deflated(prepared.content.length, frame.length)
    this.#output.append(frame, prepared.content.length)
    this.messages++
    return this.#sent()
  }

  #sendPlain(data: string | Uint8Array, opcode?: Opcode, final?: boolean): Promise<void> {
    if (typeof data === 'string') this.#endpoint.sendText(data, opcode, final)
    else this.#endpoint.sendBinary(data, opcode, final)
    if (final !== false) this.messages++
    return this.#sent()
  }

  /** `deflated` is undefined where compression did not make it smaller. */
  #sendDeflated(data: string | Uint8Array, deflated: Uint8Array | undefined): Promise<void> {
    if (deflated === undefined) return this.#sendPlain(data)
    this.#compression?.deflated(typeof data === 'string' ? this.#codec.byteLength(data) : data.length, deflated.length)
    this.#endpoint.sendCompressed(typeof data === 'string' ? Opcode.text : Opcode.binary, deflated)
    this.messages++
    return this.#sent()
  }

  #admits(data: string | Uint8Array): boolean {
    const { queued } = this.#output
    if (queued <= this.#limits.highMark) return true
    return this.#hasRoom(queued, typeof data === 'string' ? this.#codec.byteLength(data) : data.length)
  }

  /** One message may be of any size while little waits: who awaits `send` is never refused. */
  #hasRoom(queued: number, size: number): boolean {
    return queued <= this.#limits.highMark || queued + size <= this.#limits.maxQueued
  }

  /** More waits than may: nothing is dropped quietly, the connection goes. */
  #overflow(why = 'the peer reads too slowly'): LimitError {
    const limit = { option: 'maxQueued', value: this.#limits.maxQueued }
    const error = new LimitError(why, limit, CloseCode.tryAgainLater)
    if (this.#turns?.partial !== true && this.#owner.isOpen) this.#append(this.#owner.lastWord())
    this.#owner.fail(error)
    return error
  }

  /** Whether there is room for it or not. */
  #append(data: string | Uint8Array | undefined): void {
    if (typeof data === 'string') this.#endpoint.sendText(data)
    else if (data !== undefined) this.#endpoint.sendBinary(data)
  }

  #sent(): Promise<void> {
    const { queued } = this.#output
    const { highMark } = this.#limits
    if (queued < FLUSH_FROM && queued <= highMark) {
      this.#owner.flushSoon()
      return SENT
    }
    this.#owner.flush()
    if (this.#output.queued <= highMark) return SENT
    this.#room ??= deferred()
    return this.#room.promise
  }
}

const NOTHING = new Uint8Array(0)

/** What waits is not the peer's fault: a Blob is still read, or a message still compressed. */
const OUR_TURNS = 'messages are sent faster than they can be made ready'

/** From so many bytes on, a send does not wait for the end of the tick. */
const FLUSH_FROM = 49_152
