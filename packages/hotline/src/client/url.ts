/** The URL and the subprotocols of a client, as the WHATWG standard reads them. */
import { areProtocols } from '../protocol/handshake/subprotocol.ts'
import { readUrl } from '../protocol/handshake/url.ts'

/** WebSockets standard, "obtain a WebSocket URL": http and https stand for ws and wss; no other scheme, no fragment. */
export function parseUrl(text: string): URL {
  const url = readUrl(text)
  if (url === undefined) throw new DOMException(`'${text}' is not a URL`, 'SyntaxError')
  if (url.protocol === 'http:') url.protocol = 'ws:'
  if (url.protocol === 'https:') url.protocol = 'wss:'
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new DOMException(`the URL must begin with ws:, wss:, http: or https:, not ${url.protocol}`, 'SyntaxError')
  }
  if (url.href.includes('#')) throw new DOMException('the URL must not have a fragment', 'SyntaxError')
  return url
}

/** WebSockets standard, constructor steps on protocols: tokens, none twice. */
export function parseProtocols(protocols: readonly string[]): readonly string[] {
  if (!areProtocols(protocols))
    throw new DOMException(`subprotocols must be different tokens, not '${protocols.join("', '")}'`, 'SyntaxError')
  return protocols
}
