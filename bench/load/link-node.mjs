/** TCP and TLS of Node, for a machine without Bun. */
import net from 'node:net'
import tlsModule from 'node:tls'

/**
 * @param {number} port
 * @param {boolean} tls
 * @param {import('./connection.mjs').Connection} connection
 */
export async function link(port, tls, connection) {
  const where = { host: '127.0.0.1', port, noDelay: true }
  const socket = tls ? tlsModule.connect({ ...where, rejectUnauthorized: false }) : net.connect(where)
  socket.on(tls ? 'secureConnect' : 'connect', () => connection.opened())
  socket.on('data', chunk => connection.received(chunk))
  socket.on('error', error => connection.failed(error))
  socket.on('close', () => connection.failed(new Error('the server closed the connection')))
  return {
    write: (/** @type {Buffer} */ bytes) => void socket.write(bytes),
    drain() {},
    end: () => void socket.destroy(),
  }
}
