/** Proxies: which one the environment names for a URL, and a tunnel through it by CONNECT. RFC 9110 §9.3.6 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { type HandshakeAnswer, HandshakeError } from '../../errors.ts'
import { Fields } from '../../protocol/handshake/fields.ts'
import { readUrl } from '../../protocol/handshake/url.ts'

/**
 * The proxy for a ws: or wss: URL by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in lower case too.
 *
 * @throws HandshakeError ERR_CONNECT when the environment names something else: nobody is to go around it unnoticed
 */
export function proxyFromEnvironment(
  url: URL,
  env: Readonly<Record<string, string | undefined>> = process.env,
): URL | undefined {
  const read = (name: string): string => env[name.toLowerCase()] || env[name] || ''
  const own = url.protocol === 'wss:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = read(own) || read('ALL_PROXY')
  if (proxy === '' || isExempt(url, read('NO_PROXY'))) return undefined
  const text = proxy.includes('://') ? proxy : `http://${proxy}`
  const named = /^https?:/i.test(text) ? readUrl(text) : undefined
  if (named !== undefined) return named
  const message = `${own} or ALL_PROXY does not name an HTTP proxy: set it, NO_PROXY, or the option proxy`
  throw new HandshakeError(message, {}, { code: 'ERR_CONNECT' })
}

/** NO_PROXY: hosts, domains with or without a leading dot or `*.`, each with a port if one likes; or `*`. */
function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port || (url.protocol === 'wss:' ? '443' : '80')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(item => item !== '')
    .some(item => {
      const [, bracketed, plain, itemPort] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(item) ?? []
      const name = bracketed ?? plain ?? item
      if (itemPort !== undefined && itemPort !== port) return false
      const domain = name.replace(/^\*?\./, '')
      return name === '*' || host === domain || host.endsWith(`.${domain}`)
    })
}

/** A connection to the URL's host through the proxy, before any TLS to that host. */
export function openTunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port || (url.protocol === 'wss:' ? 443 : 80)}`
  const headers: Record<string, string> = { Host: target }
  const credentials = basicCredentials(proxy)
  if (credentials !== undefined) headers['Proxy-Authorization'] = credentials
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest
  const fail = (what: string, answer: HandshakeAnswer = {}, cause?: Error): HandshakeError =>
    new HandshakeError(`the proxy ${proxy.host} ${what}`, answer, { cause, code: 'ERR_CONNECT' })
  const refused = ({ statusCode: status = 0, rawHeaders }: IncomingMessage): HandshakeError =>
    fail(`answered with status ${status}`, { status, headers: Fields.fromFlat(rawHeaders).toObject() })
  return new Promise((resolve, reject) => {
    const request = send({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers,
      agent: false,
      signal,
    })
    request.on('connect', (response, socket: Socket, head: Buffer) => {
      const status = response.statusCode ?? 0
      if (status >= 200 && status < 300) {
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
        return
      }
      socket.destroy()
      reject(refused(response))
    })
    request.on('response', response => {
      response.destroy()
      reject(refused(response))
    })
    request.on('error', cause =>
      reject(signal.aborted ? signal.reason : fail(`cannot be reached: ${messageOf(cause)}`, {}, cause)),
    )
    request.end()
  })
}

/** Node joins the failures of several addresses in an AggregateError without a message. */
export function messageOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}

/** The user and password of a URL as HTTP wants them; undefined when it has none. RFC 7617 §2 */
export function basicCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const bytes = `${username}:${password}`.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return `Basic ${Buffer.from(bytes, 'latin1').toString('base64')}`
}
