/** WebSocket beside a Fastify application: a chat that also takes messages by POST. */
import Fastify from 'fastify'
import { attach, prepare } from 'hotline/server'

const app = Fastify()
app.get('/chat', () => `${chat.sockets.size} online\n`)
app.post('/chat', request => {
  tellEverybody(/** @type {string} */ (request.body))
  return `${chat.sockets.size} online\n`
})

const chat = attach(app.server, {
  routes: {
    '/chat': { message: (_socket, message) => tellEverybody(message) },
  },
})
app.addHook('preClose', async () => {
  await chat.close({ within: 5_000 }) // before Fastify closes its server, which waits for all connections
})

/**
 * Nobody waits for a slow reader here: one that falls behind by `maxQueued` bytes is closed with 1013.
 *
 * @param {import('hotline/server').Message} message
 */
function tellEverybody(message) {
  const prepared = prepare(message)
  for (const socket of chat.sockets) socket.send(prepared)
}

await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' })
console.log(chat.url)

process.once('SIGINT', () => app.close())
process.once('SIGTERM', () => app.close())
