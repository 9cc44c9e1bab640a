/** ws with its defaults. With WS_NO_BUFFER_UTIL in the environment it does without its native addon. */
import { WebSocket, WebSocketServer } from 'ws'
import { broadcast, httpServer, options } from './told.mjs'

const server = new WebSocketServer({ server: httpServer(), perMessageDeflate: options.deflate })
server.on('connection', socket => {
  socket.on('error', () => {})
  socket.on('message', (data, isBinary) => {
    if (!broadcast) return socket.send(data, { binary: isBinary })
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary })
    }
  })
})
