/** Masking, which is its own inverse. RFC 6455 §5.3 */
import { MASK_WASM } from './mask-wasm.ts'

/** From this many bytes on, making a view of 32-bit words pays. */
const WORDS_FROM = 96

/** True where byte 0 of a word is its lowest: all machines that Node and browsers run on but some. */
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** The four bytes of a masking key as one number, the first byte lowest. */
export const readKey = (bytes: Uint8Array, at: number): number =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)

/** The key for bytes that begin at this position of the payload. */
export const turnKey = (key: number, position: number): number => {
  const bits = (position & 3) << 3
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits))
}

/** As much of WebAssembly as is needed here. */
interface Wasm {
  validate(bytes: Uint8Array): boolean
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: unknown }
}

/** What mask.wat exports. */
interface MaskModule {
  readonly memory: { readonly buffer: ArrayBuffer }
  mask(at: number, end: number, key: number): number
}

/**
 * The module, where this machine has WebAssembly with SIMD and memory for it: each one reserves gigabytes of addresses, which a
 * limit of the system or many workers can use up. What a policy of a page forbids throws too.
 */
function instantiate(): MaskModule | undefined {
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: Wasm }
  if (wasm === undefined) return undefined
  try {
    const bytes = Uint8Array.from(atob(MASK_WASM), char => char.charCodeAt(0))
    if (!wasm.validate(bytes)) return undefined
    return new wasm.Instance(new wasm.Module(bytes)).exports as MaskModule
  } catch {
    return undefined
  }
}

const simd = instantiate()

/** Memory in which bytes are masked some twenty times as fast; undefined where there is none. Whoever reads, reads into it. */
export const fastMemory: ArrayBuffer | undefined = simd?.memory.buffer

/**
 * Masks or unmasks the bytes from start to end, in place; the key's lowest byte goes with the first of them.
 *
 * @returns for `isAscii`: whether a resulting byte has its highest bit set
 */
export function mask(bytes: Uint8Array, start: number, end: number, key: number): number {
  if (simd !== undefined && bytes.buffer === fastMemory) {
    return simd.mask(bytes.byteOffset + start, bytes.byteOffset + end, key) === 0 ? 0 : 0x80
  }
  return end - start >= WORDS_FROM && LITTLE_ENDIAN
    ? maskWords(bytes, start, end, key)
    : maskBytes(bytes, start, end, key)
}

/** Beyond so many bytes, the validator of the codec is faster. */
const LOOK_UP_TO = 64

/** As `mask` says of bytes that are not masked. Where looking at them costs more than the codec does, it says that it does not know. */
export const look = (bytes: Uint8Array, start: number, end: number): number =>
  bytes.buffer === fastMemory || end - start <= LOOK_UP_TO ? mask(bytes, start, end, 0) : 0x80

/**
 * Writes text at a place of the bytes, masked with the key, or plain with 0.
 *
 * @returns false when it is not ASCII; what is written then means nothing
 */
export function writeAscii(text: string, bytes: Uint8Array, start: number, key: number): boolean {
  const k0 = key & 0xff
  const k1 = (key >>> 8) & 0xff
  const k2 = (key >>> 16) & 0xff
  const k3 = key >>> 24
  const { length } = text
  let seen = 0
  let i = 0
  let at = start
  for (; i < length - 3; i += 4, at += 4) {
    const a = text.charCodeAt(i)
    const b = text.charCodeAt(i + 1)
    const c = text.charCodeAt(i + 2)
    const d = text.charCodeAt(i + 3)
    seen |= a | b | c | d
    bytes[at] = a ^ k0
    bytes[at + 1] = b ^ k1
    bytes[at + 2] = c ^ k2
    bytes[at + 3] = d ^ k3
  }
  for (let turned = key; i < length; i++, at++, turned >>>= 8) {
    const a = text.charCodeAt(i)
    seen |= a
    bytes[at] = a ^ turned
  }
  return seen < 0x80
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  const k0 = key & 0xff
  const k1 = (key >>> 8) & 0xff
  const k2 = (key >>> 16) & 0xff
  const k3 = key >>> 24
  let seen = 0
  let at = start
  for (const last = end - 3; at < last; at += 4) {
    seen |= bytes[at] ^= k0
    seen |= bytes[at + 1] ^= k1
    seen |= bytes[at + 2] ^= k2
    seen |= bytes[at + 3] ^= k3
  }
  if (at < end) seen |= bytes[at++] ^= k0
  if (at < end) seen |= bytes[at++] ^= k1
  if (at < end) seen |= bytes[at] ^= k2
  return seen
}

function maskWords(bytes: Uint8Array, start: number, end: number, key: number): number {
  const lead = -(bytes.byteOffset + start) & 3
  const count = (end - start - lead) >>> 2
  let seen = maskBytes(bytes, start, start + lead, key)
  const turned = turnKey(key, lead)
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start + lead, count)
  let at = 0
  for (const last = count - 3; at < last; at += 4) {
    seen |= words[at] ^= turned
    seen |= words[at + 1] ^= turned
    seen |= words[at + 2] ^= turned
    seen |= words[at + 3] ^= turned
  }
  for (; at < count; at++) seen |= words[at] ^= turned
  return seen | maskBytes(bytes, start + lead + count * 4, end, turned)
}

/** True when what `mask` gave says that all of the bytes are ASCII. */
export const isAscii = (seen: number): boolean => (seen & 0x80808080) === 0
