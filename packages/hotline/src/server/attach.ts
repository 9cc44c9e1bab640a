/** WebSocket on a server of node:http, node:https or node:http2 that exists already. */
import type { HttpServer } from '../runtime/node/http.ts'
import { probeLane } from '../runtime/node/probe.ts'
import { resolveServer, type ServerOptions } from './options.ts'
import { type Closer, Server } from './server.ts'

/** The server below belongs to somebody else: it stays as it is. */
const NOT_OURS: Closer = { finish() {}, cut() {}, done: Promise.resolve() }

/**
 * Adds routes to an HTTP server; its other requests, and upgrades to paths that are no route, go on as before.
 * Works beside Express, Fastify and plain node:http alike.
 *
 * @returns a server whose `close` ends the sockets and leaves the HTTP server running
 * @throws UsageError for an unknown or wrong option, by name
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { attach } from 'hotline/server'
 *
 * const http = createServer((request, response) => response.end('hello'))
 * attach(http, { routes: { '/echo': { message: (socket, message) => socket.send(message) } } })
 * http.listen(0)
 * ```
 */
export function attach<D>(http: HttpServer, options: ServerOptions<D>): Server {
  const resolved = resolveServer(options, 'attach')
  const encrypted = 'setSecureContext' in http
  // Who connects before the probe has ended is served by documented API.
  void probeLane(encrypted ? 'tls' : 'tcp')
  const server = new Server(http, resolved, encrypted ? 'wss' : 'ws', NOT_OURS)
  server.topics.openSoon()
  return server
}
