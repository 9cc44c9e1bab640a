/** Conversions of Web IDL that the WebSocket class needs. webidl.spec.whatwg.org */

/** `DOMString`. Not String(): a symbol is a TypeError. */
export const toText = (value: unknown): string => `${value}`

/** `(DOMString or sequence<DOMString>)`: what can be iterated is a list, everything else is text. */
export function toTexts(value: unknown): string[] {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  const isList = isObject && (value as Partial<Iterable<unknown>>)[Symbol.iterator] != null
  return isList ? Array.from(value as Iterable<unknown>, toText) : [toText(value)]
}

/** `(BufferSource or Blob or USVString)`: bytes and Blobs as they are, everything else as text. */
export function toContent(data: unknown): string | Uint8Array | Blob {
  if (typeof data === 'string' || data instanceof Blob) return data
  if (ArrayBuffer.isView(data)) return bytesOf(data.buffer, data.byteOffset, data.byteLength)
  const kind = Object.prototype.toString.call(data)
  return kind === '[object ArrayBuffer]' || kind === '[object SharedArrayBuffer]'
    ? bytesOf(data as ArrayBufferLike)
    : toText(data)
}

/** A view of the bytes, of whatever realm they are: none of a buffer that was given away. */
function bytesOf(buffer: ArrayBufferLike, start = 0, length = buffer.byteLength): Uint8Array {
  if (Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]') {
    throw new TypeError('bytes in shared memory cannot be sent: copy them first')
  }
  return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer, start, length)
}

/** `[Clamp] unsigned short`: into the range, then to the nearest whole number, the even one of two. */
export function clampUint16(value: unknown): number {
  const number = +(value as number)
  if (Number.isNaN(number)) return 0
  const inRange = Math.min(Math.max(number, 0), 65_535)
  const below = Math.floor(inRange)
  const up = inRange - below > 0.5 || (inRange - below === 0.5 && below % 2 === 1)
  return up ? below + 1 : below
}

/** `unsigned short`: modulo 65536. */
export const toUint16 = (value: unknown): number => +(value as number) & 0xffff

/** Makes members of a class as Web IDL has them: accessors and methods that can be enumerated, constants that stay. */
export function asInterface(
  target: { prototype: object },
  name: string,
  members: readonly string[],
  constants: Readonly<Record<string, number>> = {},
): void {
  Object.defineProperty(target.prototype, Symbol.toStringTag, { value: name, configurable: true })
  for (const name of members) Object.defineProperty(target.prototype, name, { enumerable: true })
  for (const [name, value] of Object.entries(constants)) {
    const constant = { value, enumerable: true, writable: false, configurable: false }
    Object.defineProperty(target, name, constant)
    Object.defineProperty(target.prototype, name, constant)
  }
}
