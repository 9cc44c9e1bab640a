/** What each server is told on its command line, and how it says that it listens. Runs on Node, Bun and Deno. */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import process from 'node:process'

/** @type {import('../types.ts').ServerOptions} */
export const options = JSON.parse(process.argv[2] ?? '{}')

export const broadcast = options.mode === 'broadcast'

/** Key and certificate, when the workload is one over TLS. */
export const tls = options.tls && { key: readFileSync(options.tls.key), cert: readFileSync(options.tls.cert) }

/** What must be raised above a server's default for the largest message of the workload, which is in `options.largest`. */
export const MiB = 1024 * 1024

/** @param {number} port */
export function listening(port) {
  console.log(JSON.stringify({ port, pid: process.pid }))
}

/**
 * An HTTP server of Node, for the libraries that are attached to one.
 * @param {http.RequestListener} [listener]
 */
export function httpServer(listener) {
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener)
  server.listen(0, '127.0.0.1', () => listening(/** @type {import('node:net').AddressInfo} */ (server.address()).port))
  return server
}

// The benchmark holds the other end of standard input: when it is gone, so is the server.
process.stdin.on('end', () => process.exit()).resume()
