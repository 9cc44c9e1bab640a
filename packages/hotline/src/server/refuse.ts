/** How an application says no to a request, before the line is open. */
import { UsageError } from '../errors.ts'
import { isFieldValue, isToken } from '../protocol/handshake/fields.ts'

/** A refusal: return it from `authorize`, or throw it. Make one with `refuse`. */
export class Refusal {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>

  /** @internal */
  constructor(status: number, reason: string, headers: Readonly<Record<string, string>>) {
    this.status = status
    this.reason = reason
    this.headers = headers
  }
}

/**
 * Refuses a request. A program sees the status; a browser shows nothing of it, see the option `refuseBy`.
 *
 * @param status - an HTTP status from 300 to 599; 401 and 403 are the usual ones
 * @param reason - for the body of the answer, or the reason of the close
 * @throws UsageError when the status is another, or a header is not one
 * @example
 * ```ts
 * import { refuse } from 'hotline/server'
 *
 * const refusal = refuse(401, 'sign in first', { 'WWW-Authenticate': 'Bearer' })
 * ```
 */
export function refuse(status: number, reason = '', headers: Readonly<Record<string, string>> = {}): Refusal {
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new UsageError(`refuse takes a status from 300 to 599, not ${status}`, 'status')
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!isToken(name) || !isFieldValue(value))
      throw new UsageError(`refuse cannot send the header '${name}'`, 'headers')
  }
  return new Refusal(status, reason, headers)
}
