/** Conversions of Web IDL that the WebSocket class needs. webidl.spec.whatwg.org */

/** `(BufferSource or Blob or USVString)`: bytes and Blobs as they are, everything else as text. */
export function toContent(data: unknown): string | Uint8Array | Blob {
  if (typeof data === 'string' || data instanceof Blob) return data
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (!ArrayBuffer.isView(data)) return String(data)
  if (typeof SharedArrayBuffer === 'function' && data.buffer instanceof SharedArrayBuffer) {
    throw new TypeError('bytes in shared memory cannot be sent: copy them first')
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** `[Clamp] unsigned short`: into the range, then to the nearest whole number, the even one of two. */
export function clampUint16(value: unknown): number {
  const number = Number(value)
  if (Number.isNaN(number)) return 0
  const inRange = Math.min(Math.max(number, 0), 65_535)
  const below = Math.floor(inRange)
  const up = inRange - below > 0.5 || (inRange - below === 0.5 && below % 2 === 1)
  return up ? below + 1 : below
}

/** Makes members of a class as Web IDL has them: accessors and methods that can be enumerated, constants that stay. */
export function asInterface(
  target: { prototype: object },
  members: readonly string[],
  constants: Readonly<Record<string, number>>,
): void {
  for (const name of members) Object.defineProperty(target.prototype, name, { enumerable: true })
  for (const [name, value] of Object.entries(constants)) {
    const constant = { value, enumerable: true, writable: false, configurable: false }
    Object.defineProperty(target, name, constant)
    Object.defineProperty(target.prototype, name, constant)
  }
}
