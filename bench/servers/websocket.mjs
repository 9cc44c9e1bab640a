/** The package websocket with its defaults, but for the largest frame, which it would refuse from 64 KiB on. */
import websocket from 'websocket'
import { broadcast, httpServer, MiB, options } from './told.mjs'

const server = new websocket.server({
  httpServer: httpServer(),
  ...(options.largest > 8192 && { maxReceivedFrameSize: 2 * MiB, maxReceivedMessageSize: 2 * MiB }),
})
server.on('request', (/** @type {any} */ request) => {
  const connection = request.accept(null, request.origin)
  connection.on('error', () => {})
  connection.on('message', (/** @type {any} */ message) => {
    const data = message.type === 'utf8' ? message.utf8Data : message.binaryData
    if (broadcast) server.broadcast(data)
    else connection.send(data)
  })
})
