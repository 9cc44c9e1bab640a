/** Sec-WebSocket-Key and Sec-WebSocket-Accept. RFC 6455 §4.1 (7), §4.2.2 (5, /key/), §11.3.1, §11.3.3 */

/** What the handshake needs of cryptography; a runtime gives it. */
export interface HandshakeCrypto {
  /** SHA-1 of ASCII text, in base64. */
  sha1(text: string): string
  /** Random bytes, in base64. */
  randomBase64(size: number): string
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Bytes of a key before base64. RFC 6455 §4.1 (7) */
const KEY_BYTES = 16

/** A new key. RFC 6455 §4.1 (7) */
export const createKey = (crypto: HandshakeCrypto): string => crypto.randomBase64(KEY_BYTES)

/** The answer to a key. RFC 6455 §4.2.2 (5, /key/) */
export const acceptKey = (key: string, crypto: HandshakeCrypto): string => crypto.sha1(key + GUID)

/** True for the base64 of 16 bytes: 22 characters and two signs of padding. RFC 6455 §4.2.1 (5) */
export const isKey = (key: string): boolean => /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key)
