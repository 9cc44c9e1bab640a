/**
 * Every error of hotline, one tree. Each has a stable `code` for programs and a sentence for people that says what to do.
 *
 *     WebSocketError            code, message, cause
 *     ├─ ProtocolError          the peer broke the standard: closeCode
 *     │  └─ LimitError          a limit was passed: closeCode, limit { option, value }
 *     ├─ HandshakeError         the opening handshake failed: status, headers, body
 *     ├─ ClosedError            the socket is closing or closed: closeCode, reason
 *     ├─ TimeoutError           a deadline passed: limit { option, value }
 *     ├─ RequestError           the other end answered with an error of hotline.1: answer { code, reason }
 *     ├─ SchemaError            a message does not fit its contract: closeCode, reason, path, issues
 *     ├─ BackplaneError         the engine between the nodes did not do it: kept
 *     └─ UsageError             the caller's argument or option is wrong: option
 */

/**
 * The stable codes. New ones may come; the meaning of one never changes.
 *
 * | code | class | meaning |
 * |---|---|---|
 * | ERR_PROTOCOL | ProtocolError | a frame or a close code that RFC 6455 forbids |
 * | ERR_UTF8 | ProtocolError | text that is not UTF-8 |
 * | ERR_LIMIT | LimitError | a limit was passed; `limit` names the option |
 * | ERR_HANDSHAKE | HandshakeError | refused, or answered against RFC 6455 §4 |
 * | ERR_CONNECT | HandshakeError | no connection came about: DNS, TCP, TLS or proxy; see `cause` |
 * | ERR_CLOSED | ClosedError | the socket is closing or closed |
 * | ERR_CONNECTION | WebSocketError | the connection was lost; see `cause` |
 * | ERR_TIMEOUT | TimeoutError | a deadline passed; `limit` names the option |
 * | ERR_REQUEST | RequestError | a request, a subscription or a publication was answered with an error; `answer.code` says which |
 * | ERR_SCHEMA | SchemaError | a message that does not fit its contract |
 * | ERR_BACKPLANE | BackplaneError | the engine between the nodes is away, full, or said no; see `cause` |
 * | ERR_ABORTED | WebSocketError | the caller's AbortSignal was aborted; see `cause` |
 * | ERR_USAGE | UsageError | an argument or option is wrong |
 */
export type ErrorCode =
  | 'ERR_PROTOCOL'
  | 'ERR_UTF8'
  | 'ERR_LIMIT'
  | 'ERR_HANDSHAKE'
  | 'ERR_CONNECT'
  | 'ERR_CLOSED'
  | 'ERR_CONNECTION'
  | 'ERR_TIMEOUT'
  | 'ERR_REQUEST'
  | 'ERR_SCHEMA'
  | 'ERR_BACKPLANE'
  | 'ERR_ABORTED'
  | 'ERR_USAGE'

/** The bound that an error is about: the option that sets it, and the value it had (bytes, milliseconds or a count). */
export interface Limit {
  readonly option: string
  readonly value: number
}

/** The root of the tree: `error instanceof WebSocketError` is true for whatever hotline throws or rejects with. */
export class WebSocketError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  override get name(): string {
    return this.constructor.name
  }
}

/** The peer broke the standard. The connection is failed with `closeCode`. RFC 6455 §7.1.7 */
export class ProtocolError extends WebSocketError {
  readonly closeCode: number

  constructor(message: string, closeCode = 1002, code: ErrorCode = 'ERR_PROTOCOL') {
    super(code, message)
    this.closeCode = closeCode
  }
}

/** A limit was passed: `limit.option` is the option that sets it. */
export class LimitError extends ProtocolError {
  readonly limit: Limit

  constructor(message: string, limit: Limit, closeCode: number) {
    super(`${message} (${limit.option}: ${limit.value})`, closeCode, 'ERR_LIMIT')
    this.limit = limit
  }
}

/** What is known of the answer to an opening handshake. */
export interface HandshakeAnswer {
  /** HTTP status, where an answer came. */
  readonly status?: number
  /** Header fields of the answer, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** The first 4 KiB of the answer's body, as text. */
  readonly body?: string
}

