/** The opening handshake, the server's side, as functions over header fields. RFC 6455 §4.2 */
import { type ExtensionOffer, parseExtensions } from './extensions.ts'
import type { Field, Fields } from './fields.ts'
import { acceptKey, type HandshakeCrypto, isKey } from './key.ts'
import { parseProtocols } from './subprotocol.ts'

/** The version of the protocol that there is. RFC 6455 §4.1 (9) */
export const VERSION = '13'

/** A request as it came. */
export interface RequestHead {
  readonly method: string
  /** `1.1` and the like. */
  readonly httpVersion: string
  readonly fields: Fields
}

/** What a valid request asks for. */
export interface Offer {
  readonly key: string
  readonly protocols: readonly string[]
  readonly extensions: readonly ExtensionOffer[]
}

/** An HTTP answer that is not 101. */
export interface Rejection {
  readonly status: number
  readonly reason: string
  readonly fields: readonly Field[]
}

const reject = (status: number, reason: string, ...fields: Field[]): Rejection => ({ status, reason, fields })

/** True when the request wants a WebSocket; what else it may be is not for us to answer. RFC 6455 §4.2.1 (3) */
export const wantsWebSocket = (fields: Fields): boolean => fields.hasToken('upgrade', 'websocket')

/** Reads a request: what it offers, or how to answer what is wrong with it. RFC 6455 §4.2.1, §4.2.2, §4.4 */
export function readRequest({ method, httpVersion, fields }: RequestHead): Offer | Rejection {
  if (method !== 'GET') return reject(405, 'the method must be GET', ['Allow', 'GET'])
  if (httpVersion !== '1.1') return rejectVersion(httpVersion)
  if (fields.all('host').length !== 1) return reject(400, 'one Host header is needed')
  if (!wantsWebSocket(fields)) {
    return reject(426, 'a WebSocket handshake is needed', ['Upgrade', 'websocket'], ['Connection', 'Upgrade'])
  }
  if (!fields.hasToken('connection', 'upgrade')) return reject(400, 'Connection: Upgrade is needed')
  if (hasBody(fields)) return reject(400, 'the request must not have a body')
  return readSecFields(fields)
}

/**
 * Stricter than §4.2.1, which says HTTP/1.1 or higher: the header is that of HTTP/1.1 (RFC 9110 §7.8), so a request that
 * calls itself anything else comes from something that does not know what it says. RFC 9110 §15.6.6
 */
const rejectVersion = (version: string): Rejection =>
  Number(version) >= 2 ? reject(505, 'the version must be HTTP/1.1') : reject(400, 'HTTP/1.1 is needed')

/** The fields whose names begin with Sec-WebSocket. RFC 6455 §4.2.1 (5) to (9), §11.3 */
function readSecFields(fields: Fields): Offer | Rejection {
  const [version, secondVersion] = fields.all('sec-websocket-version')
  if (version === undefined || secondVersion !== undefined) {
    return reject(400, 'one Sec-WebSocket-Version header is needed', ['Sec-WebSocket-Version', VERSION])
  }
  if (version !== VERSION) {
    const answer: Field[] = [
      ['Sec-WebSocket-Version', VERSION],
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
    ]
    return reject(426, `Sec-WebSocket-Version must be ${VERSION}`, ...answer)
  }
  const [key, secondKey] = fields.all('sec-websocket-key')
  if (key === undefined || secondKey !== undefined) return reject(400, 'one Sec-WebSocket-Key header is needed')
  if (!isKey(key)) return reject(400, 'Sec-WebSocket-Key must be 16 bytes in base64')
  const protocolFields = fields.all('sec-websocket-protocol')
  const protocols = protocolFields.length === 0 ? [] : parseProtocols(protocolFields)
  if (protocols === undefined) return reject(400, 'Sec-WebSocket-Protocol must be a list of different tokens')
  const extensionField = fields.get('sec-websocket-extensions')
  const extensions = extensionField === undefined ? [] : parseExtensions(extensionField)
  if (extensions === undefined) return reject(400, 'Sec-WebSocket-Extensions is malformed')
  return { key, protocols, extensions }
}

/** Stricter than §4.2.1: a body would be read as frames, so a request that announces one is refused. */
const hasBody = (fields: Fields): boolean =>
  fields.has('transfer-encoding') || fields.all('content-length').some(value => value !== '0')

/** The header fields of the 101 answer. RFC 6455 §4.2.2 (5) */
export function acceptFields(
  key: string,
  chosen: { readonly protocol?: string | undefined; readonly extensions?: string | undefined },
  crypto: HandshakeCrypto,
): Field[] {
  const fields: Field[] = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', acceptKey(key, crypto)],
  ]
  if (chosen.protocol !== undefined) fields.push(['Sec-WebSocket-Protocol', chosen.protocol])
  if (chosen.extensions !== undefined) fields.push(['Sec-WebSocket-Extensions', chosen.extensions])
  return fields
}
