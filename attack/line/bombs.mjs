/** Streams of DEFLATE that cost more than they look. RFC 1951, RFC 7692 §7.2 */
import { deflateRawSync, constants as zlib } from 'node:zlib'

const MIB = 1_048_576

/** As a message: without the four bytes that the receiver adds. @param {Uint8Array | string} data */
export const deflated = data => deflateRawSync(data, { level: 9, finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, -4)

/** So many mebibytes of zeros, in a thousandth. @param {number} mebibytes */
export function zeros(mebibytes) {
  const one = deflateRawSync(Buffer.alloc(MIB), { level: 9, finishFlush: zlib.Z_FULL_FLUSH })
  return Buffer.concat(Array.from({ length: mebibytes }, () => one)).subarray(0, -4)
}

/** Zeros that were compressed again and again: what comes out is a bomb itself. @param {number} mebibytes */
export const nested = mebibytes => deflated(deflateRawSync(zeros(mebibytes)))

/** Blocks that hold nothing: stored, five bytes each. @param {number} bytes */
export const storedBlocks = bytes => Buffer.from('000000ffff'.repeat(Math.floor(bytes / 5)), 'hex').subarray(0, -4)

/** Blocks that hold nothing, ten bits each, with the fixed codes. @param {number} bytes */
export const fixedBlocks = bytes => bits('0100000000', Math.floor((bytes * 8) / 10), '000')

/**
 * Blocks that hold nothing but a table of codes, which the receiver builds each time: the most work for the fewest bits.
 * RFC 1951 §3.2.7: 257 lengths and one distance; lengths are coded by 18 (runs of zeros) and 1.
 * @param {number} bytes
 */
export function tableBlocks(bytes) {
  const number = (/** @type {number} */ value, /** @type {number} */ width) =>
    [...Array(width)].map((_, at) => (value >> at) & 1).join('')
  // The order is 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15: code lengths of 1 for 18 and for 1.
  const lengths = Array.from({ length: 18 }, (_, at) => number(at === 2 || at === 17 ? 1 : 0, 3)).join('')
  // 256 zeros are runs of 138 and 118; the code of 1 is `0`, that of 18 is `1`: in order of symbols.
  const runs = `1${number(138 - 11, 7)}1${number(118 - 11, 7)}`
  const block = `0${number(2, 2)}${number(0, 5)}${number(0, 5)}${number(18 - 4, 4)}${lengths}${runs}0${'0'}${'0'}`
  return bits(block, Math.floor((bytes * 8) / block.length), '000')
}

/** Bits in the order of RFC 1951 §3.1.1, repeated, then an end without the bytes of an empty stored block. @param {string} block @param {number} times @param {string} end */
function bits(block, times, end) {
  const length = block.length * times + end.length
  const bytes = Buffer.alloc(Math.ceil(length / 8))
  for (let at = 0; at < block.length * times; at++)
    if (block[at % block.length] === '1') bytes[at >> 3] |= 1 << (at & 7)
  return bytes
}
