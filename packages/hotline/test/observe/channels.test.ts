/** What the channels of node:diagnostics_channel are told, and that nothing is made for nobody. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { listening } from '../server/support.ts'
import { RawClient } from '../support/raw.ts'
import { heard } from './heard.ts'

test('a line is told of from its handshake to its close, with one number', async () => {
  using handshakes = heard('hotline:server:handshake')
  using opens = heard('hotline:server:open')
  using closes = heard('hotline:server:close')
  await using it = await listening({ routes: { '/a/:b': { message() {} } } })
  const { server } = it
  const socket = await openSocket(`${it.url}/a/b?c=d`)
  const [inside] = server.sockets
  await socket.close(4001, 'enough')
  await inside?.closed
  expect(handshakes.events).toEqual([
    {
      ...{ server, id: 1, outcome: 'accepted', status: 101, reason: '', address: '127.0.0.1' },
      ...{ url: new URL(`${it.url}/a/b?c=d`), origin: undefined, ms: expect.any(Number) },
    },
  ])
  expect(opens.events).toEqual([{ server, socket: inside }])
  expect(inside?.id).toBe(1)
  expect(closes.events).toMatchObject([
    { server, socket: inside, closed: { code: 4001, reason: 'enough', clean: true } },
  ])
})

test('a listener that throws is an uncaught exception of its own, and the line goes on', async () => {
  const broken = () => {
    throw new Error('a listener')
  }
  const uncaught: unknown[] = []
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', error => uncaught.push(error))
  const names = ['hotline:server:handshake', 'hotline:server:open', 'hotline:server:close']
  for (const name of names) subscribe(name, broken)
  try {
    await using it = await listening({ routes: { '/': { message: (socket, data) => socket.send(data) } } })
    const socket = await openSocket(it.url)
    await socket.send('hello')
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe('hello')
    const [inside] = it.server.sockets
    await socket.close()
    await inside?.closed
    expect(it.server.stats()).toMatchObject({ handshakes: { accepted: 1 }, sockets: { open: 0 }, closes: { 1000: 1 } })
    await expect.poll(() => uncaught.map(error => (error as Error).message)).toEqual(names.map(() => 'a listener'))
  } finally {
    for (const name of names) unsubscribe(name, broken)
    process.removeAllListeners('uncaughtException')
    for (const other of others) process.on('uncaughtException', other)
  }
})

test('a refusal is told with its status and why', async () => {
  using handshakes = heard('hotline:server:handshake')
  await using it = await listening({ routes: { '/': { authorize: () => false } } })
  using client = await RawClient.ask(it.port, { headers: { Origin: 'https://elsewhere.example' } })
  using other = await RawClient.ask(it.port, {})
  await client.answer()
  await other.answer()
  using lost = await RawClient.ask(it.port, { path: '/nowhere?token=x' })
  await lost.answer()
  expect(handshakes.events).toMatchObject([
    { id: 1, outcome: 'origin', status: 403, origin: 'https://elsewhere.example' },
    { id: 2, outcome: 'authorize', status: 403, reason: 'not authorized' },
    { id: 3, outcome: 'unknown', status: 404, url: new URL(`${it.url}/nowhere?token=x`) },
  ])
})

test('errors, limits and drains are told', async () => {
  using errors = heard('hotline:server:error')
  using limits = heard('hotline:server:limit')
  using drains = heard('hotline:server:drain')
  const broken = new Error('broken')
  const message = () => {
    throw broken
  }
  const it = await listening({ maxMessage: 10, routes: { '/': { message } } })
  const { server } = it
  const one = await openSocket(it.url)
  one.send('x'.repeat(11)).catch(() => {})
  await one.closed
  const two = await openSocket(it.url)
  await two.send('x')
  await two.closed
  const report = await server.close({ within: 2000 })
  expect(errors.events).toMatchObject([{ server, error: broken, phase: 'message', socket: { id: 2 } }])
  expect(limits.events).toMatchObject([{ server, socket: { id: 1 }, option: 'maxMessage', value: 10 }])
  expect(drains.events.map(({ report }) => report)).toEqual([undefined, report])
})

test('a reader that was passed over, or disconnected, is told of once for each time it is told itself', async () => {
  using drops = heard('hotline:server:drop')
  await using it = await listening({
    routes: { '/:topic': { highMark: 1, open: socket => void socket.subscribe(socket.params['topic'] ?? '') } },
    topics: { a: { slow: 'drop-oldest', maxPending: 1 }, b: { slow: 'disconnect', maxPending: 1 } },
  })
  const large = new Uint8Array(1_000_000)
  for (const topic of ['a', 'b']) {
    using client = await RawClient.open(it.port, { path: `/${topic}` })
    client.socket.pause()
    const [socket] = it.server.sockets
    for (let count = 0; count < 20; count++) it.server.publish(topic, large)
    if (topic === 'a') {
      client.socket.resume()
      while (drops.events.length === 0) await new Promise(setImmediate)
    }
    client.socket.destroy()
    await socket?.closed
  }
  expect(drops.events).toMatchObject([
    { topic: 'a', policy: 'drop-oldest', socket: { id: 1 } },
    { topic: 'b', policy: 'disconnect', socket: { id: 2 }, count: 0 },
  ])
  const passed = drops.events[0]?.count ?? 0
  expect(passed).toBeGreaterThan(0)
  expect(it.server.stats().drops).toMatchObject({ 'drop-oldest': passed, disconnect: 1 })
})
