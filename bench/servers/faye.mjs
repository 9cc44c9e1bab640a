/** faye-websocket with its defaults. Compression is a package beside it. */
import WebSocket from 'faye-websocket'
import { broadcast, httpServer, options } from './told.mjs'

const extensions = options.deflate ? [(await import('permessage-deflate')).default] : []
/** @type {Set<any>} */
const sockets = new Set()

httpServer().on('upgrade', (request, connection, head) => {
  const socket = new WebSocket(request, connection, head, [], { extensions })
  sockets.add(socket)
  socket.on('message', (/** @type {{ data: string | Buffer }} */ { data }) => {
    if (!broadcast) return socket.send(data)
    for (const each of sockets) each.send(data)
  })
  socket.on('close', () => sockets.delete(socket))
})
