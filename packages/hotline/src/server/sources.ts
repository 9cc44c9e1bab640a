/** What was published, as it was at that moment: every form of it is written from here. */
import { toBytes } from '../connection/bytes.ts'
import { Prepared } from '../connection/prepared.ts'
import { UsageError } from '../errors.ts'
import type { Publication } from '../topics/publication.ts'

/** Bytes, or text; `json` says that the text is JSON, and not a text that was published as one. */
export interface Source {
  readonly bytes?: Uint8Array
  readonly text: string
  readonly json: boolean
}

/** @throws UsageError for what JSON cannot write */
export const sourceOf = (publication: Publication): Source => publication.form(makeSource)

/** What a publication takes while it is kept: its source, and one form with its frame. */
export function seal(publication: Publication): number {
  const { bytes, text } = sourceOf(publication)
  // Objects take many times the memory of their JSON.
  publication.data = undefined
  return OVERHEAD + 3 * (bytes?.length ?? 2 * text.length)
}

/** Our own objects around it. */
const OVERHEAD = 512

function makeSource({ data }: Publication): Source {
  if (typeof data === 'string') return { text: data, json: false }
  if (ArrayBuffer.isView(data) || data instanceof ArrayBuffer) {
    return { bytes: new Uint8Array(toBytes(data) as Uint8Array), text: '', json: false }
  }
  const text = write(data)
  if (text === undefined) throw new UsageError('what is published is text, bytes, or what JSON can write', 'data')
  return { text, json: true }
}

function write(data: unknown): string | undefined {
  try {
    return data instanceof Blob || data instanceof Prepared ? undefined : JSON.stringify(data)
  } catch (cause) {
    throw new UsageError(`what is published cannot be written as JSON: ${(cause as Error).message}`, 'data')
  }
}
