/** What the end of a connection means: try again, or take it as a no. */
import { UsageError } from '../../errors.ts'
import type { LineEnd } from './state.ts'

/** What a caller's `retry` may say: yes, no, yes after so many milliseconds at least; undefined is what hotline thinks. */
export type Retry = (end: LineEnd) => boolean | number | undefined

/** Codes by which a peer says that it is done, or that the same again would end the same. RFC 6455 §7.4.1 */
const FINAL_CODES = [1000, 1002, 1003, 1007, 1008, 1009]

/** The statuses of 4xx that say "later" and not "no". RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4 */
const LATER = [408, 425, 429]

/** True for what says no: 1000, 1002, 1003, 1007, 1008, 1009, 4400 to 4499, a status of 4xx, or a call that was wrong. */
export const isFinal = ({ code, status = 0, error }: LineEnd): boolean =>
  FINAL_CODES.includes(code) ||
  (code >= 4400 && code <= 4499) ||
  (status >= 400 && status <= 499 && !LATER.includes(status)) ||
  // The server switched protocols and chose none that was offered: it does not know them.
  status === 101 ||
  error instanceof UsageError

/** False for no, else the milliseconds to wait at least. */
export function judge(end: LineEnd, retry?: Retry): false | number {
  const said = retry?.(end)
  if (typeof said === 'number') return said
  return (said ?? !isFinal(end)) ? (end.retryAfter ?? 0) : false
}

/** Milliseconds of a Retry-After header: seconds, or a date. RFC 9110 §10.2.3 */
export function readRetryAfter(value = '', now: number): number | undefined {
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : /GMT$/.test(value) ? Date.parse(value) - now : -1
  return ms >= 0 ? ms : undefined
}
