/** What the end of a connection means: try again, or take it as a no. */
import { UsageError } from '../../errors.ts'
import type { LineEnd } from './state.ts'

/** What a caller's `retry` may say: yes, no, yes after so many milliseconds at least; undefined is what hotline thinks. */
export type Retry = (end: LineEnd) => boolean | number | undefined

/** Codes by which a peer says that it is done, or that the same again would end the same. RFC 6455 §7.4.1 */
const FINAL_CODES = [1000, 1002, 1003, 1007, 1008, 1009]

/** True for what says no: 1000, 1002, 1003, 1007, 1008, 1009, 4400 to 4499, such a status, or a call that was wrong. */
const isFinal = ({ code, refused, error }: LineEnd): boolean =>
  refused === true || FINAL_CODES.includes(code) || (code >= 4400 && code <= 4499) || error instanceof UsageError

/** False for no, else the milliseconds to wait at least. */
export function judge(end: LineEnd, retry?: Retry): false | number {
  const said = retry?.(end)
  if (typeof said === 'number') return said
  return (said ?? !isFinal(end)) ? (end.retryAfter ?? 0) : false
}
