/** One server that sends back what it gets, in a process of its own: `node servers.mjs NAME`. Prints its version, then its URL. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The largest message of a case that is not about limits. */
const LARGEST = 16_777_216

/** Each with compression. */
const servers = /** @type {Record<string, (server: import('node:http').Server) => unknown>} */ ({
  /** As `hotline serve` is not: each end keeps its window from message to message, for messages of any size. RFC 7692 §7.1.1 */
  async hotline(server) {
    const { attach } = await import('hotline/server')
    const deflate = { threshold: 0, serverNoContextTakeover: false, clientNoContextTakeover: false }
    const echo = {
      message: (/** @type {{ send: Function }} */ socket, /** @type {unknown} */ data) => socket.send(data),
    }
    attach(server, { maxMessage: LARGEST, deflate, routes: { '/echo': echo } })
  },
  async ws(server) {
    const { WebSocketServer } = await import('ws')
    new WebSocketServer({ server, perMessageDeflate: true, maxPayload: LARGEST }).on('connection', socket => {
      socket.on('error', () => {})
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
  },
  'faye-websocket'(server) {
    const require = createRequire(import.meta.url)
    const Faye = require('faye-websocket')
    const options = { extensions: [require('permessage-deflate')], maxLength: LARGEST }
    server.on('upgrade', (request, socket, head) => {
      if (!Faye.isWebSocket(request)) return void socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      const line = new Faye(request, socket, head, [], options)
      line.on('error', () => {})
      line.on('message', /** @param {{ data: string }} event */ ({ data }) => line.send(data))
    })
  },
})

const [name = ''] = process.argv.slice(2)
const start = servers[name]
if (start === undefined) throw new Error(`there is no server ${name}`)
const file = join(import.meta.dirname, '../../node_modules', name, 'package.json')
console.log(JSON.parse(readFileSync(file, 'utf8')).version)
// What a peer sends must not end a server; where it does, the report is not to end with it.
process.on('uncaughtException', error => console.error(`uncaught: ${error}`))
const server = createServer((_request, response) => response.writeHead(404).end())
await start(server)
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`ws://127.0.0.1:${port}/echo`)
})
