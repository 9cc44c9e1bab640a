/**
 * Bytes in, messages out: frames are parsed where they lie, unmasked in place, and put together to messages.
 * RFC 6455 §5.2 to §5.6, §8.1
 */
import { LimitError, ProtocolError } from '../errors.ts'
import type { Assembly } from './assembly.ts'
import { headerSize, RSV1, readLength, violation } from './header.ts'
import { isAscii, look, mask, readKey, turnKey } from './mask.ts'
import { isControl, isDefined, Opcode, type Role } from './opcode.ts'
import { Partial } from './partial.ts'
import type { TextCodec } from './text.ts'

/** Where a receiver puts what it reads. It may close, send or pause inside; it must not throw. */
export interface MessageSink {
  text(data: string): void
  /** The bytes belong to the sink. */
  binary(data: Uint8Array<ArrayBuffer>): void
  /** A message with RSV1, still compressed. It lies in `bytes` from start to end, lent until the call returns. RFC 7692 §6.2 */
  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void
  /** The payload lies in `bytes` from start to end, lent until the call returns. */
  control(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void
  /** The connection is to be failed; nothing more is read. */
  fail(error: ProtocolError): void
}

/** What a receiver is told. */
export interface ReceiverOptions {
  readonly role: Role
  /** Bytes that a message may have. */
  readonly maxMessage: number
  readonly codec: TextCodec
  /** True when permessage-deflate was agreed on, so that RSV1 has a meaning. RFC 7692 §6 */
  readonly compression?: boolean
}

/** The longest payload of a control frame. RFC 6455 §5.5 */
export const MAX_CONTROL = 125
/**
 * Stricter than §5.4: more than 1024 fragments without a byte in one message are refused. They cost no memory, but they
 * must end.
 */
const MAX_EMPTY_FRAGMENTS = 1024

export class Receiver {
  readonly #sink: MessageSink
  readonly #codec: TextCodec
  readonly #masked: boolean
  readonly #maxMessage: number
  /** The reserved bits that have a meaning. */
  readonly #rsv: number

  /** The header that was read last. */
  #opcode: Opcode = Opcode.continuation
  #final = false
  #rsv1 = false
  #length = 0
  #key = 0

  /** What has begun and not ended: a header, a frame, a message; undefined between whole messages, as nearly always. */
  #partial: Partial | undefined
  #paused = false
  #done = false

  constructor(options: ReceiverOptions, sink: MessageSink) {
    this.#sink = sink
    this.#codec = options.codec
    this.#masked = options.role === 'server'
    this.#maxMessage = Math.min(options.maxMessage, Number.MAX_SAFE_INTEGER)
    this.#rsv = options.compression ? RSV1 : 0
  }

  /** True between the frames of a message, or inside one. */
  get midMessage(): boolean {
    return this.#partial !== undefined
  }

