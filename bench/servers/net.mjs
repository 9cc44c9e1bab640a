/** The control: node:net, or node:tls, gives back each byte and knows no message. What it costs is not WebSocket's. */
import net from 'node:net'
import nodeTls from 'node:tls'
import { listening, tls } from './told.mjs'

/** @param {net.Socket} socket */
const echo = socket => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', chunk => socket.write(chunk))
}
const server = tls ? nodeTls.createServer(tls, echo) : net.createServer(echo)
server.listen(0, '127.0.0.1', () => listening(/** @type {net.AddressInfo} */ (server.address()).port))
