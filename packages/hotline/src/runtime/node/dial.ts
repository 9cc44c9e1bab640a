/**
 * The client's way to a server: TCP, a proxy's tunnel or a Unix socket, TLS, and the HTTP request on top.
 *
 * Gap: RFC 9112 §5.2: an answer with a folded header field is refused, as Node's parser does; a client should unfold it.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Transport } from '../../connection/transport.ts'
import { HandshakeError } from '../../errors.ts'
import { type Field, Fields } from '../../protocol/handshake/fields.ts'
import { isMissed, Watch } from './missed.ts'
import { probeLane } from './probe.ts'
import { messageOf, openTunnel } from './proxy.ts'
import { NodeTransport } from './transport.ts'

/** What of node:tls a client can set. */
export type TlsClientOptions = Pick<
  ConnectionOptions,
  | 'ca'
  | 'cert'
  | 'key'
  | 'passphrase'
  | 'pfx'
  | 'rejectUnauthorized'
  | 'servername'
  | 'minVersion'
  | 'checkServerIdentity'
>

/** Where to dial, and what to say. */
export interface DialOptions {
  /** ws: or wss: */
  readonly url: URL
  readonly fields: readonly Field[]
  readonly tls: TlsClientOptions
  readonly proxy: URL | undefined
  readonly socketPath: string | undefined
  /** Ends the attempt. */
  readonly signal: AbortSignal
}

/** What the server answered; with a transport when it switched protocols. */
export interface Answer {
  readonly status: number
  readonly httpVersion: string
  readonly fields: Fields
  readonly body?: string
  readonly line?: { readonly transport: Transport; readonly head: Uint8Array }
}

/** Of a refusal's body, so much is kept to tell why. */
const BODY_KEPT = 4096

/** Rejects with a HandshakeError ERR_CONNECT when nobody answered; when the signal is aborted, with its reason. */
export async function dial(options: DialOptions): Promise<Answer> {
  const { url, signal, socketPath, proxy } = options
  const secure = url.protocol === 'wss:'
  signal.throwIfAborted()
  await probeLane(secure || proxy?.protocol === 'https:' ? 'tls' : 'tcp')
  signal.throwIfAborted()
  const tunnel = proxy === undefined || socketPath !== undefined ? undefined : await openTunnel(proxy, url, signal)
  const request: RequestOptions = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (secure ? 443 : 80),
    path: url.pathname + url.search,
    headers: options.fields.flat() as never,
    setHost: false,
    signal,
    ...(socketPath === undefined ? {} : { socketPath }),
    // Node looks at createConnection only where there is no agent, and `agent: false` is an agent: it would dial again.
    ...(secure || tunnel === undefined ? { agent: false } : { createConnection: () => tunnel }),
  }
  const tls = { ...options.tls, ALPNProtocols: ['http/1.1'], ...(tunnel === undefined ? {} : { socket: tunnel }) }
  try {
    return await answerOf(secure ? httpsRequest({ ...request, ...tls }) : httpRequest(request))
  } catch (cause) {
    tunnel?.destroy()
    throw signal.aborted ? signal.reason : failure(url, cause as Error)
  }
}

function answerOf(request: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let watch: Watch | undefined
    request.on('socket', socket => {
      watch = new Watch(request, socket)
    })
    request.on('upgrade', (response: IncomingMessage, socket: Socket, head: Buffer) => {
      watch?.stop()
      resolve(withLine(response, socket, head))
    })
    request.on('information', ({ statusCode, httpVersion, rawHeaders }) => {
      if (statusCode !== 101) return
      resolve({ status: 101, httpVersion, fields: Fields.fromFlat(rawHeaders) })
      request.destroy()
    })
    request.on('response', response => {
      const missed = response.statusCode === 101 && isMissed(response)
      if (missed) watch?.takeOver(response, (socket, head) => resolve(withLine(response, socket, head)))
      else resolve(readRefusal(response))
    })
    request.on('error', reject)
    request.end()
  })
}

/** The beginning of the body belongs to the answer: it often says why. */
async function readRefusal(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= BODY_KEPT) break
    }
  } catch {
    // A body that is cut off still says what it says.
  }
  response.destroy()
  const body = Buffer.concat(chunks).subarray(0, BODY_KEPT).toString('utf8')
  return { ...headOf(response), body }
}

const withLine = (response: IncomingMessage, socket: Socket, head: Uint8Array): Answer => ({
  ...headOf(response),
  line: { transport: new NodeTransport(socket), head },
})

const headOf = ({ statusCode = 0, httpVersion, rawHeaders }: IncomingMessage): Answer => ({
  status: statusCode,
  httpVersion,
  fields: Fields.fromFlat(rawHeaders),
})

/** Bytes came that are no answer of HTTP, or nobody was reached. */
function failure(url: URL, cause: Error): HandshakeError {
  const answered = (cause as NodeJS.ErrnoException).code?.startsWith('HPE_') === true
  const what = answered ? `the answer of ${url.host} is not HTTP` : `cannot connect to ${url.host}`
  return new HandshakeError(
    `${what}: ${messageOf(cause)}`,
    {},
    { cause, code: answered ? 'ERR_HANDSHAKE' : 'ERR_CONNECT' },
  )
}
