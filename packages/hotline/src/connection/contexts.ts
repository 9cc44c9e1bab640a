/** What compression remembers between messages, and the memory that it may take for that. RFC 7692 §7.2.3.2 */
import type { DeflateCall } from './deflate-engine.ts'

/** Memory that all contexts of a server, or of the clients of a process, may take together. */
export class ContextBudget {
  readonly limit: number
  #used = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get used(): number {
    return this.#used
  }

  /** Takes so many bytes more, or gives some back; false when there are not so many. */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#used + bytes > this.limit) return false
    this.#used += bytes
    return true
  }
}

/** What one direction remembers: the last bytes of its messages, as far as its window goes. RFC 7692 §7.2.3.2 */
export class Window {
  readonly bits: number
  readonly #takeover: boolean
  readonly #budget: ContextBudget
  #bytes: Uint8Array | undefined

  constructor(bits: number, takeover: boolean, budget: ContextBudget) {
    this.bits = bits
    this.#takeover = takeover
    this.#budget = budget
  }

  get call(): DeflateCall {
    return { windowBits: this.bits, dictionary: this.#bytes }
  }

  /** A message went; it is copied. False when there is no memory for it: then nothing is remembered. */
  remember(data: Uint8Array): boolean {
    if (!this.#takeover || data.length === 0) return true
    const size = 2 ** this.bits
    const kept = this.#bytes ?? NOTHING
    const fresh = data.length > size ? data.subarray(data.length - size) : data
    const old = kept.subarray(Math.max(0, kept.length + fresh.length - size))
    if (!this.#budget.take(old.length + fresh.length - kept.length)) {
      this.forget()
      return false
    }
    const joined = new Uint8Array(old.length + fresh.length)
    joined.set(old)
    joined.set(fresh, old.length)
    this.#bytes = joined
    return true
  }

  forget(): void {
    this.#budget.take(-(this.#bytes?.length ?? 0))
    this.#bytes = undefined
  }
}

const NOTHING = new Uint8Array(0)
