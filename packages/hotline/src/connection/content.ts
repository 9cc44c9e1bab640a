/** What `send` takes, in the forms that are left when the border of the API has looked at it. */
import type { TextCodec } from '../protocol/text.ts'
import { toBytes } from './bytes.ts'
import { Prepared } from './prepared.ts'

/** A message whose size is not known yet: its parts become the fragments of one message. RFC 6455 §5.4 */
export type Parts = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/** A message that can be sent as it is. */
export type Whole = string | Uint8Array | Prepared

/** A message in the forms that are left when the border of the API has looked at it. */
export type Content = Whole | Blob | Parts

/**
 * What `send` was given, with all forms of bytes made one.
 *
 * @throws UsageError for what is no message
 */
export function toContent(data: unknown): Content {
  if (typeof data === 'string' || data instanceof Prepared) return data
  return toBytes(data) ?? (data as Content)
}

export const isWhole = (content: Content): content is Whole =>
  typeof content === 'string' || content instanceof Uint8Array || content instanceof Prepared

/** Bytes of a message, as far as their number is known. */
export function sizeOf(content: Content, codec: TextCodec): number {
  if (typeof content === 'string') return codec.byteLength(content)
  if (content instanceof Blob) return content.size
  if (content instanceof Prepared) return content.content.length
  return content instanceof Uint8Array ? content.length : 0
}
