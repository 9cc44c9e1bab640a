/** What was published, as it stands between nodes: one byte for what it is, when it was published, and the content. */
import { Source } from '../topics/source.ts'

/** What the first byte says. Others are of versions to come. */
const Kind = { text: 0x10, json: 0x11, bytes: 0x12 } as const

/** The byte, and the time: milliseconds since 1970 as 64 bits. */
const HEAD = 9

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @param at - when it was published: milliseconds since 1970 */
export function toBody({ text, json, bytes }: Source, at: number): Uint8Array {
  const content = bytes ?? encoder.encode(text)
  const body = new Uint8Array(HEAD + content.length)
  body[0] = bytes !== undefined ? Kind.bytes : json ? Kind.json : Kind.text
  new DataView(body.buffer).setFloat64(1, at)
  body.set(content, HEAD)
  return body
}

export interface Opened {
  readonly source: Source
  readonly at: number
}

/**
 * Reads what another node has written; its bytes are a copy.
 *
 * @throws Error when no node can have written it
 */
export function openBody(body: Uint8Array): Opened {
  if (body.length < HEAD) throw new Error('it is too short')
  const at = new DataView(body.buffer, body.byteOffset).getFloat64(1)
  if (!Number.isFinite(at)) throw new Error('it has no time')
  return { source: sourceIn(body[0], body.subarray(HEAD)), at }
}

function sourceIn(kind: number | undefined, content: Uint8Array): Source {
  if (kind === Kind.bytes) return new Source('', false, content.slice())
  if (kind !== Kind.text && kind !== Kind.json)
    throw new Error(`it is of kind ${kind}, which this version does not know`)
  const text = decoder.decode(content)
  // It is put into messages as it is.
  if (kind === Kind.json) JSON.parse(text)
  return new Source(text, kind === Kind.json)
}