  /**
   * Reads the bytes from start to end, which it may change (it unmasks in place) and does not keep; at most so many frames,
   * or pieces of one, for who has others to serve.
   *
   * @returns where it stopped: `end`, or earlier when a call to the sink paused it or the frames were many; then the caller
   * keeps the rest
   */
  receive(bytes: Uint8Array, start: number, end: number, frames = Number.POSITIVE_INFINITY): number {
    let at = start
    let left = frames
    try {
      while (at < end && left-- > 0 && !this.#paused && !this.#done) {
        const partial = this.#partial
        at = partial?.inFrame ? this.#continueFrame(partial, bytes, at, end) : this.#startFrame(bytes, at, end)
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#done = true
      this.#sink.fail(error)
    }
    return this.#done ? end : at
  }

  /** Stops before the next frame, until `resume`. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
  }

  /** Stops for good: what else arrives is ignored. RFC 6455 §1.4, §7.1.7 */
  stop(): void {
    this.#done = true
    this.#partial = undefined
  }

  #startFrame(bytes: Uint8Array, at: number, end: number): number {
    const cut = this.#partial !== undefined && this.#partial.headSize > 0
    if (cut || end - at < 2 || end - at < headerSize(bytes[at + 1])) return this.#collect(bytes, at, end)
    const payload = this.#readHeader(bytes, at)
    const next = payload + this.#length
    if (next > end) {
      this.#beginFrame()
      return payload
    }
    const seen = this.#unmask(bytes, payload, next, this.#key, this.#opcode !== Opcode.binary)
    if (isControl(this.#opcode)) this.#sink.control(this.#opcode, bytes, payload, next)
    else if (this.#opcode !== Opcode.continuation && this.#final) this.#whole(bytes, payload, next, seen)
    else this.#fragment(bytes, payload, next, seen)
    return next
  }

  /** A header in pieces: gathers it byte by byte until it is whole. */
  #collect(bytes: Uint8Array, from: number, end: number): number {
    const partial = (this.#partial ??= new Partial())
    const { head } = partial
    let at = from
    while (at < end) {
      head[partial.headSize++] = bytes[at++]
      if (partial.headSize === 2) this.#checkHeader(head[0], head[1])
      if (partial.headSize >= 2 && partial.headSize === headerSize(head[1])) {
        partial.headSize = 0
        this.#readHeader(head, 0)
        this.#beginFrame()
        if (this.#length === 0) this.#endFrame(partial)
        return at
      }
    }
    return at
  }

  /** Reads a header that lies whole at `at`, and returns where its payload begins. */
  #readHeader(bytes: Uint8Array, at: number): number {
    const second = bytes[at + 1]
    this.#checkHeader(bytes[at], second)
    let next = at + 2
    let length = second & 0x7f
    if (length === 126) {
      length = (bytes[next] << 8) | bytes[next + 1]
      next += 2
      if (length < 126) violation('length not in its shortest form') // §5.2
    } else if (length === 127) {
      length = readLength(bytes, next)
      next += 8
      if (length <= 0xffff) violation('length not in its shortest form') // §5.2
    }
    if (this.#masked) {
      this.#key = readKey(bytes, next)
      next += 4
    }
    this.#length = length
    if (!isControl(this.#opcode)) this.#admit(length)
    return next
  }

  /** The first two bytes: what the standard says of each bit. RFC 6455 §5.2 */
  #checkHeader(first: number, second: number): void {
    const opcode = first & 0x0f
    const final = (first & 0x80) !== 0
    const fragmented = this.#partial?.inMessage === true
    if ((first & 0x70 & ~this.#rsv) !== 0) violation('reserved bits must be 0') // §5.2
    if (!isDefined(opcode)) violation(`opcode ${opcode} is reserved`) // §5.2
    if (((second & 0x80) !== 0) !== this.#masked) violation(this.#masked ? 'frame is not masked' : 'frame is masked') // §5.1
    if (isControl(opcode)) {
      if (!final) violation('control frame is fragmented') // §5.5
      if ((second & 0x7f) > MAX_CONTROL) violation('control frame too long') // §5.5
    } else if (opcode === Opcode.continuation) {
      if (!fragmented) violation('continuation without a message') // §5.4
    } else if (fragmented) violation('new message inside a fragmented one') // §5.4
    if ((first & RSV1) !== 0 && (isControl(opcode) || opcode === Opcode.continuation)) {
      violation('RSV1 belongs to the first frame of a message') // RFC 7692 §6.1
    }
    this.#opcode = opcode
    this.#final = final
    this.#rsv1 = (first & RSV1) !== 0
  }

  /** Checks the declared length before a byte of it is kept. RFC 6455 §10.4 */
  #admit(length: number): void {
    const partial = this.#partial
    const compressed = this.#opcode === Opcode.continuation ? partial?.compressed === true : this.#rsv1
    const limit = compressed ? this.#maxMessage + deflateOverhead(this.#maxMessage) : this.#maxMessage
    if ((partial?.size ?? 0) + length > limit) {
      throw new LimitError('message too big', { option: 'maxMessage', value: this.#maxMessage }, 1009)
    }
    if (length > 0 || this.#final) return
    const empty = this.#begun()
    if (++empty.emptyFragments > MAX_EMPTY_FRAGMENTS) {
      throw new LimitError('too many empty fragments', { option: 'emptyFragments', value: MAX_EMPTY_FRAGMENTS }, 1008)
    }
  }

  /** Unmasks what a client sent; a server's bytes are only looked at, where they may be text. */
  #unmask(bytes: Uint8Array, start: number, end: number, key: number, text: boolean): number {
    if (this.#masked) return mask(bytes, start, end, key)
    return text ? look(bytes, start, end) : 0x80
  }

  /** A message in one frame in one chunk: the common case, with no state to keep. */
  #whole(bytes: Uint8Array, start: number, end: number, seen: number): void {
    if (this.#rsv1) {
      this.#sink.compressed(this.#opcode, bytes, start, end)
      return
    }
    if (this.#opcode === Opcode.binary) {
      this.#sink.binary(this.#codec.copy(bytes, start, end))
      return
    }
    const ascii = isAscii(seen)
    if (!ascii && !this.#codec.isUtf8(bytes, start, end)) invalidText()
    this.#sink.text(this.#codec.decode(bytes, start, end, ascii))
  }

  /** A whole frame of a message in fragments. */
  #fragment(bytes: Uint8Array, start: number, end: number, seen: number): void {
    const partial = this.#beginMessage()
    this.#keep(partial, bytes, start, end, seen)
    if (this.#final) this.#endMessage(partial)
  }

  /** A frame whose payload comes in pieces. */
  #beginFrame(): void {
    if (isControl(this.#opcode)) this.#begun().beginControl(this.#codec, this.#length)
    else this.#beginMessage().beginFrame(this.#length)
  }

  #continueFrame(partial: Partial, bytes: Uint8Array, at: number, end: number): number {
    const next = Math.min(end, at + partial.remaining)
    const key = turnKey(this.#key, this.#length - partial.remaining)
    const seen = this.#unmask(bytes, at, next, key, partial.utf8 !== undefined)
    partial.remaining -= next - at
    if (partial.control !== undefined) partial.control.append(bytes, at, next, this.#length)
    else this.#keep(partial, bytes, at, next, seen)
    if (partial.remaining === 0) this.#endFrame(partial)
    return next
  }

  #endFrame(partial: Partial): void {
    const { control } = partial
    partial.endFrame()
    if (control === undefined) {
      if (this.#final) this.#endMessage(partial)
      return
    }
    if (!partial.inMessage) this.#partial = undefined
    this.#sink.control(this.#opcode, control.bytes, 0, control.size)
  }

  #begun(): Partial {
    this.#partial ??= new Partial()
    return this.#partial
  }

  #beginMessage(): Partial {
    const partial = this.#begun()
    if (!partial.inMessage) partial.beginMessage(this.#codec, this.#opcode, this.#rsv1, this.#length)
    return partial
  }

  /** Adds a piece of payload to the message, judging text as it arrives. RFC 6455 §8.1 */
  #keep(partial: Partial, bytes: Uint8Array, start: number, end: number, seen: number): void {
    const expected = this.#final ? partial.size + (end - start) + partial.remaining : 0
    if (!partial.append(bytes, start, end, isAscii(seen), expected)) invalidText()
  }

  /** Advances the state before it calls out, so that the sink may close, send or pause. */
  #endMessage(partial: Partial): void {
    const { message, compressed, utf8, ascii } = partial
    const assembly = partial.assembly as Assembly
    this.#partial = undefined
    if (compressed) this.#sink.compressed(message, assembly.bytes, 0, assembly.size)
    else if (utf8 === undefined) this.#sink.binary(assembly.take())
    else if (!utf8.complete) invalidText()
    else this.#sink.text(this.#codec.decode(assembly.bytes, 0, assembly.size, ascii))
  }
}

/** What DEFLATE may add to data that it cannot make smaller: five bytes for each stored block. RFC 1951 §3.2.4 */
const deflateOverhead = (size: number): number => 64 + Math.ceil(size / 1024)

function invalidText(): never {
  throw new ProtocolError('text is not UTF-8', 1007, 'ERR_UTF8')
}
