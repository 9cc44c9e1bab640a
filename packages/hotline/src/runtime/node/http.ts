/** HTTP servers: one of our own to listen with, and the upgrade requests of any. */
import { createServer, type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http'
import type { Http2SecureServer } from 'node:http2'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import { HandshakeError, UsageError } from '../../errors.ts'
import { NodeUpgrade } from './upgrade.ts'

export type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
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

/** Listens; the promise rejects with a HandshakeError ERR_CONNECT when that cannot be. */
export function listen({ port, host, tls, request, headersTimeout }: ListenOptions): Promise<Server> {
  const http = {
    headersTimeout,
    requestTimeout: headersTimeout,
    connectionsCheckingInterval: Math.min(1000, headersTimeout),
  }
  const server =
    tls === undefined
      ? createServer(http, request)
      : secure({ ...http, ...tls, handshakeTimeout: headersTimeout }, request)
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      const code = 'ERR_CONNECT'
      reject(new HandshakeError(`cannot listen on ${host}:${port}: ${cause.message}`, {}, { cause, code }))
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve(server)
    })
  })
}

/** @throws UsageError when the certificate or its key is not usable */
function secure(options: TlsOptions & object, request: RequestListener): Server {
  try {
    return createSecureServer({ ALPNProtocols: ['http/1.1'], ...options }, request)
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

/** Closes a server: no new connections, idle ones at once, the others when they are done or when `cut` is called. */
export function closeServer(server: Server): { done: Promise<void>; cut: () => void } {
  const done = new Promise<void>(resolve => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  return { done, cut: () => server.closeAllConnections() }
}

/** Takes an upgrade request and answers it, or returns false when it is not for us. */
export type UpgradeListener = (upgrade: NodeUpgrade) => boolean

/** Offers every upgrade request to the listener; the rest goes on as if it had not looked. Returns how to stop. */
export function onUpgrade(server: HttpServer, listener: UpgradeListener): () => void {
  const upgraded = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const alone = server.listenerCount('upgrade') === 1
    if (wantsWebSocket(request)) {
      const upgrade = new NodeUpgrade(request, socket, head)
      if (!listener(upgrade) && alone) upgrade.refuse(404, 'no WebSocket here', [])
    } else if (alone) handBack(server, request, socket as Socket)
  }
  server.on('upgrade', upgraded)
  return () => server.off('upgrade', upgraded)
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
  response.assignSocket(socket)
  response.once('finish', () => socket.end())
  socket.on('error', () => socket.destroy())
  if (!server.emit('request', request, response)) response.writeHead(404).end()
}
