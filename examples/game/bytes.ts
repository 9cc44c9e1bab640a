/** Whole numbers and short texts in bytes, big end first. */

/** The bytes are not what they should be. */
export class WireError extends Error {}

/** Reads what is there; what is not, or is more, is a WireError. */
export class Reader {
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** Seven bits a byte, the low ones first, up to 32 bits. */
  varint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value <= 0xffff_ffff ? value : wrong('a number is too large')
    }
    return wrong('a number is too long')
  }

  /** Small ones of either sign in few bytes. */
  zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  text(): string {
    const length = this.u8()
    const at = this.#take(length)
    try {
      return utf8.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length))
    } catch {
      return wrong('a text is not UTF-8')
    }
  }

  end(): void {
    if (this.#at !== this.#view.byteLength) wrong('there is more than a message')
  }

  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#view.byteLength) wrong('the message is cut short')
    this.#at += count
    return at
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

export function wrong(why: string): never {
  throw new WireError(why)
}

/** Writes into room of its own, which grows. */
export class Writer {
  #bytes = new Uint8Array(512)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  /** A copy of what was written, and it begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#at)
    this.#at = 0
    return bytes
  }

  u8(value: number): this {
    this.#room(1).setUint8(this.#at - 1, value)
    return this
  }

  i8(value: number): this {
    this.#room(1).setInt8(this.#at - 1, value)
    return this
  }

  u16(value: number): this {
    this.#room(2).setUint16(this.#at - 2, value)
    return this
  }

  i16(value: number): this {
    this.#room(2).setInt16(this.#at - 2, value)
    return this
  }

  u32(value: number): this {
    this.#room(4).setUint32(this.#at - 4, value)
    return this
  }

  varint(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.u8((rest % 0x80) | 0x80)
    return this.u8(rest)
  }

  zigzag(value: number): this {
    return this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** At most 255 bytes. */
  text(text: string): this {
    const bytes = new TextEncoder().encode(text)
    if (bytes.length > 255) wrong('a text is too long')
    this.u8(bytes.length)
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at - bytes.length)
    return this
  }

  /** Makes room, behind which it goes on. Returns where to write: growing makes that another. */
  #room(count: number): DataView {
    this.#at += count
    if (this.#at > this.#bytes.length) this.#grow()
    return this.#view
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#at)
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
