/** A publication as NATS carries it: who published it, its number, and what nodes have written. */
import type { Entry } from '../backplane.ts'

/** Bytes of the number. */
const NUMBER = 8

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The name's length in one byte, which no node's exceeds, the name, the number in eight bytes, and the body. */
export function encode({ node, sequence, body }: Entry): Uint8Array {
  const name = encoder.encode(node)
  const start = 1 + name.length + NUMBER
  const bytes = new Uint8Array(start + body.length)
  bytes[0] = name.length
  bytes.set(name, 1)
  const view = new DataView(bytes.buffer)
  view.setUint32(start - NUMBER, Math.floor(sequence / 2 ** 32))
  view.setUint32(start - 4, sequence >>> 0)
  bytes.set(body, start)
  return bytes
}

/** What {@link encode} was given; undefined for bytes that are none of its. The body is a view of them. */
export function decode(bytes: Uint8Array): Entry | undefined {
  const start = 1 + (bytes[0] ?? 0) + NUMBER
  if (bytes.length < start) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, start)
  const sequence = view.getUint32(start - NUMBER) * 2 ** 32 + view.getUint32(start - 4)
  return { node: decoder.decode(bytes.subarray(1, start - NUMBER)), sequence, body: bytes.subarray(start) }
}
