/** Text and bytes by Node's Buffer: its decoders are native, and its validator is simdutf. */
import { Buffer, isAscii, isUtf8 } from 'node:buffer'
import type { TextCodec } from '../../protocol/text.ts'

/** Up to here, JavaScript makes and fills an array faster than Buffer does. */
const SMALL = 4096

const asBuffer = (bytes: Uint8Array): Buffer =>
  bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** From so many bytes on, looking for ASCII pays, which is decoded several times as fast. */
const LONG = 512

const isLongAscii = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= LONG && isAscii(bytes.subarray(start, end))

/** Plain bytes that are not filled with zeros first: the caller overwrites them. */
const allocate = (size: number): Uint8Array<ArrayBuffer> =>
  size <= SMALL ? new Uint8Array(size) : new Uint8Array(Buffer.allocUnsafeSlow(size).buffer)

export const nodeCodec: TextCodec = {
  isUtf8: (bytes, start, end) => isUtf8(bytes.subarray(start, end)),
  decode: (bytes, start, end, ascii) =>
    asBuffer(bytes).toString(ascii || isLongAscii(bytes, start, end) ? 'latin1' : 'utf8', start, end),
  byteLength: text => Buffer.byteLength(text),
  // A text with as many bytes as units is ASCII, and that is copied several times as fast.
  write: (text, target, offset, size) => asBuffer(target).write(text, offset, size === text.length ? 'latin1' : 'utf8'),
  allocate,
  copy(bytes, start, end) {
    const copy = allocate(end - start)
    copy.set(bytes.subarray(start, end))
    return copy
  },
  workspace: size => Buffer.allocUnsafeSlow(size),
}
