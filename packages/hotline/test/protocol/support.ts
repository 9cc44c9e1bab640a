/** What the tests of the protocol share: bytes from hex, pieces of every shape, and ends that write down what they are told. */
import fc from 'fast-check'
import type { ProtocolError } from '../../src/errors.ts'
import type { Close } from '../../src/protocol/close.ts'
import type { Output } from '../../src/protocol/encoder.ts'
import { Endpoint, type EndpointOptions, type EndpointSink } from '../../src/protocol/endpoint.ts'
import type { Opcode, Role } from '../../src/protocol/opcode.ts'
import { type MessageSink, Receiver } from '../../src/protocol/receiver.ts'
import { portableCodec, type TextCodec } from '../../src/protocol/text.ts'
import { nodeCodec } from '../../src/runtime/node/codec.ts'
import type { Told } from '../vectors/vector.ts'

export type Bytes = Uint8Array<ArrayBuffer>

export const roles: readonly Role[] = ['client', 'server']
export const otherEnd = (role: Role): Role => (role === 'client' ? 'server' : 'client')

/** The codecs that the protocol is tested with. */
export const codecs: readonly (readonly [name: string, codec: TextCodec])[] = [
  ['portable', portableCodec],
  ['node', nodeCodec],
]

/** The masking key of the examples in RFC 6455 §5.7: 37 fa 21 3d. */
export const KEY = 0x3d21fa37

/** Reads `81 05 | 00*256`: bytes in hex, each repeated if it says so; bars and blanks only help the eye. */
export function hex(text: string): Bytes {
  const bytes: number[] = []
  for (const [, byte, times] of text.matchAll(/([0-9a-f]{2})(?:\*(\d+))?/g))
    for (let i = Number(times ?? 1); i > 0; i--) bytes.push(Number.parseInt(byte as string, 16))
  return Uint8Array.from(bytes)
}

export const toHex = (bytes: Uint8Array, start = 0, end = bytes.length): string =>
  Array.from(bytes.subarray(start, end), byte => byte.toString(16).padStart(2, '0')).join(' ')

export const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text))

export function join(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** A frame as the standard draws it, one octet after the other. RFC 6455 §5.2 */
export function frame(first: number, payload: Uint8Array, maskedWith?: number): Bytes {
  const { length } = payload
  const size =
    length < 126
      ? [length]
      : length < 65536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]
  const plain = join([Uint8Array.of(first, ...size), payload])
  return maskedWith === undefined ? plain : masked(plain, maskedWith)
}

/** The frame, whole or cut off behind its header, as a client sends it. RFC 6455 §5.3 */
export function masked(plain: Uint8Array, key = KEY): Bytes {
  const octets = [key & 255, (key >> 8) & 255, (key >> 16) & 255, (key >> 24) & 255] as const
  const code = (plain[1] as number) & 127
  const header = code < 126 ? 2 : code === 126 ? 4 : 10
  const copy = Uint8Array.from(plain)
  copy[1] = (copy[1] as number) | 128
  const payload = copy.subarray(header).map((octet, i) => octet ^ (octets[i % 4] as number))
  return join([copy.subarray(0, header), Uint8Array.from(octets), payload])
}

/** The frames of `81 00 | 89 00` as the peer of this role sends them. */
export const fromPeer = (role: Role, frames: string): Bytes =>
  join(frames.split('|').map(text => (role === 'server' && text !== '' ? masked(hex(text)) : hex(text))))

/** The bytes in pieces of these sizes, over and over; a size of 0 stands for all that is left. */
export function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Bytes> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] || bytes.length
    yield Uint8Array.from(bytes.subarray(at, at + size))
    at += size
  }
}

/** The shapes in which bytes arrive everywhere: whole, and one by one. Random ones come from `shape`. */
export const shapes: readonly (readonly [name: string, sizes: readonly number[]])[] = [
  ['whole', [0]],
  ['byte by byte', [1]],
]

/** Sizes to split at. */
export const shape = (most = 40): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 20 })

/** Checks a law on random input. A failure prints its seed; HOTLINE_SEED starts from one, HOTLINE_RUNS tries more. */
export function law<T>(property: fc.IPropertyWithHooks<T>, runs = 100): void {
  fc.assert(property, runsOf(runs))
}

/** As `law`, for a property that waits. */
export const asyncLaw = <T>(property: fc.IAsyncPropertyWithHooks<T>, runs = 100): Promise<void> =>
  fc.assert(property, runsOf(runs))

function runsOf(runs: number): { numRuns: number; seed?: number } {
  const { HOTLINE_RUNS, HOTLINE_SEED } = process.env
  const numRuns = Number(HOTLINE_RUNS ?? runs)
  return HOTLINE_SEED === undefined ? { numRuns } : { numRuns, seed: Number(HOTLINE_SEED) }
}

