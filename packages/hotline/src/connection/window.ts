/** The last bytes of what a peer has sent, which its next message may refer to. RFC 7692 §7.2.3.2 */

/** The first buffer; it doubles from there, so that a line with little to remember takes little. */
const FIRST = 2048

/** A ring of bytes. */
export class Window {
  readonly #size: number
  #ring: Uint8Array = new Uint8Array(0)
  /** Where the next byte goes. */
  #at = 0
  /** Bytes that are remembered. */
  #kept = 0

  /** @param bits - size as a power of two */
  constructor(bits: number) {
    this.#size = 2 ** bits
  }

  /** The bytes, oldest first, in one piece or two, lent until the next `remember`. */
  get pieces(): readonly Uint8Array[] {
    if (this.#kept === 0) return NOTHING
    if (this.#kept < this.#size || this.#at === 0) return [this.#ring.subarray(0, this.#kept)]
    return [this.#ring.subarray(this.#at), this.#ring.subarray(0, this.#at)]
  }

  /** Adds a message, which is copied. */
  remember(data: Uint8Array): void {
    const fresh = data.length > this.#size ? data.subarray(data.length - this.#size) : data
    this.#growTo(Math.min(this.#kept + fresh.length, this.#size))
    const first = Math.min(fresh.length, this.#ring.length - this.#at)
    this.#ring.set(fresh.subarray(0, first), this.#at)
    this.#ring.set(fresh.subarray(first), 0)
    this.#at = this.#at + fresh.length
    if (this.#at >= this.#size) this.#at -= this.#size
    this.#kept = Math.min(this.#kept + fresh.length, this.#size)
  }

  #growTo(needed: number): void {
    if (needed <= this.#ring.length) return
    const grown = new Uint8Array(Math.min(Math.max(needed, this.#ring.length * 2, FIRST), this.#size))
    grown.set(this.#ring)
    this.#ring = grown
  }
}

const NOTHING: readonly Uint8Array[] = []
