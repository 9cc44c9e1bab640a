// Routes by a function with options, and several sets of routes on one HTTP server.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { attach, refuse, route } from '../../src/server/index.ts'
import { listening } from './support.ts'

const echo = {
  message: (socket: { send(data: string | Uint8Array): unknown }, message: string | Uint8Array) => socket.send(message),
}

test('a route with run reads with for await, knows what authorize returned, and closes with 1000 when it returns', async () => {
  await using own = await listening({
    routes: {
      '/once': route({
        authorize: request => ({ name: request.headers['x-name'] ?? '' }),
        run: async socket => {
          for await (const message of socket) {
            await socket.send(`${socket.data.name} said ${message}`)
            return
          }
        },
      }),
    },
  })
  const socket = await openSocket(`${own.url}/once`, { headers: { 'X-Name': 'Ada' } })
  await socket.send('hello')
  const messages = []
  for await (const message of socket) messages.push(message)
  expect(messages).toEqual(['Ada said hello'])
  expect(await socket.closed).toMatchObject({ code: 1000, clean: true })
})

test('what a function has sent arrives before its line closes, when a thread compresses it too', async () => {
  const large = 'a long story '.repeat(10_000)
  await using own = await listening({
    routes: {
      '/': async socket => {
        socket.send(large)
      },
    },
  })
  const socket = await openSocket(own.url)
  const messages = []
  for await (const message of socket) messages.push(message)
  expect(messages).toEqual([large])
  expect(await socket.closed).toMatchObject({ code: 1000, clean: true })
})

test('a refusal comes before run', async () => {
  let ran = false
  await using own = await listening({
    routes: {
      '/': route({
        authorize: () => refuse(401, 'sign in first'),
        run: async () => {
          ran = true
        },
      }),
    },
  })
  await expect(openSocket(own.url)).rejects.toMatchObject({ status: 401 })
  expect(ran).toBe(false)
})

test('a route with run and message is refused, since message would never be called', async () => {
  const routes = { '/both': { run: async () => {}, message: () => {} } }
  await expect(listening({ routes })).rejects.toMatchObject({ code: 'ERR_USAGE', option: 'run' })
})

test('several attachments to one server share its upgrades: each path has its own, an unknown one gets 404', async () => {
  const http = createServer()
  const first = attach(http, { routes: { '/first': echo } })
  const second = attach(http, { routes: { '/second': echo } })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
  for (const path of ['/first', '/second']) {
    const socket = await openSocket(url + path)
    await socket.send(path)
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe(path)
    await socket.close()
  }
  await expect(openSocket(`${url}/third`)).rejects.toMatchObject({ status: 404 })
  await first.close()
  await expect(openSocket(`${url}/first`)).rejects.toMatchObject({ status: 404 })
  await (await openSocket(`${url}/second`)).close()
  await second.close()
  expect(http.listenerCount('upgrade')).toBe(0)
  await new Promise(resolve => http.close(resolve))
})

test('the signal of a socket that the server closes is aborted with the code that is sent', async () => {
  const reasons: unknown[] = []
  await using own = await listening({
    routes: {
      '/': {
        open: socket => {
          socket.signal.addEventListener('abort', () => reasons.push(socket.signal.reason))
          socket.close(4000, 'enough')
        },
      },
    },
  })
  const socket = await openSocket(own.url)
  expect(await socket.closed).toMatchObject({ code: 4000, reason: 'enough' })
  expect(reasons).toMatchObject([{ code: 'ERR_CLOSED', closeCode: 4000, reason: 'enough' }])
})
