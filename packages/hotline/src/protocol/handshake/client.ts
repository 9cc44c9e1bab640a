/** The opening handshake, the client's side, as functions over header fields. RFC 6455 §4.1 */
import { HandshakeError } from '../../errors.ts'
import { type ExtensionOffer, formatExtensions, parseExtensions } from './extensions.ts'
import type { Field, Fields } from './fields.ts'
import { acceptKey, type HandshakeCrypto } from './key.ts'
import { VERSION } from './server.ts'

/** What a client asks for. */
export interface Request {
  readonly key: string
  readonly protocols: readonly string[]
  readonly extensions: readonly ExtensionOffer[]
}

/** What a server agreed to. `protocol` is '' when it chose none. */
export interface Agreement {
  readonly protocol: string
  readonly extensions: readonly ExtensionOffer[]
}

/** The header fields of the request beside Host. RFC 6455 §4.1 (5) to (11) */
export function requestFields({ key, protocols, extensions }: Request): Field[] {
  const fields: Field[] = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Version', VERSION],
    ['Sec-WebSocket-Key', key],
  ]
  if (protocols.length > 0) fields.push(['Sec-WebSocket-Protocol', protocols.join(', ')])
  if (extensions.length > 0) fields.push(['Sec-WebSocket-Extensions', formatExtensions(extensions)])
  return fields
}

/** What a server answered. */
export interface ResponseHead {
  readonly status: number
  /** `1.1` and the like; not looked at when it is left out. */
  readonly httpVersion?: string
  readonly fields: Fields
  readonly body?: string
}

/** Checks the answer against what was asked. RFC 6455 §4.1, the list of what the client must validate */
export function readResponse(answer: ResponseHead, request: Request, crypto: HandshakeCrypto): Agreement {
  const { status, httpVersion = '1.1', fields, body } = answer
  const fail = (what: string): never => {
    const headers = fields.toObject()
    throw new HandshakeError(what, body === undefined ? { status, headers } : { status, headers, body })
  }
  if (status !== 101) fail(`the server answered with status ${status} instead of 101`) // (1)
  // Stricter than §4.1: no other version of HTTP has this 101. RFC 9110 §15.2, RFC 9113 §8.6
  if (httpVersion !== '1.1') fail(`the server answered 101 in HTTP/${httpVersion}, which has none`)
  if (!single(fields, 'upgrade', value => value.toLowerCase() === 'websocket'))
    fail('the answer lacks Upgrade: websocket') // (2)
  if (!fields.hasToken('connection', 'upgrade')) fail('the answer lacks Connection: Upgrade') // (3)
  const accept = acceptKey(request.key, crypto)
  if (!single(fields, 'sec-websocket-accept', value => value === accept))
    fail('Sec-WebSocket-Accept does not match the key') // (4)
  const extensions = readExtensions(fields, request) ?? fail('the server chose extensions that were not offered') // (5)
  const protocol = readProtocol(fields, request) ?? fail('the server chose a subprotocol that was not offered') // (6)
  return { protocol, extensions }
}

/** True when the field stands once and its value passes. */
function single(fields: Fields, name: string, passes: (value: string) => boolean): boolean {
  const values = fields.all(name)
  return values.length === 1 && passes(values[0] as string)
}

/** The field stands once at most in an answer. RFC 6455 §9.1, §11.3.2 */
function readExtensions(fields: Fields, request: Request): ExtensionOffer[] | undefined {
  const values = fields.all('sec-websocket-extensions')
  if (values.length === 0) return []
  const chosen = values.length === 1 ? parseExtensions(values[0] as string) : undefined
  const offered = (name: string): boolean => request.extensions.some(extension => extension.name === name)
  return chosen?.every(extension => offered(extension.name)) ? chosen : undefined
}

/**
 * Deviation: §4.1 lets a client go on without a subprotocol that it asked for, and so does this function;
 * the WHATWG standard wants the connection failed, which the `WebSocket` class does.
 */
function readProtocol(fields: Fields, request: Request): string | undefined {
  const values = fields.all('sec-websocket-protocol')
  if (values.length === 0) return ''
  return values.length === 1 && request.protocols.includes(values[0] as string) ? values[0] : undefined
}
