/** Text and bytes by Node's Buffer: its decoders are native, and its validator is simdutf. */
import buffer, { Buffer, isAscii, isUtf8 } from 'node:buffer'
import type { TextCodec } from '../../protocol/text.ts'

/** Up to here, JavaScript makes and fills an array faster than Buffer does. */
const SMALL = 4096

const asBuffer = (bytes: Uint8Array): Buffer =>
  bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** From so many bytes on, looking for ASCII pays, which is decoded several times as fast. */
const LONG = 512

const isLongAscii = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= LONG && isAscii(bytes.subarray(start, end))

/** A Node that was built without ICU has none. */
const { transcode } = buffer as Partial<typeof buffer>

/** From so many bytes on, Node before 24 decodes three to seven times as fast by way of UTF-16. */
const BY_UTF16 = Number(process.versions.node.split('.', 1)[0]) < 24 ? 2048 : Number.POSITIVE_INFINITY

/** The text of bytes that are known to be UTF-8. */
function decode(bytes: Uint8Array, start: number, end: number, ascii: boolean): string {
  if (ascii || isLongAscii(bytes, start, end)) return asBuffer(bytes).toString('latin1', start, end)
  if (transcode === undefined || end - start < BY_UTF16) return asBuffer(bytes).toString('utf8', start, end)
  return transcode(bytes.subarray(start, end), 'utf8', 'utf16le').toString('utf16le')
}

/** Plain bytes that are not filled with zeros first: the caller overwrites them. */
const allocate = (size: number): Uint8Array<ArrayBuffer> =>
  size <= SMALL ? new Uint8Array(size) : new Uint8Array(Buffer.allocUnsafeSlow(size).buffer)

export const nodeCodec: TextCodec = {
  isUtf8: (bytes, start, end) => isUtf8(bytes.subarray(start, end)),
  decode,
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
