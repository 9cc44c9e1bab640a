/** Proxies: which one the environment names for a URL, and a tunnel through it by CONNECT. RFC 9110 §9.3.6 */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { HandshakeError } from '../../errors.ts'

/** The proxy for a ws: or wss: URL by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in lower case too. */
export function proxyFromEnvironment(
  url: URL,
  env: Readonly<Record<string, string | undefined>> = process.env,
): URL | undefined {
  const read = (name: string): string => env[name.toLowerCase()] || env[name] || ''
  const proxy = read(url.protocol === 'wss:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || read('ALL_PROXY')
  if (proxy === '' || isExempt(url, read('NO_PROXY'))) return undefined
  const text = proxy.includes('://') ? proxy : `http://${proxy}`
  return URL.canParse(text) ? new URL(text) : undefined
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
      const [, name = item, itemPort] = /^(.*?)(?::(\d+))?$/.exec(item.replace(/^\[(.*)\]/, '$1')) ?? []
      if (itemPort !== undefined && itemPort !== port && !host.includes(':')) return false
      const domain = name.replace(/^\*?\./, '')
      return name === '*' || host === domain || host.endsWith(`.${domain}`)
    })
}

/** A connection to the URL's host through the proxy, before any TLS to that host. */
export function openTunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port || (url.protocol === 'wss:' ? 443 : 80)}`
  const headers: Record<string, string> = { Host: target }
  if (proxy.username !== '') headers['Proxy-Authorization'] = basicCredentials(proxy)
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest
  const fail = (what: string, status?: number, cause?: Error): HandshakeError =>
    new HandshakeError(`the proxy ${proxy.host} ${what}`, status === undefined ? {} : { status }, {
      cause,
      code: 'ERR_CONNECT',
    })
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
    request.on('connect', (response, socket: Socket) => {
      const status = response.statusCode ?? 0
      if (status >= 200 && status < 300) {
        resolve(socket)
        return
      }
      socket.destroy()
      reject(fail(`answered with status ${status}`, status))
    })
    request.on('response', response => {
      response.destroy()
      reject(fail(`answered with status ${response.statusCode}`, response.statusCode))
    })
    request.on('error', cause =>
      reject(signal.aborted ? signal.reason : fail(`cannot be reached: ${cause.message}`, undefined, cause)),
    )
    request.end()
  })
}

/** The user and password of a URL as HTTP wants them. RFC 7617 §2 */
export function basicCredentials({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
