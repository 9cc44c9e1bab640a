/** WebSocket beside an Express application: a chat that also takes messages by POST. */
import express from 'express'
import { attach, prepare } from 'hotline/server'

const app = express()
app.use(express.text())
app.get('/chat', (_request, response) => {
  response.send(`${chat.sockets.size} online\n`)
})
app.post('/chat', (request, response) => {
  tellEverybody(request.body)
  response.send(`${chat.sockets.size} online\n`)
})

const http = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => console.log(chat.url))

const chat = attach(http, {
  routes: {
    '/chat': { message: (_socket, message) => tellEverybody(message) },
  },
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

async function stop() {
  await chat.close({ within: 5_000 }) // newcomers get 503, open lines end in order
  http.close()
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
