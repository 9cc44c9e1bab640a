/** Socket.IO over its Redis streams adapter, or alone, as its documentation has it: for `npm run scaling`. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { createClient } from 'redis'
import { Server } from 'socket.io'

/** @param {string} room that all sockets are in @param {string | undefined} url of Redis */
export async function startStreams(room, url) {
  const http = createServer()
  const client = url === undefined ? undefined : createClient({ url })
  await client?.connect()
  const io = new Server(http, {
    serveClient: false,
    transports: ['websocket'],
    ...(client && { adapter: createAdapter(client) }),
  })
  io.on('connection', (/** @type {any} */ socket) => void socket.join(room))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address())
  return {
    url: `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
    /** @param {object} data */
    publish: data => void io.to(room).emit('news', data),
  }
}
