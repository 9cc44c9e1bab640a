/** Why no line came about, in one sentence that says what to do. */
import { STATUS_CODES } from 'node:http'
import { HandshakeError, TimeoutError, type WebSocketError } from 'hotline/client'
import { harmless } from './printer.ts'

export function explain(error: WebSocketError, url: URL): string {
  if (error instanceof TimeoutError)
    return `no answer from ${url.host} within ${error.limit.value / 1000} s (--timeout)`
  if (!(error instanceof HandshakeError)) return error.message
  if (error.status !== undefined) return refused(error)
  return unreachable(error.cause, url) ?? error.message
}

function refused({ status = 0, headers = {}, body = '', message }: HandshakeError): string {
  if (status === 101) return `the answer of the server is not WebSocket: ${message}`
  const said = /^text\/plain/.test(headers['content-type'] ?? '') ? harmless(body.trim()).slice(0, 200) : ''
  const reason = said === '' ? '' : `: ${said.replaceAll('\n', ' ')}`
  const location = headers['location'] === undefined ? '' : `, to ${harmless(headers['location'])}`
  return `the server refused with ${status} ${STATUS_CODES[status] ?? ''}${location}${reason}`
}

/** By the code of the system, of OpenSSL or of Node; undefined for codes that nobody knows. */
export function unreachable(error: unknown, { host, hostname, protocol }: URL): string | undefined {
  const untrusted = `the certificate of ${hostname} is not trusted; name its authority with --ca, or trust anybody with --insecure`
  const hungUp = `${host} hung up${protocol === 'ws:' ? '; perhaps it wants wss://' : ''}`
  const advice: Readonly<Record<string, string>> = {
    ECONNREFUSED: `nothing listens on ${host}; is the server running?`,
    ENOTFOUND: `there is no host named ${hostname}; check the URL`,
    EAI_AGAIN: `the name ${hostname} cannot be looked up now; check the network`,
    EHOSTUNREACH: `no way leads to ${hostname}; check the network`,
    ENETUNREACH: `no way leads to ${hostname}; check the network`,
    EMFILE: 'this machine lets a process open no more connections; raise the limit with ulimit -n',
    EADDRNOTAVAIL: `no local port is left for another connection to ${host}`,
    ECONNRESET: hungUp,
    HPE_INVALID_CONSTANT: `${host} does not speak HTTP${protocol === 'ws:' ? '; perhaps it wants wss://' : ''}`,
    EPROTO: `${host} does not speak TLS; perhaps it wants ws://`,
    ERR_SSL_WRONG_VERSION_NUMBER: `${host} does not speak TLS; perhaps it wants ws://`,
    CERT_HAS_EXPIRED: `the certificate of ${hostname} has expired; --insecure trusts it all the same`,
    ERR_TLS_CERT_ALTNAME_INVALID: `the certificate is not for ${hostname}; --insecure trusts it all the same`,
    DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
    SELF_SIGNED_CERT_IN_CHAIN: untrusted,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  }
  const codes = causes(error).map(cause => (cause as NodeJS.ErrnoException | undefined)?.code ?? '')
  return codes.map(code => advice[code]).find(Boolean)
}

/** What Node joined, one by one. */
const causes = (error: unknown): unknown[] => (error instanceof AggregateError ? error.errors : [error])