/** What stands in memory before anybody writes there. */
const LEFT_OVER = 0xa5

/** An output with exactly the room that was asked for, at an odd place, so that a byte too many or too few is seen. */
export class Sheet implements Output {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  /** What was committed, piece by piece, and how much of it is application data. */
  readonly written: Bytes[] = []
  payload = 0
  congested = false

  reserve(size: number): void {
    this.at = 3 + (this.written.length % 5)
    this.bytes = new Uint8Array(this.at + size).fill(LEFT_OVER)
  }

  commit(size: number, payload: number): void {
    if (this.at + size > this.bytes.length) throw new Error('more was committed than there was room for')
    this.written.push(Uint8Array.from(this.bytes.subarray(this.at, this.at + size)))
    this.payload += payload
  }

  /** All that was written, and forgets it. */
  take(): Bytes {
    return join(this.written.splice(0))
  }
}

/** Writes down what a receiver says. `on` may act inside a call, as an application does. */
export class Notes implements MessageSink {
  readonly told: Told[] = []
  error: ProtocolError | undefined
  on: (what: Told) => void = () => {}

  text(data: string): void {
    this.#note(['text', data])
  }

  binary(data: Bytes): void {
    this.#note(['binary', toHex(data)])
  }

  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    this.#note(['compressed', opcode, toHex(bytes, start, end)])
  }

  control(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    const name = opcode === 8 ? 'close' : opcode === 9 ? 'ping' : 'pong'
    this.#note([name, toHex(bytes, start, end)])
  }

  fail(error: ProtocolError): void {
    this.error = error
    this.#note(['fail', error.closeCode])
  }

  #note(what: Told): void {
    this.told.push(what)
    this.on(what)
  }
}

/** A receiver and its notes. */
export function receiver(role: Role, { maxMessage = 1 << 20, codec = portableCodec, compression = false } = {}) {
  const notes = new Notes()
  const it = new Receiver({ role, maxMessage, codec, compression }, notes)
  return { it, notes, read: (bytes: Uint8Array, sizes: readonly number[] = [0]) => feed(it, bytes, sizes) }
}

/**
 * Hands the bytes over as a transport does: each piece in the middle of a longer buffer that is used again at once.
 *
 * @returns what was left unread when the reader paused
 */
export function feed(
  reader: { receive(bytes: Uint8Array, start: number, end: number): number },
  bytes: Uint8Array,
  sizes: readonly number[] = [0],
): Bytes {
  const unread: Bytes[] = []
  let room = 1
  for (const piece of pieces(bytes, sizes)) {
    if (unread.length > 0) {
      unread.push(piece)
      continue
    }
    room = (room % 7) + 1
    const lent = new Uint8Array(room + piece.length + 2).fill(LEFT_OVER)
    lent.set(piece, room)
    const end = room + piece.length
    const at = reader.receive(lent, room, end)
    if (at < end) unread.push(piece.slice(at - room))
    lent.fill(LEFT_OVER)
  }
  return join(unread)
}

/** Writes down what an endpoint says. */
class Diary implements EndpointSink {
  readonly told: Told[] = []
  readonly errors: ProtocolError[] = []
  on: (what: Told) => void = () => {}

  text(data: string): void {
    this.#note(['text', data])
  }

  binary(data: Bytes): void {
    this.#note(['binary', toHex(data)])
  }

  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    this.#note(['compressed', opcode, toHex(bytes, start, end)])
  }

  pong(bytes: Uint8Array, start: number, end: number): void {
    this.#note(['pong', toHex(bytes, start, end)])
  }

  closing({ code, reason }: Close, error?: ProtocolError): void {
    if (error === undefined) this.#note(['closing', code, reason])
    else {
      this.errors.push(error)
      this.#note(['fail', error.closeCode])
    }
  }

  hangup(): void {
    this.#note(['hangup'])
  }

  #note(what: Told): void {
    this.told.push(what)
    this.on(what)
  }
}

/** An endpoint, its diary and its sheet, which can be congested. */
export function endpoint(role: Role, options: Partial<EndpointOptions> = {}) {
  const diary = new Diary()
  const sheet = new Sheet()
  const all = { role, maxMessage: 1 << 20, codec: portableCodec, randomKey: () => KEY, ...options }
  const it = new Endpoint(all, sheet, diary)
  return { it, diary, sheet, read: (bytes: Uint8Array, sizes?: readonly number[]) => feed(it, bytes, sizes) }
}

/** Everything that a peer would read of these bytes, as one list. */
export function readAll(role: Role, bytes: Uint8Array, sizes?: readonly number[], codec = portableCodec): Told[] {
  const { notes, read } = receiver(role, { maxMessage: 1 << 26, codec })
  read(bytes, sizes)
  return notes.told
}
