/** HTTP servers: one of our own to listen with, and the upgrade requests of any. */
import { createServer, type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http'
import type { Http2SecureServer } from 'node:http2'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import { HandshakeError, UsageError } from '../../errors.ts'
import type { Field } from '../../protocol/handshake/fields.ts'
import { handOver, isBehind, isMissed, keepHead } from './missed.ts'
import { probeLane } from './probe.ts'
import { Unanswered } from './unanswered.ts'
import { hangUp, NodeUpgrade } from './upgrade.ts'

export type { IncomingMessage, RequestListener } from 'node:http'
export type { TlsOptions } from 'node:tls'

/** A server of Node that sockets can be attached to. */
export type HttpServer = Server | Http2SecureServer

/** Where to listen, and how. */
export interface ListenOptions {
  readonly port: number
  readonly host: string
  readonly tls: TlsOptions | undefined
  readonly request: RequestListener
  /** Milliseconds for the TLS handshake and for all request headers. */
  readonly headersTimeout: number
}

const NOTHING = new Uint8Array()
/**
 * Requests of one connection that may wait. Node's parser takes two thousand out of one chunk, with some kilobytes for
 * each, before the first is answered (`pipelined` of `npm run attack`). RFC 9112 §9.3.2
 */
const MOST_UNANSWERED = 32
const ALLOW: readonly Field[] = [['Allow', 'GET']]

/** A server of our own, with every connection to it: in the middle of TLS, idle, upgraded or refused. */
export interface Listening {
  readonly server: Server
  readonly connections: ReadonlySet<Socket>
  readonly unanswered: Unanswered
}

/** Listens; the promise rejects with a HandshakeError ERR_CONNECT when that cannot be. */
export async function listen({ port, host, tls, request, headersTimeout }: ListenOptions): Promise<Listening> {
  const http = {
    headersTimeout,
    requestTimeout: headersTimeout,
    connectionsCheckingInterval: Math.min(1000, headersTimeout),
  }
  const server: Server =
    tls === undefined ? createServer(http) : secure({ ...http, ...tls, handshakeTimeout: headersTimeout })
  const connections = new Set<Socket>()
  const unanswered = new Unanswered()
  unansweredOf.set(server, unanswered)
  // Node's own, which `close` calls, cuts those too whose answer has ended and is still being written.
  server.closeIdleConnections = () => unanswered.endIdle()
  // One listener for all sockets: each would keep its own as long as it is open.
  function forget(this: Socket): void {
    connections.delete(this)
  }
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('close', forget)
  })
  unanswered.watch(() => {
    if (!server.listening) server.closeIdleConnections()
  })
  server.on('request', (asked, response) => {
    // What the parser still finds in the chunk.
    if (asked.socket.destroyed || isBehind(asked, asked.socket)) return
    if (isMissed(asked)) handOver(server, asked)
    else if (unanswered.of(asked.socket) === MOST_UNANSWERED) asked.socket.destroy()
    else {
      unanswered.add(asked.socket, response)
      request(asked, response)
    }
  })
  server.on('clientError', refuseBroken)
  // Without a listener Node would hang up unanswered.
  server.on('connect', (asked, duplex) => {
    if (isBehind(asked, duplex as Socket)) return
    const refuse = (): void => new NodeUpgrade(asked, duplex, NOTHING).refuse(405, 'no tunnel here', ALLOW)
    behindAnswers(server, duplex as Socket, refuse)
  })
  await probeLane(tls === undefined ? 'tcp' : 'tls')
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      const code = 'ERR_CONNECT'
      reject(new HandshakeError(`cannot listen on ${host}:${port}: ${cause.message}`, {}, { cause, code }))
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      // A connection that the system could not give us, for want of descriptors say. Listening goes on.
      server.on('error', () => {})
      resolve({ server, connections, unanswered })
    })
  })
}

/** How a request that is not HTTP, or too much of it, is answered. RFC 9112 §2.2, RFC 9110 §15.6.6, RFC 6585 §5 */
const BROKEN: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** A version that is written as one, and not of HTTP/1. RFC 9110 §15.6.6 */
const OTHER_VERSION = /^[^\r\n]* HTTP\/[02-9]\.\d\r\n/

function statusOf({ code = '', rawPacket }: NodeJS.ErrnoException & { rawPacket?: Buffer }): string {
  const other = code === 'HPE_INVALID_VERSION' && OTHER_VERSION.test(rawPacket?.toString('latin1') ?? '')
  return other ? '505 HTTP Version Not Supported' : (BROKEN[code] ?? '400 Bad Request')
}

/** Connections that have had their answer: what else comes on them is broken too. */
const refused = new WeakSet<Socket>()

/** As Node does without a listener, but so that a peer that is still sending gets to read the answer. */
function refuseBroken(error: NodeJS.ErrnoException, duplex: Duplex): void {
  const socket = duplex as Socket
  if (refused.has(socket) || keepHead(error, socket)) return
  refused.add(socket)
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  socket.on('error', () => socket.destroy())
  socket.write(`HTTP/1.1 ${statusOf(error)}\r\nConnection: close\r\n\r\n`)
  hangUp(socket)
}

/** @throws UsageError when the certificate or its key is not usable */
function secure(options: TlsOptions & object): Server {
  try {
    return createSecureServer({ ALPNProtocols: ['http/1.1'], ...options })
  } catch (error) {
    throw new UsageError(`option tls is not usable: ${(error as Error).message}`, 'tls')
  }
}

