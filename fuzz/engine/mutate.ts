/** Damage: what becomes of an input that was nearly right. */
import { join } from './bytes.ts'
import { INTERESTING, type Random } from './random.ts'

type Damage = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array

/** A place before a byte, or behind the last. */
const place = (bytes: Uint8Array, random: Random): number => random.below(bytes.length + 1)

const range = (bytes: Uint8Array, random: Random): [start: number, end: number] => {
  const start = place(bytes, random)
  const size = random.oneIn(3) ? random.below(bytes.length + 1) : 1 + random.below(8)
  return [start, Math.min(bytes.length, start + size)]
}

/** Puts these bytes over what is there. */
const over = (bytes: Uint8Array, at: number, fresh: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(bytes)
  copy.set(fresh.subarray(0, copy.length - at), at)
  return copy
}

const insert = (bytes: Uint8Array, at: number, fresh: Uint8Array): Uint8Array =>
  join([bytes.subarray(0, at), fresh, bytes.subarray(at)])

/** A number as an extended length has it. */
function bigEndian(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let left = value
  for (let i = size - 1; i >= 0; i--) {
    bytes[i] = left % 256
    left = Math.floor(left / 256)
  }
  return bytes
}

/** Bytes that mean something in one of the grammars. */
const TELLING = Uint8Array.from([
  0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x23, 0x2c, 0x3a, 0x3b, 0x3d, 0x5c, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x88, 0x89,
  0x8a, 0xbf, 0xc0, 0xc1, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xfe, 0xff,
])

const damages: readonly Damage[] = [
  (bytes, random) => over(bytes, place(bytes, random), random.bytes(1)),
  (bytes, random) => over(bytes, place(bytes, random), Uint8Array.of(random.pick(TELLING))),
  (bytes, random) => {
    const at = place(bytes, random)
    return over(bytes, at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))))
  },
  (bytes, random) => {
    const [start, end] = range(bytes, random)
    return join([bytes.subarray(0, start), bytes.subarray(end)])
  },
  (bytes, random) => {
    const [start, end] = range(bytes, random)
    const again = Array.from({ length: random.oneIn(20) ? 20 : 1 }, () => bytes.subarray(start, end))
    return insert(bytes, random.oneIn(2) ? end : place(bytes, random), join(again))
  },
  (bytes, random) => insert(bytes, place(bytes, random), random.bytes(1 + random.below(4))),
  (bytes, random) => insert(bytes, place(bytes, random), Uint8Array.of(random.pick(TELLING))),
  (bytes, random) => over(bytes, place(bytes, random), bigEndian(random.pick(INTERESTING), random.pick([1, 2, 8]))),
  (bytes, random) => bytes.subarray(0, place(bytes, random)),
  (bytes, random, other) => {
    const [start, end] = range(other, random)
    return insert(bytes, place(bytes, random), other.subarray(start, end))
  },
  (bytes, random, other) => join([bytes.subarray(0, place(bytes, random)), other.subarray(place(other, random))]),
]

/** Damages bytes a few times; `other` lends pieces. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let mutant = bytes
  for (let times = 1 + random.below(4); times > 0; times--) mutant = random.pick(damages)(mutant, random, other)
  return mutant
}