/** The opening handshake failed. RFC 6455 §4.1, §4.2.2 */
export class HandshakeError extends WebSocketError {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly body: string | undefined

  constructor(message: string, answer: HandshakeAnswer = {}, options?: ErrorOptions & { code?: ErrorCode }) {
    super(options?.code ?? 'ERR_HANDSHAKE', message, options)
    this.status = answer.status
    this.headers = answer.headers
    this.body = answer.body
  }
}

/** The socket is closing or closed, so nothing can be sent. */
export class ClosedError extends WebSocketError {
  readonly closeCode: number
  readonly reason: string

  constructor(closeCode: number, reason: string, options?: ErrorOptions) {
    super('ERR_CLOSED', `the socket is closed (${closeCode}${reason === '' ? '' : ` ${reason}`})`, options)
    this.closeCode = closeCode
    this.reason = reason
  }
}

/** A deadline passed: `limit.option` is the option that sets it, `limit.value` is in milliseconds. */
export class TimeoutError extends WebSocketError {
  readonly limit: Limit

  constructor(message: string, limit: Limit) {
    super('ERR_TIMEOUT', `${message} (${limit.option}: ${limit.value} ms)`)
    this.limit = limit
  }
}

/**
 * The other end answered a request, a subscription or a publication of hotline.1 with an error. A handler of a request
 * that throws one says by it what the answer is, in place of `failed`.
 *
 * @example
 * ```ts
 * import { RequestError } from 'hotline/server'
 *
 * const buy = (left: number) => {
 *   if (left === 0) throw new RequestError('sold-out', 'there are none left')
 * }
 * ```
 */
export class RequestError extends WebSocketError {
  /** What is on the wire: a code for programs (docs/protocol.md has those of hotline.1), and a sentence for people. */
  readonly answer: { readonly code: string; readonly reason: string }

  constructor(code: string, reason: string, options?: ErrorOptions) {
    super('ERR_REQUEST', `${reason} (${code})`, options)
    this.answer = { code, reason }
  }
}

/** One thing that is wrong with a message, as its validator says it. */
export interface SchemaIssue {
  /** Where in the message, such as `items[3].name`; '' for the message itself. */
  readonly path: string
  readonly message: string
}

/** A message does not fit its contract. */
export class SchemaError extends WebSocketError {
  /** The code that the line is closed with: 1007, or 1003 for binary where text was agreed on, or the other way round. */
  readonly closeCode: number
  /** Path and sentence in at most 123 bytes of UTF-8, as a close frame can have them. */
  readonly reason: string
  /** Where the first thing that is wrong stands; '' for the message itself. */
  readonly path: string
  /** All that is wrong. */
  readonly issues: readonly SchemaIssue[]

  constructor(issues: readonly [SchemaIssue, ...SchemaIssue[]], closeCode = 1007, options?: ErrorOptions) {
    const [{ path, message }] = issues
    const text = path === '' ? message : `${path}: ${message}`
    super('ERR_SCHEMA', text, options)
    this.closeCode = closeCode
    this.reason = shorten(text)
    this.path = path
    this.issues = issues
  }
}

/** The longest reason of a close frame. RFC 6455 §5.5 */
const REASON = new Uint8Array(123)

/** For a close frame: without control characters, which are the peer's, and as long as it may be. */
function shorten(text: string): string {
  const plain = text.replace(/\p{Cc}/gu, ' ')
  return plain.slice(0, new TextEncoder().encodeInto(plain, REASON).read)
}

/** The caller gave a wrong argument or option. */
export class UsageError extends WebSocketError {
  readonly option: string | undefined

  constructor(message: string, option?: string) {
    super('ERR_USAGE', message)
    this.option = option
  }
}

/** The engine between the nodes (Redis, NATS, another process) is away, full, or said no. */
export class BackplaneError extends WebSocketError {
  /**
   * Whether a publication has been kept: `no` when it certainly was not; `unknown` when the engine was lost before it said
   * so, so that others may get it or not.
   */
  readonly kept: 'no' | 'unknown'

  constructor(message: string, kept: 'no' | 'unknown' = 'no', options?: ErrorOptions) {
    super('ERR_BACKPLANE', message, options)
    this.kept = kept
  }
}
