/** WebSocket beside the routes of a node:http server: a chat that also takes messages by POST. */
import { createServer } from 'node:http'
import { attach, prepare } from 'hotline/server'

const http = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
})

const chat = attach(http, {
  routes: {
    '/chat': { message: (_socket, message) => tellEverybody(message) },
  },
})

/** @type {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>} */
async function answer(request, response) {
  if (request.url !== '/chat') {
    response.writeHead(404).end('there is nothing here\n')
    return
  }
  if (request.method === 'POST') tellEverybody(await read(request, 10_000))
  response.end(`${chat.sockets.size} online\n`)
}

/** @type {(request: import('node:http').IncomingMessage, limit: number) => Promise<string>} */
async function read(request, limit) {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk
    if (body.length > limit) throw new Error(`a message has at most ${limit} characters`)
  }
  return body
}

/**
 * Nobody waits for a slow reader here: one that falls behind by `maxQueued` bytes is closed with 1013.
 *
 * @param {import('hotline/server').Message} message
 */
function tellEverybody(message) {
  const prepared = prepare(message)
  for (const socket of chat.sockets) socket.send(prepared)
}

http.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => console.log(chat.url))

async function stop() {
  await chat.close({ within: 5_000 }) // newcomers get 503, open lines end in order
  http.close()
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
