/** What Node knows of the end of a connection and browsers hide: the answer to the opening handshake. */
import { HandshakeError } from '../errors.ts'
import { CloseEvent } from './events.ts'
import type { LineEnd } from './line/state.ts'

/** The statuses of 4xx that say "later" and not "no". RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4 */
const LATER = [408, 425, 429]

/** What the error of a close event says for the verdict. */
export function explain(event: object): Partial<LineEnd> {
  const error = event instanceof CloseEvent ? event.error : undefined
  if (!(error instanceof HandshakeError)) return { error }
  const { status = 0, headers } = error
  // 101: the server switched protocols and chose none that was offered, so it does not know them.
  const refused = status === 101 || (status >= 400 && status <= 499 && !LATER.includes(status))
  return { error, status: error.status, refused, retryAfter: readRetryAfter(headers?.['retry-after'], Date.now()) }
}

/** Milliseconds of a Retry-After header: seconds, or a date. RFC 9110 §10.2.3 */
export function readRetryAfter(value = '', now: number): number | undefined {
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : /GMT$/.test(value) ? Date.parse(value) - now : -1
  return ms >= 0 ? ms : undefined
}
