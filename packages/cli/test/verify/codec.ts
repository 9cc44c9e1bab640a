/** Compression for the peers of the tests, right or broken in one way. It shares nothing with the suite. RFC 7692 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'

export type CodecFault =
  | 'keeps its window though it agreed not to'
  | 'forgets the window of the other end'
  | 'uses a larger window than agreed'
  | 'leaves the tail of a message'
  | 'sets RSV1 on each fragment'
  | 'sets RSV1 on Pongs'
  | 'compresses though nothing was agreed'
  | 'inflates each fragment on its own'
  | 'drops the last byte of what it inflates'
  | 'loses empty messages'
  | 'takes RSV1 on a continuation'
  | 'takes RSV1 on control frames'
  | 'takes broken streams'
  | 'checks no UTF-8 behind compression'
  | 'puts plain messages into the window'
  | 'marks what it does not compress'
  | 'has no limit while inflating'
  | 'says nothing at a bomb'

/** What was agreed, as this peer sees it. */
export interface Agreed {
  readonly sends: { readonly bits: number; readonly takeover: boolean }
  readonly receives: { readonly takeover: boolean }
}

const TAIL = Buffer.from('0000ffff', 'hex')
const LIMIT = 20_000_000

export class TooLarge extends Error {}

export class Codec {
  readonly #agreed: Agreed
  readonly #fault: string | undefined
  #sent: Buffer = Buffer.alloc(0)
  #received: Buffer = Buffer.alloc(0)

  constructor(agreed: Agreed, fault: string | undefined) {
    this.#agreed = agreed
    this.#fault = fault
  }

  #has(fault: CodecFault): boolean {
    return this.#fault === fault
  }

  compress(data: Buffer): Buffer {
    const { bits, takeover } = this.#agreed.sends
    const windowBits = this.#has('uses a larger window than agreed') ? 15 : bits
    const kept = takeover || this.#has('keeps its window though it agreed not to')
    const deflated = deflateRawSync(data, {
      // zlib has no raw window of eight bits: without references none is needed.
      windowBits: Math.max(9, windowBits),
      ...(windowBits === 8 ? { strategy: constants.Z_HUFFMAN_ONLY } : {}),
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#sent.length > 0 && windowBits > 8 ? { dictionary: this.#sent } : {}),
    })
    this.#sent = kept ? Buffer.concat([this.#sent, data]).subarray(-(2 ** windowBits)) : Buffer.alloc(0)
    if (this.#has('leaves the tail of a message')) return deflated
    const stripped = deflated.subarray(0, -4)
    return stripped.length === 0 ? Buffer.from([0]) : stripped
  }

  /** Throws what is wrong with it. */
  inflate(payload: Buffer): Buffer {
    let data: Buffer
    try {
      data = inflateRawSync(Buffer.concat([payload, TAIL]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: this.#has('has no limit while inflating') ? 2 ** 30 : LIMIT,
        ...(this.#received.length > 0 ? { dictionary: this.#received } : {}),
      })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLarge()
      if (!this.#has('takes broken streams')) throw error
      data = Buffer.from('whatever')
    }
    this.#keep(data)
    return this.#has('drops the last byte of what it inflates') ? data.subarray(0, -1) : data
  }

  /** A message came that was not compressed. */
  plain(data: Buffer): void {
    if (this.#has('puts plain messages into the window')) this.#keep(data)
  }

  #keep(data: Buffer): void {
    const kept = this.#agreed.receives.takeover && !this.#has('forgets the window of the other end')
    this.#received = kept ? Buffer.concat([this.#received, data]).subarray(-32_768) : Buffer.alloc(0)
  }
}
