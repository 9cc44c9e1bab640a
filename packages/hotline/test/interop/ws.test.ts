/** ws, the implementation that most of Node uses, in both roles. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocketServer, WebSocket as Ws } from 'ws'
import { connect as connectLine, type LineState, openSocket } from '../../src/client/index.ts'
import { serve } from '../../src/server/index.ts'
import { Log, within } from '../support/deadline.ts'
import { converses, type End, type Ended } from './conversation.ts'
import { type Connects, clients, fromOurClient, type OtherServer, schemes, toOurServer } from './hotline.ts'

function endOf(socket: Ws): End {
  const messages = new Log<string | Uint8Array>()
  socket.on('message', (data: Buffer, isBinary: boolean) => messages.push(isBinary ? data : data.toString()))
  socket.on('error', () => {})
  return {
    messages,
    send: data => socket.send(data),
    fragments(parts) {
      for (const [at, part] of parts.entries()) {
        socket.send(part, { fin: at === parts.length - 1 })
        socket.ping(`${at}`)
      }
    },
    ping: async () => {
      const pong = once(socket, 'pong')
      socket.ping('payload')
      expect(String((await pong)[0])).toBe('payload')
    },
    close: (code, reason) => socket.close(code, reason),
    closed: new Promise<Ended>(resolve =>
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    ),
  }
}

const connect: Connects = async (url, ca) => {
  const socket = new Ws(url, { ca })
  const end = endOf(socket)
  await once(socket, 'open')
  return end
}

async function listen(tls: { cert: string; key: string } | undefined): Promise<OtherServer> {
  const http = tls === undefined ? createServer() : createSecureServer(tls)
  const server = new WebSocketServer({ server: http, perMessageDeflate: true })
  const accepted = new Log<End>()
  server.on('connection', socket => accepted.push(endOf(socket)))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'ws' : 'wss'}://localhost:${port}/`,
    accepted,
    async [Symbol.asyncDispose]() {
      server.close()
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}

for (const scheme of schemes) {
  converses(`a client of ws and our server, over ${scheme}`, toOurServer(scheme, connect))
  for (const [name, client] of Object.entries(clients))
    converses(`our ${name} and a server of ws, over ${scheme}`, fromOurClient(scheme, client, listen))
}

test('permessage-deflate that a client of ws offers is declined with deflate: false, and all is plain', async () => {
  await using server = await serve({
    port: 0,
    deflate: false,
    routes: { '/': { message: (socket, message) => socket.send(message) } },
  })
  const socket = new Ws(server.url as string, { perMessageDeflate: { threshold: 0 } })
  const [[response]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])
  expect(response.headers['sec-websocket-extensions']).toBeUndefined()
  expect(socket.extensions).toBe('')
  socket.send('x'.repeat(10_000))
  const [data] = await within('the echo', once(socket, 'message'))
  expect(String(data)).toBe('x'.repeat(10_000))
  socket.close()
  await once(socket, 'close')
})

test('a subprotocol is agreed on, by either side', async () => {
  await using server = await serve({ port: 0, protocols: ['b', 'a'], routes: { '/': {} } })
  const theirs = new Ws(server.url as string, ['a', 'b'])
  await once(theirs, 'open')
  expect(theirs.protocol).toBe('b')
  theirs.close()

  const other = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: offered => [...offered].at(-1) ?? false,
  })
  await once(other, 'listening')
  const ours = await openSocket(`ws://127.0.0.1:${(other.address() as AddressInfo).port}`, { protocols: ['a', 'b'] })
  expect(ours.protocol).toBe('b')
  await ours.close()
  other.close()
})

test('a server of ws that refuses is told with its status, headers and body', async () => {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: (_info, done) => done(false, 418, 'a teapot', { 'X-Why': 'tea' }),
  })
  await once(server, 'listening')
  await expect(openSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)).rejects.toMatchObject({
    code: 'ERR_HANDSHAKE',
    status: 418,
    headers: { 'x-why': 'tea' },
    body: 'a teapot',
  })
  server.close()
})

test('a client of ws that is refused is told with its status', async () => {
  await using server = await serve({ port: 0, routes: { '/': { authorize: () => false } } })
  const socket = new Ws(server.url as string)
  const [error] = await once(socket, 'error').catch(error => [error])
  expect(error.message).toBe('Unexpected server response: 403')
})

test('a client of ws that vanishes is noticed by both kinds of handlers', async () => {
  const closed = new Log<number>()
  await using server = await serve({
    port: 0,
    routes: { '/': { close: (_socket, { code }) => void closed.push(code) } },
  })
  const socket = new Ws(server.url as string)
  await once(socket, 'open')
  socket.terminate()
  await closed.until('the close', all => all.length === 1)
  expect(closed.all).toEqual([1006])
})

test('a line over the class of ws waits when it is refused: no error of it ends the process', async () => {
  const line = connectLine('ws://127.0.0.1:1', { protocols: [], WebSocket: Ws })
  const state = await new Promise<LineState>(resolve => line.on('status', resolve))
  expect(state).toMatchObject({ status: 'waiting', end: { code: 1006, error: undefined } })
  await line.close()
})
