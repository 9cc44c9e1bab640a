// What an open line still holds of the request that opened it: it lives as long as the line.
import { createServer, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { attach } from '../../../src/server/index.ts'
import { never } from '../../server/support.ts'
import { Log, within } from '../../support/deadline.ts'
import { RawClient } from '../../support/raw.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** A server of node:http with routes, which remembers its upgrade requests weakly, and listens before hotline does. */
async function watching() {
  const http = createServer()
  const requests: WeakRef<IncomingMessage>[] = []
  const sockets: Socket[] = []
  http.on('upgrade', (request, socket) => {
    requests.push(new WeakRef(request))
    sockets.push(socket as Socket)
  })
  const asked = new Log<AbortSignal>()
  const server = attach(http, {
    routes: {
      '/plain': { message: (socket, message) => socket.send(message) },
      '/decided': { authorize: async () => true, message: (socket, message) => socket.send(message) },
      '/undecided': {
        authorize: request => {
          asked.push(request.signal)
          return never(request.signal)
        },
      },
    },
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const { port = 0 } = server
  return {
    port,
    requests,
    sockets,
    asked,
    async [Symbol.asyncDispose]() {
      await server.close({ within: 1000 })
      await new Promise(resolve => http.close(resolve))
    },
  }
}

async function collected(ref: WeakRef<object>): Promise<void> {
  while (ref.deref() !== undefined) {
    await new Promise(resolve => setImmediate(resolve))
    collect()
  }
}

test.each(['/plain', '/decided'])('a line open on %s lets go of the request of node:http', async path => {
  await using it = await watching()
  using client = await RawClient.open(it.port, { path })
  await within('the end of the request', collected(it.requests[0] as WeakRef<object>))
  expect(client.told).toEqual([])
})

test('a decision that took time leaves no listener on the socket', async () => {
  await using it = await watching()
  using _plain = await RawClient.open(it.port, { path: '/plain' })
  using _decided = await RawClient.open(it.port, { path: '/decided' })
  const counts = it.sockets.map(socket => ['error', 'close', 'end'].map(name => socket.listenerCount(name)))
  expect(counts[1]).toEqual(counts[0])
})

test('a peer that goes while it is decided on aborts the signal, by an end or by a reset', async () => {
  await using it = await watching()
  using ended = await RawClient.ask(it.port, { path: '/undecided' })
  using reset = await RawClient.ask(it.port, { path: '/undecided' })
  await it.asked.until('two requests', all => all.length === 2)
  ended.socket.end()
  reset.socket.resetAndDestroy()
  const aborted = (signal: AbortSignal): unknown =>
    signal.aborted || new Promise(resolve => signal.addEventListener('abort', resolve))
  await within('both signals', Promise.all(it.asked.all.map(aborted)))
})
