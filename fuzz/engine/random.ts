/** Chance that can be repeated: the same seed gives the same numbers. */

/** Interesting numbers: borders of the forms of a length, of signs, and of what JavaScript counts exactly. RFC 6455 §5.2 */
export const INTERESTING: readonly number[] = [
  0,
  1,
  2,
  15,
  16,
  124,
  125,
  126,
  127,
  128,
  255,
  256,
  1023,
  1024,
  1025,
  4095,
  4096,
  65_534,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
]

export class Random {
  #a: number
  #b: number
  #c: number
  #d = 1

  /** @param words - one seed, or what belongs to it: a target, the number of an input */
  constructor(...words: readonly (number | string)[]) {
    const seed = hash(words.join('/'))
    this.#a = seed
    this.#b = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b)
    this.#c = Math.imul(seed ^ 0x7f4a7c15, 0xc2b2ae35)
    for (let i = 0; i < 8; i++) this.next()
  }

  /** 32 bits, by sfc32. */
  next(): number {
    const sum = (this.#a + this.#b + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** From 0 to one less than the bound. */
  below(bound: number): number {
    return this.next() % bound
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(list: ArrayLike<T>): T {
    return list[this.below(list.length)] as T
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.next())
  }

  /** A length, small as a rule, now and then at a border; at most `most`. */
  size(most: number): number {
    const size = this.oneIn(4) ? this.pick(INTERESTING) : this.below(24)
    return Math.min(size, most)
  }
}

/** FNV-1a of the units of a text. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
