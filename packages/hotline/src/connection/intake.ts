/** What is read: chunks go to the endpoint, what is compressed is inflated, and what lies behind a pause waits here. */
import { ProtocolError } from '../errors.ts'
import { CloseCode } from '../protocol/close.ts'
import type { Endpoint } from '../protocol/endpoint.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { TextCodec } from '../protocol/text.ts'
import type { Clock } from './clock.ts'
import type { Compression } from './compression.ts'
import type { Transport } from './transport.ts'

/** Why reading is paused: the application has enough, a message is being inflated by a thread, or others have their turn. */
export const Pause = { inbox: 1, inflating: 2, turn: 4 } as const
export type Pause = (typeof Pause)[keyof typeof Pause]

/**
 * Frames that are read in one turn. A chunk may have forty thousand, and the system gives up to 32 chunks of one connection
 * before anything of another: four peers that sent empty frames made everybody wait for 0.4 s (`npm run attack`). A turn of
 * 1024 echoes takes 0.2 ms; one of 128 made a thousand in flight cost half as much again.
 */
const SHARE = 1024
/** Frames after which it is looked whether the turn has taken long already, by what the application does with each. */
const SLICE = 128
/** Milliseconds. */
const LONG = 0.5
/** Bytes of answers that leave before the turn is over: of pongs, no more than some 16 KiB may wait. */
const ANSWERS = 8192

/** Bytes of full chunks that are read before others have their turn. */
const BYTES = 262_144
/** A chunk of so many bytes may have another one right behind it: TLS gives no larger ones. */
const FULL = 16_384

/** Messages that are inflated in one turn: each takes as long as a dozen that are not compressed. */
const INFLATED = 32

/** What an intake needs of its connection. */
export interface IntakeOwner {
  /** Bytes that wait to be written. */
  readonly queued: number
  /** The endpoint has read a chunk, and all its answers are written. */
  answered(): void
  /** A thread has inflated a message, and it was delivered. */
  inflated(): void
  text(data: string): void
  binary(data: Uint8Array<ArrayBuffer>): void
  fail(error: ProtocolError): void
}

export interface IntakeParts {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly codec: TextCodec
  readonly compression: Compression | undefined
  readonly clock: Clock
}

export class Intake {
  readonly #endpoint: Endpoint
  readonly #transport: Transport
  readonly #codec: TextCodec
  readonly #compression: Compression | undefined
  readonly #clock: Clock
  readonly #owner: IntakeOwner
  /** What of a chunk has not been read. */
  #rest: Uint8Array | undefined
  /** Why reading is paused: bits of `Pause`. */
  #reasons = 0
  #receiving = false
  /** True when nothing that is read has to wait for the application any more. */
  #unpausable = false
  #stopped = false
  /** True when nothing else comes, so that all is read in one go. */
  #last = false
  /** Bytes of full chunks that were read since the last turn. */
  #bytes = 0
  /** Messages that were inflated in this turn. */
  #inflated = 0
  /** Bytes that came, with all that the protocol adds. A plain field: it is written for each chunk. */
  bytes = 0

  constructor({ endpoint, transport, codec, compression, clock }: IntakeParts, owner: IntakeOwner) {
    this.#endpoint = endpoint
    this.#transport = transport
    this.#codec = codec
    this.#compression = compression
    this.#clock = clock
    this.#owner = owner
  }

