/** The border of the API for bytes: what is taken, and what is refused before it can do harm. */
import { UsageError } from '../errors.ts'

/**
 * A view of the bytes of an ArrayBuffer or of any view of one; undefined for what has to be read first (Blob, parts).
 *
 * @throws UsageError for memory that another thread may change while it is sent, and for what is not data at all
 */
export function toBytes(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return unshared(data)
  if (ArrayBuffer.isView(data)) return unshared(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (data instanceof Blob || isIterable(data)) return undefined
  throw new UsageError(
    `send takes a string, bytes, a Blob or parts, not ${data === null ? 'null' : typeof data}`,
    'data',
  )
}

function unshared(bytes: Uint8Array): Uint8Array {
  if (typeof SharedArrayBuffer === 'function' && bytes.buffer instanceof SharedArrayBuffer) {
    throw new UsageError('bytes in shared memory cannot be sent: copy them first', 'data')
  }
  return bytes
}

const isIterable = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && (Symbol.asyncIterator in data || Symbol.iterator in data)
