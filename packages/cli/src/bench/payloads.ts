/** The messages that are sent: so many different ones that an answer shows which message it is the answer to. */

/** A message as it is sent, or as it came. */
export type Payload = string | Uint8Array

/** The first character, or byte, of a message tells it from the others. */
const HEADS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** From this size on, the content of every sixteenth answer is compared, of the others only the length and the head. */
const LARGE = 4096
const SAMPLE = 16

export class Payloads {
  readonly #pool: readonly Payload[]
  readonly #size: number
  readonly #binary: boolean

  constructor(size: number, binary: boolean) {
    this.#size = size
    this.#binary = binary
    // A pool of large messages would be large.
    const count = Math.min(HEADS.length, Math.max(2, Math.floor((16 * 1_048_576) / size)))
    this.#pool = Array.from({ length: count }, (_, index) => (binary ? noise(size, index) : records(size, index)))
  }

  /** Message number `index` of a connection. */
  at(connection: number, index: number): Payload {
    return this.#pool[(connection * 31 + index) % this.#pool.length] as Payload
  }

  /** True when this is message number `index` of the connection, come back. */
  matches(message: Payload, connection: number, index: number): boolean {
    if (message.length !== this.#size) return false
    const sent = this.at(connection, index)
    const whole = this.#size < LARGE || index % SAMPLE === 0
    if (typeof message === 'string') {
      if (this.#binary || message.charCodeAt(0) !== (sent as string).charCodeAt(0)) return false
      return !whole || message === sent
    }
    if (!this.#binary || message[0] !== (sent as Buffer)[0]) return false
    return !whole || (sent as Buffer).equals(message)
  }
}

/** JSON such as applications send, which compresses to a fifth or so, cut to size; its first character is the head. */
function records(size: number, seed: number): string {
  const random = xorshift(seed)
  let text = HEADS[seed] as string
  while (text.length < size) {
    text += `{"id":${random() % 100_000},"user":"u${random() % 1000}","price":${(random() % 10_000) / 100},"ok":${random() % 2 === 0}},`
  }
  // A flat string: what was joined piece by piece would be flattened again and again.
  return Buffer.from(text.slice(0, size), 'latin1').toString('latin1')
}

/** Bytes without any order, which do not compress. */
function noise(size: number, seed: number): Buffer {
  const random = xorshift(seed)
  const bytes = Buffer.allocUnsafeSlow(size)
  for (let at = 0; at < size; at++) bytes[at] = random() >>> 8
  bytes[0] = HEADS.charCodeAt(seed)
  return bytes
}

/** The same numbers in every run. Marsaglia, Xorshift RNGs, 2003 */
function xorshift(seed: number): () => number {
  let state = (seed + 1) * 0x9e3779b1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>>= 0)
  }
}