/** The address that a server listens on, as the authority of a URL. */
export function authorityOf(server: HttpServer): { host: string; port: number } | undefined {
  const address = server.address() as AddressInfo | string | null
  if (address === null || typeof address === 'string') return undefined
  return { host: address.family === 'IPv6' ? `[${address.address}]` : address.address, port: address.port }
}

/** How a server ends from the moment on at which it takes no new connections. */
interface Closing {
  readonly done: Promise<void>
  /** Once no answer is under way, ends all connections: browsers hold some on which nothing was ever asked. */
  finish(): void
  /** Ends all connections at once. */
  cut(): void
}

/** Closes a server: no new connections, idle ones at once, the others when they are done, or by `finish` and `cut`. */
export function closeServer({ server, connections, unanswered }: Listening): Closing {
  const done = new Promise<void>(resolve => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  return {
    done,
    finish() {
      const look = (): void => {
        if (unanswered.none) for (const socket of connections) socket.destroySoon()
      }
      unanswered.watch(look)
      setImmediate(look)
    },
    cut() {
      for (const socket of connections) socket.destroy()
    },
  }
}

/** Takes the upgrade requests of a server. */
export interface UpgradeListener {
  /** Answers a request, or returns false when it is not for it. */
  take(upgrade: NodeUpgrade): boolean
  /** Says no to a request that is for nobody. */
  missed(upgrade: NodeUpgrade): void
}

/** Our listeners of each server: however many there are, Node sees one, so that one of them answers. */
const listenersOf = new WeakMap<HttpServer, Set<UpgradeListener>>()

/** What upgrades wait for: answers come in the order of the requests. RFC 9112 §9.3.2 */
const unansweredOf = new WeakMap<HttpServer, Unanswered>()

/** Listens first on a server that is not of our own. */
function count(this: HttpServer, asked: IncomingMessage, response: ServerResponse): void {
  if (asked.httpVersionMajor === 1) unansweredOf.get(this)?.add(asked.socket, response)
}

/**
 * Offers every upgrade request to the listener, and to those before it on the same server; the rest goes on as if nobody
 * had looked. Returns how to stop.
 */
export function onUpgrade(server: HttpServer, listener: UpgradeListener): () => void {
  const known = listenersOf.get(server)
  const listeners = known ?? new Set()
  listeners.add(listener)
  if (known === undefined) {
    listenersOf.set(server, listeners)
    server.on('upgrade', inOrder)
    if (!unansweredOf.has(server)) {
      unansweredOf.set(server, new Unanswered())
      server.prependListener('request', count)
    }
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || listenersOf.get(server) !== listeners) return
    listenersOf.delete(server)
    server.off('upgrade', inOrder)
    if (!server.listeners('request').includes(count)) return
    server.off('request', count)
    unansweredOf.delete(server)
  }
}

/** Node tells of an upgrade at once: its 101 would go out before the answers to earlier requests, and they among the frames. */
function inOrder(this: HttpServer, request: IncomingMessage, duplex: Duplex, head: Buffer): void {
  const socket = duplex as Socket
  if (isBehind(request, socket)) return
  behindAnswers(this, socket, () => {
    // Nobody may be left to take it.
    if (this.listenerCount('upgrade') > 0) dispatch.call(this, request, socket, head)
    else socket.destroySoon()
  })
}

/** Goes on once all requests before on this connection have their answers; never when it is lost meanwhile. */
function behindAnswers(server: HttpServer, socket: Socket, goOn: () => void): void {
  const unanswered = unansweredOf.get(server)
  if (unanswered === undefined || unanswered.of(socket) === 0) {
    unanswered?.leave(socket)
    goOn()
    return
  }
  // Node's own listener is gone, and an answer can end because its write fails: the error comes behind that.
  socket.on('error', () => socket.destroy())
  unanswered.after(socket, () => {
    unanswered.leave(socket)
    if (!socket.writable) return
    socket.setTimeout(0)
    goOn()
  })
}

/** What nobody takes gets 404, or goes back to the application, unless somebody else listens who may want it. */
function dispatch(this: HttpServer, request: IncomingMessage, duplex: Duplex, head: Buffer): void {
  const alone = this.listenerCount('upgrade') === 1
  if (!wantsWebSocket(request)) {
    if (alone) handBack(this, request, duplex as Socket)
    return
  }
  const upgrade = new NodeUpgrade(request, duplex, head)
  const listeners = [...(listenersOf.get(this) ?? [])]
  if (!listeners.some(listener => listener.take(upgrade)) && alone) listeners[0]?.missed(upgrade)
}

const wantsWebSocket = ({ headers }: IncomingMessage): boolean =>
  (headers.upgrade ?? '').split(',').some(token => token.trim().toLowerCase() === 'websocket')

/**
 * Without a listener for `upgrade`, Node serves a request for another protocol as an ordinary one (curl --http2 sends
 * such). With ours it would be lost, so it goes back to the server's request listeners, on a connection that ends then.
 */
function handBack(server: HttpServer, request: IncomingMessage, socket: Socket): void {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(socket)
  } catch {
    // Node answers a request of which no listener was told, one too many for maxRequestsPerSocket say.
    socket.destroy()
    return
  }
  response.once('finish', () => hangUp(socket))
  socket.on('error', () => socket.destroy())
  const heard = server.listeners('request').some(listener => listener !== count)
  if (heard) server.emit('request', request, response)
  else response.writeHead(404).end()
}
