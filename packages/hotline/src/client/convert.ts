/** Conversions of Web IDL that the WebSocket class needs. webidl.spec.whatwg.org */

/** `DOMString`. Not String(): a symbol is a TypeError. */
export const toText = (value: unknown): string => `${value}`

/** `USVString`: a `DOMString` whose unpaired surrogates are replaced. */
export const toScalars = (value: unknown): string => toText(value).replace(/[\ud800-\udfff]/gu, '\ufffd')

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** `(DOMString or sequence<DOMString>)`: what can be iterated is a list, everything else is text. */
export function toTexts(value: unknown): string[] {
  const method = isObject(value) ? (value as Partial<Iterable<unknown>>)[Symbol.iterator] : undefined
  return method == null ? [toText(value)] : listOf(value, method)
}

/** Not `Array.from`: Web IDL asks for the iterator once, and does not close it when a value cannot be converted. */
function listOf(value: unknown, method: () => Iterator<unknown>): string[] {
  const iterator = Reflect.apply(method, value, [])
  if (!isObject(iterator)) throw new TypeError('the iterator of a list must be an object')
  const { next } = iterator
  const texts: string[] = []
  for (;;) {
    const result: IteratorResult<unknown> = Reflect.apply(next, iterator, [])
    if (!isObject(result)) throw new TypeError('what an iterator gives must be an object')
    if (result.done) return texts
    texts.push(toText(result.value))
  }
}

/** `(BufferSource or Blob or USVString)`: bytes and Blobs as they are, everything else as text. */
export function toContent(data: unknown): string | Uint8Array | Blob {
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) return bytesOf(data.buffer, data)
  if (!isObject(data)) return toText(data)
  if (data instanceof Blob && isMade(Blob, 'size', data)) return data
  if (isMade(ArrayBuffer, 'byteLength', data)) return bytesOf(data as ArrayBuffer)
  if (isMade(SharedArrayBuffer, 'byteLength', data)) return bytesOf(data as SharedArrayBuffer)
  return toText(data)
}

/** True when the value is what the class makes, of whatever realm, and not only calls itself so. */
function isMade(of: { readonly prototype: object }, getter: string, value: object): boolean {
  try {
    Reflect.get(of.prototype, getter, value)
    return true
  } catch {
    return false
  }
}

/** A view of the bytes: none of a buffer that was given away. */
function bytesOf(buffer: ArrayBufferLike, view?: ArrayBufferView): Uint8Array {
  if (Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]') {
    throw new TypeError('bytes in shared memory cannot be sent: copy them first')
  }
  if ((buffer as { readonly resizable?: boolean }).resizable === true) {
    throw new TypeError('bytes of a buffer that can be resized cannot be sent: copy them first')
  }
  if (buffer.byteLength === 0) return new Uint8Array(0)
  return view === undefined ? new Uint8Array(buffer) : new Uint8Array(buffer, view.byteOffset, view.byteLength)
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
