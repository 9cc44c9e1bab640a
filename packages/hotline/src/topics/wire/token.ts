/** A token among the offered subprotocols, since browsers can set no header and URLs land in logs. docs/protocol.md, "The token" */
import { utf8 } from './utf8.ts'

const PREFIX = 'hotline.token.'

/** True for a subprotocol that carries a token. No server ever chooses it. */
export const isTokenProtocol = (protocol: string): boolean => protocol.startsWith(PREFIX)

/** The subprotocol that carries this token: base64url of its UTF-8, without padding. RFC 4648 §5 */
export function tokenProtocol(token: string): string {
  const base64 = btoa(String.fromCharCode(...utf8(token)))
  return PREFIX + base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The token among these subprotocols; undefined when none carries one, or one that is not base64url of UTF-8. */
export function tokenOf(protocols: readonly string[]): string | undefined {
  const text = protocols.find(isTokenProtocol)?.slice(PREFIX.length)
  if (text === undefined || !/^[\w-]+$/.test(text)) return undefined
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(binary, char => char.charCodeAt(0)),
    )
  } catch {
    return undefined
  }
}
