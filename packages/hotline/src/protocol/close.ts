/** Close codes, and the payload of a close frame. RFC 6455 §5.5.1, §7.4 */
import { ProtocolError, UsageError } from '../errors.ts'
import type { TextCodec } from './text.ts'

/** Close codes. RFC 6455 §7.4.1, §11.7 and the IANA registry (1012 to 1014) */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
  tlsHandshake: 1015,
} as const

/** What a close frame says: a code, and a reason of at most 123 bytes of UTF-8. */
export interface Close {
  readonly code: number
  readonly reason: string
}

/**
 * How a connection ended: the code and reason that the peer gave, those that we gave when we failed the connection,
 * or 1006. RFC 6455 §7.1.4 to §7.1.6
 *
 * Deviation: §7.1.5 has 1006 for every end without a close frame of the peer; after we failed the connection it is our
 * own code, with `clean` false and `received` undefined. The `WebSocket` class keeps to 1006.
 */
export interface Closed extends Close {
  /** True when both close frames were exchanged. RFC 6455 §7.1.4 */
  readonly clean: boolean
  /** Our close frame, where one was sent. */
  readonly sent?: Close | undefined
  /** The peer's close frame, where one came. */
  readonly received?: Close | undefined
  /** Why it ended, where it ended by a fault: of the peer, of the network, or of a handler. */
  readonly error?: Error | undefined
}

/** The longest reason: a control frame's 125 bytes less the code. RFC 6455 §5.5 */
export const MAX_REASON_BYTES = 123

/**
 * True for the codes that may stand in a close frame. RFC 6455 §7.4.1, §7.4.2
 *
 * Stricter than §7.4.2: the unassigned codes 1016 to 2999 are refused too, since nobody can have defined them.
 */
export const isSendable = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999))

/** Reads the payload of a close frame; throws a ProtocolError when it is not one. RFC 6455 §5.5.1 */
export function readClose(bytes: Uint8Array, start: number, end: number, codec: TextCodec): Close {
  const length = end - start
  if (length === 0) return { code: CloseCode.noStatus, reason: '' }
  if (length === 1) throw new ProtocolError('close frame with one byte')
  const code = (bytes[start] << 8) | bytes[start + 1]
  if (!isSendable(code)) throw new ProtocolError(`close code ${code} must not be sent`)
  if (!codec.isUtf8(bytes, start + 2, end)) {
    throw new ProtocolError('close reason is not UTF-8', CloseCode.invalidPayload, 'ERR_UTF8')
  }
  return { code, reason: codec.decode(bytes, start + 2, end, false) }
}

/** Throws a UsageError for what a close frame cannot say; 1005 stands for a frame without a body. RFC 6455 §5.5, §7.4 */
export function checkClose({ code, reason }: Close, codec: TextCodec): void {
  if (code !== CloseCode.noStatus && !isSendable(code)) throw new UsageError(`close code ${code} must not be sent`)
  if (code === CloseCode.noStatus && reason !== '') throw new UsageError('a close reason needs a code')
  if (codec.byteLength(reason) > MAX_REASON_BYTES) {
    throw new UsageError(`a close reason has at most ${MAX_REASON_BYTES} bytes in UTF-8`)
  }
}

/** Cuts a reason to at most 123 bytes of UTF-8, at the border of a character. */
export function fitReason(reason: string, codec: TextCodec): string {
  let fit = reason.length > MAX_REASON_BYTES ? reason.slice(0, MAX_REASON_BYTES) : reason
  while (codec.byteLength(fit) > MAX_REASON_BYTES) fit = fit.slice(0, -1)
  return /[\ud800-\udbff]$/.test(fit) ? fit.slice(0, -1) : fit
}
