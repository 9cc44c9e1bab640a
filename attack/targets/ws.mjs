/** A server of ws with its defaults that sends back what it gets, as ws's documents show it; compression on when asked. */
import { createServer } from 'node:http'
import { createServer as createSecure } from 'node:https'
import { generate } from 'selfsigned'
import { WebSocketServer } from 'ws'

/** @type {{ tls: boolean, deflate: boolean }} */
const { tls, deflate } = JSON.parse(process.argv[2])
const server = tls ? createSecure(await certificate()) : createServer()
server.on('request', (request, response) => response.writeHead(request.url === '/healthz' ? 200 : 426).end())

new WebSocketServer({ server, perMessageDeflate: deflate }).on('connection', socket => {
  // Without this, a mistake of a peer ends the process.
  socket.on('error', () => {})
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  process.stdout.write(`${tls ? 'wss' : 'ws'}://127.0.0.1:${port}\n`)
})
process.once('SIGTERM', () => process.exit())

async function certificate() {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' })
  return { cert, key }
}
