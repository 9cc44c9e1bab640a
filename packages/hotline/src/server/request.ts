/** A handshake request, as the socket remembers it and as `authorize` sees it. */
import { isFieldValue } from '../protocol/handshake/fields.ts'
import type { IncomingMessage } from '../runtime/node/http.ts'

/** What a peer asked for when it opened the line. Each part is made when it is first read, and the same from then on. */
export interface OpeningRequest<P = Readonly<Record<string, string>>> {
  /** The whole URL, with ws: or wss: as the client used it. */
  readonly url: URL
  /** The parameters of the route's pattern, decoded. */
  readonly params: P
  /** Header fields, names in lower case, repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The page's origin; undefined when the client is not a browser. RFC 6455 §10.2 */
  readonly origin: string | undefined
  /** The subprotocols that the client offers, without the one that carries a token. */
  readonly protocols: readonly string[]
  /**
   * The token that the client offers as the subprotocol `hotline.token.…`, since pages can set no header; undefined when there
   * is none. Whether it is right is for `authorize` to say.
   */
  readonly token: string | undefined
  /** The client's address, behind the proxies that `trustProxy` names. */
  readonly remoteAddress: string
  /** True when the client came over TLS. */
  readonly encrypted: boolean
}

/** The same while it is decided on. What follows is let go with the decision, since it costs memory. */
export interface HandshakeRequest<P = Readonly<Record<string, string>>> extends OpeningRequest<P> {
  /** Aborted when the client goes, or the acceptance takes too long: for the work that `authorize` does. */
  readonly signal: AbortSignal
  /** The request of node:http that it came in. */
  readonly raw: IncomingMessage
}

/** The URL that a request is for; undefined when its target or Host is not one. RFC 9112 §3.2, RFC 6455 §3 */
export function requestUrl(target: string, host: string, encrypted: boolean): URL | undefined {
  const scheme = encrypted ? 'wss' : 'ws'
  if (host === '' || !isFieldValue(host) || /[/?#@\\\s]/.test(host)) return undefined
  if (target.includes('#')) return undefined
  const text = target.startsWith('/') ? `${scheme}://${host}${target}` : target.replace(/^http/i, 'ws')
  const url = parse(text)
  return url?.protocol === 'ws:' || url?.protocol === 'wss:' ? url : undefined
}

/** Once: asking first whether it can be parsed would do it twice. */
function parse(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
