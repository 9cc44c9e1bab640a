/** Random numbers and SHA-1 by node:crypto. RFC 6455 §4.2.2, §10.3 */
import { createHash, randomBytes, randomFillSync } from 'node:crypto'
import type { HandshakeCrypto } from '../../protocol/handshake/key.ts'

export const nodeCrypto: HandshakeCrypto = {
  sha1: text => createHash('sha1').update(text, 'latin1').digest('base64'),
  randomBase64: size => randomBytes(size).toString('base64'),
}

/** Keys that are drawn at once: one call into the system for many frames. */
const POOL = 4096
const pool = new Int32Array(POOL)
let next = POOL

/** A masking key that nobody can predict, used once. RFC 6455 §10.3 */
export function randomKey(): number {
  if (next === POOL) {
    randomFillSync(pool)
    next = 0
  }
  return pool[next++]
}
