/** Just so much of RFC 6455 as a load needs: masked frames, made once, and how long a frame is that comes back. §5.2 */
import { constants, deflateRawSync } from 'node:zlib'

/** Each frame has the same key, since each is made once: a server unmasks it as it would any other. */
const KEY = Buffer.from([0x11, 0x22, 0x33, 0x44])

/**
 * A masked frame.
 * @param {Buffer} payload
 * @param {{ binary: boolean, deflate?: boolean }} how
 */
export function frame(payload, { binary, deflate = false }) {
  const content = deflate ? deflated(payload) : payload
  const head = header(content.length)
  head[0] = 0x80 | (deflate ? 0x40 : 0) | (binary ? 0x2 : 0x1)
  const masked = Buffer.from(content.map((byte, i) => byte ^ KEY[i & 3]))
  return Buffer.concat([head, KEY, masked])
}

/** @param {number} length */
function header(length) {
  if (length < 126) return Buffer.from([0, 0x80 | length])
  if (length < 65536) return Buffer.from([0, 0x80 | 126, length >> 8, length & 0xff])
  const head = Buffer.alloc(10)
  head[1] = 0x80 | 127
  head.writeUInt32BE(length, 6)
  return head
}

/** A message as permessage-deflate has it without context takeover. RFC 7692 §7.2.1 */
function deflated(/** @type {Buffer} */ payload) {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
}

/**
 * The message at the start of the bytes, when it is whole: its fragments joined, and the bytes that it took.
 * @param {Buffer} bytes
 */
export function readMessage(bytes) {
  const payloads = []
  const compressed = bytes.length > 0 && (bytes[0] & 0x40) !== 0
  for (let at = 0; ; ) {
    const found = readFrame(bytes, at)
    if (!found) return undefined
    payloads.push(found.payload)
    at = found.end
    if (found.last) return { payload: Buffer.concat(payloads), compressed, length: at }
  }
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 */
function readFrame(bytes, at) {
  if (bytes.length < at + 2) return undefined
  const short = bytes[at + 1] & 0x7f
  const start = at + (short === 127 ? 10 : short === 126 ? 4 : 2)
  if (bytes.length < start) return undefined
  const length = short === 127 ? bytes.readUInt32BE(at + 6) : short === 126 ? bytes.readUInt16BE(at + 2) : short
  const end = start + length
  if (bytes.length < end) return undefined
  return { payload: bytes.subarray(start, end), end, last: (bytes[at] & 0x80) !== 0 }
}
