/** Frames as an attacker makes them: nothing is checked, every field can lie. RFC 6455 §5.2 */

const KEY = Buffer.of(0x37, 0xfa, 0x21, 0x3d)

export const FIN = 0x80
export const RSV1 = 0x40
export const op = /** @type {const} */ ({ more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 })

/** @param {number} first the first byte @param {number} length as declared @param {boolean} [masked] */
export function head(first, length, masked = true) {
  const bit = masked ? 0x80 : 0
  if (length < 126) return Buffer.of(first, bit | length)
  if (length < 65_536) return Buffer.of(first, bit | 126, length >> 8, length & 255)
  const bytes = Buffer.of(first, bit | 127, 0, 0, 0, 0, 0, 0, 0, 0)
  bytes.writeBigUInt64BE(BigInt(length), 2)
  return bytes
}

/**
 * A frame of a client.
 * @param {number} first the first byte: FIN, reserved bits, opcode
 * @param {Uint8Array | string} [payload]
 */
export function frame(first, payload = '') {
  const data = Buffer.from(payload)
  for (let at = 0; at < data.length; at++) data[at] = data[at] ^ KEY[at & 3]
  return Buffer.concat([head(first, data.length), KEY, data])
}

/** A frame of a server. @param {number} first @param {Uint8Array | string} [payload] */
export const bare = (first, payload = '') =>
  Buffer.concat([head(first, Buffer.byteLength(payload), false), Buffer.from(payload)])

/** The same bytes so many times. @param {Uint8Array} bytes @param {number} count */
export const repeat = (bytes, count) => Buffer.concat(Array.from({ length: count }, () => bytes))

/** @param {number} code @param {string} [reason] */
export const closing = (code, reason = '') => Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason)])
