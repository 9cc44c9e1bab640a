/** Socket.IO with its defaults, over WebSocket alone, but for the largest message, which it would refuse from 1 MB on. */
import { Server } from 'socket.io'
import { broadcast, httpServer, MiB, options } from './told.mjs'

const io = new Server(httpServer(), {
  perMessageDeflate: options.deflate,
  ...(options.largest > 8192 && { maxHttpBufferSize: 4 * MiB }),
})
io.on('connection', (/** @type {any} */ socket) => {
  socket.on('message', (/** @type {unknown} */ data) => {
    if (broadcast) io.emit('message', data)
    else socket.emit('message', data)
  })
})