  /** True while the application, or a thread that inflates, holds reading up; a turn is too short to count. */
  get paused(): boolean {
    return (this.#reasons & ~Pause.turn) !== 0
  }

  /** True while nothing is read, for whatever reason. */
  get stands(): boolean {
    return this.#reasons !== 0
  }

  /** True while a thread inflates a message: what came behind it is not read yet. */
  get inflating(): boolean {
    return (this.#reasons & Pause.inflating) !== 0
  }

  /** True while the endpoint reads: what is sent meanwhile leaves with its answers. */
  get receiving(): boolean {
    return this.#receiving
  }

  /** Bytes of the transport, which are lent until the call returns. */
  take(bytes: Uint8Array, start: number, end: number): void {
    if (this.#stopped) return
    this.bytes += end - start
    if (this.#rest !== undefined) {
      this.#rest = joined(this.#rest, bytes.subarray(start, end))
      return
    }
    this.#receive(bytes, start, end, false)
    if (end - start >= FULL) this.#count(end - start)
  }

  pause(reason: Pause): void {
    if (this.#unpausable && reason === Pause.inbox) return
    this.#reasons |= reason
    this.#endpoint.pause()
    this.#transport.pause()
  }

  /** Goes on when no other reason is left. */
  resume(reason: number): void {
    if (this.#stopped) return
    this.#reasons &= ~reason
    if (this.#reasons !== 0) return
    this.#endpoint.resume()
    const rest = this.#receiving ? undefined : this.#rest
    if (rest !== undefined) {
      this.#rest = undefined
      this.#receive(rest, 0, rest.length, true)
    }
    if (this.#reasons === 0) this.#transport.resume()
  }

  /** Never pauses again for the application: what comes is not delivered any more. */
  readOn(): void {
    this.#unpausable = true
    if (this.stands) this.resume(Pause.inbox)
  }

  /** Reads what waits here to its end: nothing else comes. */
  readAll(): void {
    this.#unpausable = true
    this.#last = true
    if (this.stands) this.resume(Pause.inbox | Pause.turn)
  }

  /** Reads nothing more, not even the rest of the chunk. */
  stop(): void {
    this.#stopped = true
    this.#rest = undefined
    this.#endpoint.pause()
  }

  /** Small messages are inflated at once, big ones by a thread while reading waits, so that the order stays. RFC 7692 §6.2 */
  inflate(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    const compression = this.#compression as Compression
    const payload = bytes.subarray(start, end)
    if (compression.inflatesLater(payload.length)) {
      this.#inflateLater(compression, opcode, new Uint8Array(payload))
      return
    }
    try {
      this.#deliver(opcode, compression.inflate(payload))
    } catch (error) {
      this.#endpoint.fail(error as ProtocolError)
    }
    if (++this.#inflated === INFLATED && !this.#last) this.#waitForTurn()
  }

  async #inflateLater(compression: Compression, opcode: Opcode, payload: Uint8Array): Promise<void> {
    this.pause(Pause.inflating)
    try {
      this.#deliver(opcode, await compression.inflateLater(payload))
    } catch (error) {
      this.#owner.fail(error as ProtocolError)
    }
    this.resume(Pause.inflating)
    this.#owner.inflated()
  }

  /** @throws ProtocolError for text that is not UTF-8 */
  #deliver(opcode: Opcode, data: Uint8Array): void {
    if (this.#stopped || !this.#endpoint.isOpen) return
    if (opcode === Opcode.binary) this.#owner.binary(this.#codec.copy(data, 0, data.length))
    else if (this.#codec.isUtf8(data, 0, data.length)) {
      this.#owner.text(this.#codec.decode(data, 0, data.length, false))
    } else throw new ProtocolError('text is not UTF-8', CloseCode.invalidPayload, 'ERR_UTF8')
  }

  /** `owned` says that the bytes are ours to keep. */
  #receive(bytes: Uint8Array, start: number, end: number, owned: boolean): void {
    this.#receiving = true
    this.#inflated = 0
    const at = this.#last ? this.#endpoint.receive(bytes, start, end) : this.#readTurn(bytes, start, end)
    this.#receiving = false
    if (at < end && !this.#stopped) {
      this.#rest = owned ? bytes.subarray(at, end) : new Uint8Array(bytes.subarray(at, end))
      if (this.#reasons === 0) this.#waitForTurn()
    }
    this.#owner.answered()
  }

  /** Reads as much as belongs to one turn, and returns where that ends. */
  #readTurn(bytes: Uint8Array, start: number, end: number): number {
    // Too short for more frames than a slice has, as nearly always.
    if (end - start <= 2 * SLICE) return this.#endpoint.receive(bytes, start, end)
    const since = this.#clock.now()
    let at = start
    for (let frames = 0; frames < SHARE; frames += SLICE) {
      at = this.#endpoint.receive(bytes, at, end, SLICE)
      if (at === end || this.#reasons !== 0 || this.#clock.now() - since > LONG) break
      if (this.#owner.queued > ANSWERS) this.#owner.answered()
    }
    return at
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < BYTES) return
    this.#bytes = 0
    if (this.#reasons === 0) this.#waitForTurn()
  }

  #waitForTurn(): void {
    this.pause(Pause.turn)
    this.#clock.afterTick(() => this.resume(Pause.turn))
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
