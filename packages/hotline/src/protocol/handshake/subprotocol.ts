/** Sec-WebSocket-Protocol: what a client offers and what a server chooses. RFC 6455 §4.1, §4.2.2, §11.3.4 */
import { isToken, trim } from './fields.ts'

/**
 * Reads the offered subprotocols; undefined when one is not a token or stands twice. RFC 6455 §4.1 (10)
 *
 * Empty elements are passed over, but one that is not empty is needed. RFC 9110 §5.6.1
 */
export function parseProtocols(values: readonly string[]): string[] | undefined {
  const elements = values.flatMap(value => value.split(',')).map(trim)
  const protocols = elements.filter(name => name !== '')
  return protocols.length > 0 && areProtocols(protocols) ? protocols : undefined
}

/** True when each is a token and none stands twice. RFC 6455 §4.1 (10) */
export const areProtocols = (protocols: readonly string[]): boolean =>
  protocols.every(isToken) && new Set(protocols).size === protocols.length

/** The first that the server supports, in the server's order of preference. RFC 6455 §4.2.2 (5, /subprotocol/) */
export const chooseProtocol = (offered: readonly string[], supported: readonly string[]): string | undefined =>
  supported.find(protocol => offered.includes(protocol))
