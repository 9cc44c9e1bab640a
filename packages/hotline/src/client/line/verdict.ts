/** What the end of a connection means: try again, or take it as a no. */
import { UsageError } from '../../errors.ts'
import type { LineEnd } from './state.ts'

/** What a caller's `retry` may say: yes, no, yes after so many milliseconds at least; undefined is what hotline thinks. */
export type Retry = (end: LineEnd) => boolean | number | undefined

/** Codes by which a peer says that it is done, or that the same again would end the same. RFC 6455 §7.4.1 */
const FINAL = /^(100[0237-9]|44..)$/

/** True for what says no: 1000, 1002, 1003, 1007, 1008, 1009, 4400 to 4499, such a status, or a call that was wrong. */
const isFinal = ({ code, refused, error }: LineEnd): boolean =>
  refused || FINAL.test(`${code}`) || error instanceof UsageError

/** The longest time that a server may ask for: what it says is not to be for ever. */
const LONGEST_RETRY_AFTER = 3_600_000

/** False for no, else the milliseconds to wait at least, which are a time whatever was said. */
export function judge(end: LineEnd, retry?: Retry): false | number {
  const said = retry?.(end)
  if (said === false || (said === undefined && isFinal(end))) return false
  const after = typeof said === 'number' ? said : (end.retryAfter ?? 0)
  return Math.min(Math.max(after, 0) || 0, LONGEST_RETRY_AFTER)
}
