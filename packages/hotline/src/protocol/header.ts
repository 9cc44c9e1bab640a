/** The header of a frame, written and read. RFC 6455 §5.2 */
import { ProtocolError } from '../errors.ts'

/** The bit that says that a message is compressed. RFC 7692 §6 */
export const RSV1 = 0x40

/** Bytes of an unmasked header for a payload of this length. RFC 6455 §5.2 */
export const lengthBytes = (length: number): number => (length < 126 ? 2 : length <= 0xffff ? 4 : 10)

/** Writes everything of a header but its key, and returns where it ends. RFC 6455 §5.2 */
export function writeHeader(bytes: Uint8Array, at: number, first: number, length: number, maskBit: number): number {
  bytes[at] = first
  if (length < 126) {
    bytes[at + 1] = maskBit | length
    return at + 2
  }
  if (length <= 0xffff) {
    bytes[at + 1] = maskBit | 126
    bytes[at + 2] = length >>> 8
    bytes[at + 3] = length
    return at + 4
  }
  bytes[at + 1] = maskBit | 127
  writeUint32(bytes, at + 2, Math.floor(length / 0x1_0000_0000))
  writeUint32(bytes, at + 6, length)
  return at + 10
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Bytes of the header whose second byte this is. RFC 6455 §5.2 */
export function headerSize(second: number): number {
  const length = second & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & 0x80) !== 0 ? 4 : 0)
}

/** A length of 64 bits. JavaScript counts 53 of them exactly; what is above passes no limit. RFC 6455 §5.2 */
export function readLength(bytes: Uint8Array, at: number): number {
  if (bytes[at] & 0x80) violation('length has its highest bit set') // §5.2
  let length = 0
  for (let i = 0; i < 8; i++) length = length * 256 + bytes[at + i]
  return length
}

/** Says what the peer did wrong. Never returns, so that checks read like the clauses. */
export function violation(what: string): never {
  throw new ProtocolError(what)
}
