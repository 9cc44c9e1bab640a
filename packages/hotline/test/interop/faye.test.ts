/** faye-websocket, the implementation below many development servers, in both roles. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Log } from '../support/deadline.ts'
import { converses, type End, type Ended } from './conversation.ts'
import { type Connects, clients, fromOurClient, type OtherServer, schemes, toOurServer } from './hotline.ts'

interface Faye {
  on(type: 'open' | 'error', listener: () => void): void
  on(type: 'message', listener: (event: { data: string | Buffer }) => void): void
  on(type: 'close', listener: (event: Ended) => void): void
  send(data: string | Buffer): boolean
  ping(text: string, answered: () => void): boolean
  close(code: number, reason: string): void
}

/** It has no types of its own. */
const faye = createRequire(import.meta.url)('faye-websocket') as {
  new (request: IncomingMessage, socket: unknown, head: Buffer): Faye
  Client: new (url: string, protocols: string[], options: object) => Faye
}

function endOf(socket: Faye): End {
  const messages = new Log<string | Uint8Array>()
  socket.on('message', ({ data }) => messages.push(data))
  socket.on('error', () => {})
  return {
    messages,
    send: data => socket.send(typeof data === 'string' ? data : Buffer.from(data)),
    ping: () => new Promise<void>(resolve => socket.ping('payload', resolve)),
    close: (code, reason) => socket.close(code, reason),
    closed: new Promise<Ended>(resolve => socket.on('close', ({ code, reason }) => resolve({ code, reason }))),
  }
}

const connect: Connects = (url, ca) =>
  new Promise<End>((resolve, reject) => {
    const socket = new faye.Client(url, [], { tls: { ca } })
    const end = endOf(socket)
    socket.on('open', () => resolve(end))
    socket.on('error', () => reject(new Error('no connection')))
  })

async function listen(tls: { cert: string; key: string } | undefined): Promise<OtherServer> {
  const http = tls === undefined ? createServer() : createSecureServer(tls)
  const accepted = new Log<End>()
  http.on('upgrade', (request, socket, head) => accepted.push(endOf(new faye(request, socket, head))))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'ws' : 'wss'}://localhost:${port}/`,
    accepted,
    async [Symbol.asyncDispose]() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}

for (const scheme of schemes) {
  converses(`a client of faye-websocket and our server, over ${scheme}`, toOurServer(scheme, connect))
  for (const [name, client] of Object.entries(clients))
    converses(`our ${name} and a server of faye-websocket, over ${scheme}`, fromOurClient(scheme, client, listen))
}
