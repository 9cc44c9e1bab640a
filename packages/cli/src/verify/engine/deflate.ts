/** The two directions of permessage-deflate, one window each, kept as the last 32 KiB. RFC 7692 §7.2 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Deflating } from '../case.ts'

/** What the end of every message leaves out. §7.2.1 */
export const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff])

/** More than any case has, so that a peer's bomb hurts nobody. */
const MAX_INFLATED = 67_108_864

export interface Direction {
  readonly windowBits: number
  /** Whether the window lives on from message to message. */
  readonly takeover: boolean
}

abstract class Window {
  readonly direction: Direction
  #kept = Buffer.alloc(0)

  constructor(direction: Direction) {
    this.direction = direction
  }

  /** zlib takes no empty dictionary. */
  protected get dictionary(): { dictionary?: Buffer } {
    return this.#kept.length === 0 ? {} : { dictionary: this.#kept }
  }

  forget(): void {
    this.#kept = Buffer.alloc(0)
  }

  protected keep(data: Buffer): void {
    if (!this.direction.takeover) return
    this.#kept = Buffer.concat([this.#kept, data]).subarray(-(2 ** this.direction.windowBits))
  }
}

const STRATEGIES = {
  default: constants.Z_DEFAULT_STRATEGY,
  many: constants.Z_DEFAULT_STRATEGY,
  stored: constants.Z_DEFAULT_STRATEGY,
  fixed: constants.Z_FIXED,
  huffman: constants.Z_HUFFMAN_ONLY,
} as const

export class Deflater extends Window {
  /** The payload of the message. §7.2.1 */
  compress(data: Buffer, { blocks = 'default', final = false, reset = false }: Deflating = {}): Buffer {
    if (reset) this.forget()
    if (blocks === 'many') return this.#inBlocks(data)
    const compressed = this.#deflate(data, blocks)
    this.keep(data)
    // A final empty block in fixed codes, and a byte of zeros for an empty block after it. §7.2.3.4
    if (final) return Buffer.concat([compressed, TAIL, Buffer.from([0x03, 0x00, 0x00])])
    return compressed.length === 0 ? Buffer.from([0x00]) : compressed
  }

  /** A block for each 16 bytes. §7.2.3.5 */
  #inBlocks(data: Buffer): Buffer {
    const parts: Buffer[] = []
    for (let start = 0; start < data.length; start += 16) {
      const part = data.subarray(start, start + 16)
      parts.push(this.#deflate(part, 'many'), TAIL)
    }
    this.keep(data)
    return Buffer.concat(parts.slice(0, -1))
  }

  /** zlib has no window of 256 bytes for a raw stream; what holds no references needs none. */
  #deflate(data: Buffer, blocks: NonNullable<Deflating['blocks']>): Buffer {
    const { windowBits } = this.direction
    const narrow = windowBits === 8
    const compressed = deflateRawSync(data, {
      finishFlush: constants.Z_SYNC_FLUSH,
      windowBits: Math.max(9, windowBits),
      level: blocks === 'stored' ? 0 : 6,
      strategy: narrow && blocks !== 'stored' ? constants.Z_HUFFMAN_ONLY : STRATEGIES[blocks],
      ...(blocks === 'default' && !narrow ? this.dictionary : {}),
    })
    return compressed.subarray(0, -TAIL.length)
  }
}

export class Inflater extends Window {
  /** Throws what is wrong with it, also where it refers to more than the window has. §7.2.2 */
  decompress(payload: Buffer): Buffer {
    const data = inflateRawSync(Buffer.concat([payload, TAIL]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      windowBits: this.direction.windowBits,
      // Within one chunk zlib lets references reach as far back as there are bytes.
      chunkSize: this.direction.windowBits < 15 ? constants.Z_MIN_CHUNK : constants.Z_DEFAULT_CHUNK,
      maxOutputLength: MAX_INFLATED,
      ...this.dictionary,
    })
    this.keep(data)
    return data
  }
}
