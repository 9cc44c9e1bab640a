/** What is not WebSocket: the showcase, the state of the server, what it speaks, and a word for the rest. RFC 9110 */
import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from 'node:http'
import { webSocketUrl, withUrl } from './seed-client.ts'
import type { Site } from './site.ts'

/** What /healthz says. */
export interface Health {
  readonly status: 'ok' | 'draining'
  /** Seconds since the start. */
  readonly uptime: number
  /** Open lines. */
  readonly sockets: number
  readonly rooms: number
  /** With workers: which of them answers, and how many serve. The figures are of the one that answers. */
  readonly worker?: number
  readonly workers?: number
}

/**
 * Nothing comes from elsewhere and nothing is inline. Pages may open lines to any server, since that is what the
 * showcase is for.
 */
const SECURITY: OutgoingHttpHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "frame-src 'self'",
    "connect-src 'self' ws: wss:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

interface Answer {
  readonly status: number
  readonly body: string | Buffer
  readonly headers: OutgoingHttpHeaders
}

/** Paths that are for WebSocket. */
const LINES = /^\/(echo|topics|rooms\/[^/]+|refused(\/told)?)$/

/**
 * @param described - the AsyncAPI document of a server at this host
 * @param apps - answers what is for an application of the showcase, and says whether it did
 */
export function webListener(
  site: Site,
  health: () => Health,
  described: (host: string, protocol: 'ws' | 'wss') => object,
  apps: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): RequestListener {
  const client = site.text('/seed-client.txt')
  return (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s)
    if (!isRead(request)) send(response, text(405, 'GET and HEAD only\n', { Allow: 'GET, HEAD' }))
    else if (apps(request, response)) return
    else if (path === '/healthz') send(response, healthAnswer(health()))
    else if (path === '/asyncapi.json') send(response, documentAnswer(request, described))
    else if (path === '/seed-client.js') send(response, clientAnswer(client, query))
    else if (LINES.test(path)) send(response, lineAnswer(request, path))
    else send(response, pageAnswer(site, path))
  }
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'

/** Node leaves the body out of an answer to HEAD. */
function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { ...SECURITY, 'Content-Length': Buffer.byteLength(body), ...headers })
  response.end(body)
}

const text = (status: number, body: string, headers: OutgoingHttpHeaders = {}): Answer => ({
  status,
  body,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...headers },
})

const healthAnswer = (health: Health): Answer =>
  text(health.status === 'ok' ? 200 : 503, `${JSON.stringify(health)}\n`, { 'Content-Type': 'application/json' })

/** For the host as the client knows it. */
function documentAnswer({ headers, socket }: IncomingMessage, described: Parameters<typeof webListener>[2]): Answer {
  const document = described(headers.host ?? '127.0.0.1', schemeOf(socket))
  return text(200, `${JSON.stringify(document, undefined, 2)}\n`, { 'Content-Type': 'application/json' })
}

const schemeOf = (socket: IncomingMessage['socket']): 'ws' | 'wss' => ('encrypted' in socket ? 'wss' : 'ws')

/** The client of the notes, for the URL that the query names. */
function clientAnswer(client: string, query: string): Answer {
  const url = webSocketUrl(new URLSearchParams(query).get('url') ?? '')
  if (url === undefined) return text(400, 'url must be a ws:// or wss:// URL without a fragment\n')
  return text(200, withUrl(client, url), { 'Content-Type': 'text/javascript; charset=utf-8' })
}

/** Somebody opened the address of a line as if it were a page. RFC 9110 §15.5.22 */
function lineAnswer({ headers, socket }: IncomingMessage, path: string): Answer {
  const body = `This address is for WebSocket: hotline connect ${schemeOf(socket)}://${headers.host ?? ''}${path}\n`
  return text(426, body, { Upgrade: 'websocket', Connection: 'Upgrade, close' })
}

function pageAnswer(site: Site, path: string): Answer {
  const found = site.get(path)
  const { body, type, hashed } = found ?? site.instead(path)
  const caching = found !== undefined && hashed ? 'public, max-age=31536000, immutable' : 'no-cache'
  return { status: found === undefined ? 404 : 200, body, headers: { 'Content-Type': type, 'Cache-Control': caching } }
}
