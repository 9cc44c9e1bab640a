/** What was published, as it was at that moment: every form of it is written from here. */
import { toBytes } from '../connection/bytes.ts'
import { Prepared } from '../connection/prepared.ts'
import { UsageError } from '../errors.ts'
import type { Publication } from '../topics/publication.ts'
import { Source } from '../topics/source.ts'

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
  return data instanceof Source ? data : toSource(data)
}

/** @throws UsageError for what JSON cannot write */
export function toSource(data: unknown): Source {
  if (typeof data === 'string') return new Source(data, false)
  if (ArrayBuffer.isView(data) || data instanceof ArrayBuffer) {
    return new Source('', false, new Uint8Array(toBytes(data) as Uint8Array))
  }
  const text = write(data)
  if (text === undefined) throw new UsageError('what is published is text, bytes, or what JSON can write', 'data')
  return new Source(text, true)
}

function write(data: unknown): string | undefined {
  try {
    return data instanceof Blob || data instanceof Prepared ? undefined : JSON.stringify(data)
  } catch (cause) {
    throw new UsageError(`what is published cannot be written as JSON: ${(cause as Error).message}`, 'data')
  }
}
