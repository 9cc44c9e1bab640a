/**
 * A second reader of frames, for comparison: slow, over one whole array, and as close to the words of
 * RFC 6455 §5 and §8.1 and of RFC 7692 §6 as code can be. It shares nothing with src/protocol.
 */
import { join } from '../engine/bytes.ts'
import { decodeUtf8, readUtf8 } from './utf8.ts'

/** What must be told of bytes that a peer sends. Bytes are in hex. */
export type Told =
  | readonly [what: 'text', data: string]
  | readonly [what: 'binary' | 'ping' | 'pong' | 'close', payload: string]
  | readonly [what: 'compressed', opcode: number, payload: string]
  | readonly [what: 'fail', closeCode: number]

/** As the reader is set up. */
export interface Reading {
  /** True for a server, which wants its peer's frames masked. RFC 6455 §5.1 */
  readonly masked: boolean
  readonly maxMessage: number
  /** True when RSV1 has a meaning. RFC 7692 §6 */
  readonly compression: boolean
}

class Failure extends Error {
  readonly closeCode: number

  constructor(closeCode: number) {
    super(`${closeCode}`)
    this.closeCode = closeCode
  }
}

const fail = (closeCode: number): never => {
  throw new Failure(closeCode)
}

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Everything that must be told of these bytes, of which more may come. */
export function readFrames(bytes: Uint8Array, reading: Reading): Told[] {
  const told: Told[] = []
  try {
    new Reader(bytes, reading, told).read()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    told.push(['fail', error.closeCode])
  }
  return told
}

interface Frame {
  readonly final: boolean
  readonly opcode: number
  readonly rsv1: boolean
  /** The declared length: bytes of the payload may be missing. */
  readonly length: bigint
  readonly payload: Uint8Array
  readonly whole: boolean
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #reading: Reading
  readonly #told: Told[]
  #at = 0
  /** The opcode of the message in fragments, 0 for none, and whether it is compressed. */
  #message = 0
  #compressed = false
  #content: Uint8Array = new Uint8Array(0)
  #empty = 0

  constructor(bytes: Uint8Array, reading: Reading, told: Told[]) {
    this.#bytes = bytes
    this.#reading = reading
    this.#told = told
  }

  read(): void {
    for (let frame = this.#frame(); frame !== undefined; frame = this.#frame()) {
      if (frame.opcode >= 8) {
        if (!frame.whole) return
        this.#told.push([frame.opcode === 8 ? 'close' : frame.opcode === 9 ? 'ping' : 'pong', toHex(frame.payload)])
      } else if (!this.#data(frame)) return
    }
  }

  /** §5.2, field by field; undefined while the header is not whole. */
  #frame(): Frame | undefined {
    const { masked } = this.#reading
    if (this.#bytes.length - this.#at < 2) return undefined
    const [first = 0, second = 0] = this.#bytes.subarray(this.#at)
    const rsv1 = (first & 0x40) !== 0
    const opcode = first & 0x0f
    const final = (first & 0x80) !== 0
    if ((first & 0x30) !== 0 || (rsv1 && !this.#reading.compression)) fail(1002)
    if (![0, 1, 2, 8, 9, 10].includes(opcode)) fail(1002)
    if (second >= 128 !== masked) fail(1002)
    if (opcode >= 8 && (!final || (second & 127) > 125 || rsv1)) fail(1002)
    if (opcode === 0 && (this.#message === 0 || rsv1)) fail(1002)
    if ((opcode === 1 || opcode === 2) && this.#message !== 0) fail(1002)

    const code = second & 127
    const extended = code === 126 ? 2 : code === 127 ? 8 : 0
    const start = this.#at + 2 + extended + (masked ? 4 : 0)
    if (this.#bytes.length < start) return undefined
    const length = extended === 0 ? BigInt(code) : this.#extended(extended)
    if (opcode < 8) this.#admit({ opcode, final, rsv1, length })
    const end = Number(BigInt(start) + length)
    const key = this.#bytes.subarray(start - 4, start)
    const payload = this.#bytes.slice(start, end)
    if (masked) for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (key[i % 4] as number)
    this.#at = end
    return { final, opcode, rsv1, length, payload, whole: this.#bytes.length >= end }
  }

  /** §5.2: the most significant bit is 0, and the shortest form is used. */
  #extended(size: 2 | 8): bigint {
    let length = 0n
    for (const byte of this.#bytes.subarray(this.#at + 2, this.#at + 2 + size)) length = length * 256n + BigInt(byte)
    if (length >= 1n << 63n) fail(1002)
    if (length < (size === 2 ? 126n : 65_536n)) fail(1002)
    return length
  }

  /** §10.4: what we say about limits: in bytes, with what DEFLATE may add, and empty fragments. */
  #admit({ opcode, final, rsv1, length }: { opcode: number; final: boolean; rsv1: boolean; length: bigint }): void {
    const { maxMessage } = this.#reading
    const compressed = opcode === 0 ? this.#compressed : rsv1
    const limit = compressed ? maxMessage + 64 + Math.ceil(maxMessage / 1024) : maxMessage
    if (BigInt(this.#content.length) + length > BigInt(limit)) fail(1009)
    if (length === 0n && !final && ++this.#empty > 1024) fail(1008)
  }

  /** §5.4, §8.1; false when the payload is not whole. */
  #data({ opcode, rsv1, payload, final, whole }: Frame): boolean {
    if (opcode !== 0) {
      this.#message = opcode
      this.#compressed = rsv1
    }
    this.#content = join([this.#content, payload])
    const last = final && whole
    if (this.#message === 1 && !this.#compressed) {
      const { wrongAt, complete } = readUtf8(this.#content)
      if (wrongAt < this.#content.length || (last && !complete)) fail(1007)
    }
    if (!whole) return false
    if (final) this.#end()
    return true
  }

  #end(): void {
    const content = this.#content
    if (this.#compressed) this.#told.push(['compressed', this.#message, toHex(content)])
    else if (this.#message === 1) this.#told.push(['text', decodeUtf8(content)])
    else this.#told.push(['binary', toHex(content)])
    this.#message = 0
    this.#compressed = false
    this.#content = new Uint8Array(0)
    this.#empty = 0
  }
}
