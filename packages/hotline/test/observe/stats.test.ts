/** What `server.stats()` counts, over real sockets. */
import { describe, expect, test, vi } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { nodeClock } from '../../src/runtime/node/clock.ts'
import { refuse } from '../../src/server/index.ts'
import { World } from '../backplane/shaky.ts'
import { listening, never } from '../server/support.ts'
import { within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'
import { heard } from './heard.ts'

const echo = {
  message: (socket: { send(data: string | Uint8Array): Promise<void> }, data: string | Uint8Array) => socket.send(data),
}

describe('messages and bytes', () => {
  test('are counted as frames on the wire, of open lines and of those that have ended', async () => {
    await using it = await listening({ routes: { '/': echo } })
    const socket = await openSocket(it.url)
    await socket.send('hello')
    await socket.send(new Uint8Array(200))
    const messages = socket[Symbol.asyncIterator]()
    await messages.next()
    await messages.next()
    const expected = {
      messages: { received: 2, sent: 2 },
      // Headers of 2 and 4 bytes, and a key of 4 for what a client sends.
      bytes: { received: 2 + 4 + 5 + (4 + 4 + 200), sent: 2 + 5 + (4 + 200) },
    }
    expect(it.server.stats()).toMatchObject(expected)
    const [inside] = it.server.sockets
    expect(inside?.traffic).toEqual(expected)
    expect(socket.traffic.messages).toEqual({ received: 2, sent: 2 })
    await socket.close()
    await inside?.closed
    expect(it.server.stats()).toMatchObject({
      sockets: { open: 0, opened: 1 },
      messages: expected.messages,
      // And a close frame each way.
      bytes: { received: expected.bytes.received + 2 + 4 + 2, sent: expected.bytes.sent + 2 + 2 },
      closes: { 1000: 1 },
    })
  })

  test('that are compressed are counted as they are and as they go', async () => {
    await using it = await listening({ routes: { '/': echo } })
    await using socket = await openSocket(it.url, { deflate: true })
    await socket.send('é'.repeat(2000))
    await socket[Symbol.asyncIterator]().next()
    const { received, sent } = it.server.stats().compressed
    expect([received.plain, sent.plain]).toEqual([4000, 4000])
    for (const { wire } of [received, sent]) expect(wire).toBeLessThan(50)
  })
})

test('a message in parts is one message', async () => {
  await using it = await listening({ routes: { '/': echo } })
  await using socket = await openSocket(it.url)
  await socket.send(['a', 'b', 'c'])
  await socket[Symbol.asyncIterator]().next()
  expect([socket.traffic.messages.sent, it.server.stats().messages]).toEqual([1, { received: 1, sent: 1 }])
})

test('handshakes are counted by how they ended', async () => {
  const asked: (() => void)[] = []
  const it = await listening({
    maxHeaders: 10,
    routes: {
      '/': echo,
      '/no': { authorize: () => refuse(401) },
      '/told': { refuseBy: 'close', authorize: () => false },
      '/broken': {
        authorize: () => {
          throw new Error('broken')
        },
      },
      '/slow': { acceptTimeout: 20, authorize: ({ signal }) => never(signal) },
      '/never': {
        authorize({ signal }) {
          for (const tell of asked.splice(0)) tell()
          return never(signal)
        },
      },
    },
  })
  const ask = async (path: string, headers: Record<string, string | string[]> = {}) => {
    using client = await RawClient.ask(it.port, { path, headers })
    return (await client.answer()).status
  }
  expect(await ask('/nowhere')).toBe(404)
  expect(await ask('/', { 'Sec-WebSocket-Version': '12' })).toBe(426)
  expect(await ask('/', { X: Array(9).fill('y') })).toBe(431)
  expect(await ask('/', { Origin: 'https://elsewhere.example' })).toBe(403)
  expect(await ask('/no')).toBe(401)
  expect(await ask('/told')).toBe(101)
  expect(await ask('/broken')).toBe(500)
  expect(await ask('/slow')).toBe(503)
  const socket = await openSocket(it.url)
  const reached = new Promise<void>(resolve => asked.push(resolve))
  const leaving = await RawClient.ask(it.port, { path: '/never' })
  await within('a decision', reached)
  expect(it.server.stats().deciding).toBe(1)
  leaving.socket.destroy()
  const again = new Promise<void>(resolve => asked.push(resolve))
  using drained = await RawClient.ask(it.port, { path: '/never' })
  await within('a decision', again)
  await socket.close()
  await it.server.close({ within: 2000 })
  expect((await drained.answer()).status).toBe(503)
  const { handshakes, limits, errors, sockets } = it.server.stats()
  expect(handshakes).toEqual({
    ...{ accepted: 1, unknown: 1, malformed: 1, headers: 1, origin: 1, authorize: 2, failed: 1, timeout: 1 },
    ...{ full: 0, draining: 1, gone: 1 },
  })
  expect([limits, errors, sockets.opened]).toEqual([{ maxHeaders: 1, acceptTimeout: 1 }, { authorize: 1 }, 1])
})

test('a socket too many is full, and a limit that was hit', async () => {
  await using it = await listening({ maxSockets: 0, routes: { '/': echo } })
  using client = await RawClient.ask(it.port, {})
  expect((await client.answer()).status).toBe(503)
  expect(it.server.stats()).toMatchObject({ handshakes: { full: 1 }, limits: { maxSockets: 1 } })
})

test('codes of a close that peers choose are counted by thousands, so that there are few', async () => {
  await using it = await listening({ routes: { '/': echo } })
  for (const code of [3000, 3999, 4000, 4999, 4999]) await (await openSocket(it.url)).close(code)
  const lost = await openSocket(it.url)
  lost.terminate()
  for (const socket of it.server.sockets) await socket.closed
  expect(it.server.stats().closes).toEqual({ '3xxx': 2, '4xxx': 3, 1006: 1 })
})

test('a limit that ends a line is counted by the option that sets it', async () => {
  await using it = await listening({ maxMessage: 100, routes: { '/': echo } })
  const socket = await openSocket(it.url)
  socket.send(new Uint8Array(101)).catch(() => {})
  expect(await socket.closed).toMatchObject({ code: 1009 })
  for (const one of it.server.sockets) await one.closed
  expect(it.server.stats()).toMatchObject({ limits: { maxMessage: 1 }, closes: { 1009: 1 } })
})

test('limits of hotline.1 are counted, which end no line', async () => {
  await using it = await listening({
    maxSubscriptions: 1,
    routes: { '/': { topics: true } },
    topics: { '*': { subscribe: true, publish: true } },
  })
  await using socket = await openSocket(it.url, { protocols: ['hotline.1'] })
  for (const id of [1, 2]) await socket.send(JSON.stringify({ type: 'subscribe', id, topic: `t${id}` }))
  const told: unknown[] = []
  for await (const message of socket) if (told.push(JSON.parse(`${message}`)) === 3) break
  expect(told).toMatchObject([{ type: 'welcome' }, { type: 'subscribed' }, { type: 'error', code: 'limit' }])
  expect(it.server.stats().limits).toEqual({ maxSubscriptions: 1 })
})

test('topics, what was published and delivered, and drops by policy, also those of topics that are forgotten', async () => {
  const open = (socket: { subscribe(topic: string): unknown }) => void socket.subscribe('a')
  await using it = await listening({ routes: { '/': { open } } })
  const sockets = await Promise.all([openSocket(it.url), openSocket(it.url)])
  it.server.publish('a', 'one')
  it.server.publish('a', 'two')
  expect(it.server.stats().topics).toMatchObject({ count: 1, subscriptions: 2, published: 2, delivered: 4 })
  expect(it.server.stats().messages).toEqual({ received: 0, sent: 4 })
  for (const socket of sockets) await socket.close()
  for (const socket of it.server.sockets) await socket.closed
  expect(it.server.stats().topics).toMatchObject({ count: 0, subscriptions: 0, published: 2, delivered: 4 })
})

test('round trips are those of all answered pings', async () => {
  await using it = await listening({ routes: { '/': echo } })
  await using socket = await openSocket(it.url)
  const [inside] = it.server.sockets
  const ms = (await inside?.ping()) ?? Number.NaN
  const { roundTrips } = it.server.stats()
  expect([roundTrips.count, roundTrips.sum, roundTrips.counts.length]).toEqual([1, ms, roundTrips.bounds.length + 1])
  expect(socket.state).toBe('open')
})

test('what the application throws is counted by where', async () => {
  const message = () => {
    throw new Error('broken')
  }
  await using it = await listening({ routes: { '/': { message } } })
  const socket = await openSocket(it.url)
  await socket.send('x')
  await socket.closed
  expect([it.server.stats().errors, it.reported.length]).toEqual([{ message: 1 }, 1])
})

test('each server has figures of its own, and each socket a number and an age', async () => {
  await using one = await listening({ routes: { '/': echo } })
  await using two = await listening({ routes: { '/': echo } })
  await using _ = await openSocket(one.url)
  await using __ = await openSocket(one.url)
  expect([one.server.stats().sockets.open, two.server.stats().sockets.open]).toEqual([2, 0])
  expect([...one.server.sockets].map(({ id }) => id)).toEqual([1, 2])
  for (const { age } of one.server.sockets) expect(age).toBeGreaterThanOrEqual(-1)
})

test('the backplane is up or away, has so many that wait, and so long a way', async () => {
  using turns = heard('hotline:server:backplane')
  const world = new World(nodeClock)
  const backplane = world.node()
  const open = (socket: { subscribe(topic: string): unknown }) => void socket.subscribe('a')
  await using it = await listening({ backplane, routes: { '/': { open } } })
  const moving = setInterval(() => world.settle())
  await using socket = await openSocket(it.url)
  await vi.waitFor(() => expect(it.server.topics.names).toEqual(['a']))
  await it.server.publish('a', 'one').stored
  await socket[Symbol.asyncIterator]().next()
  const state = { name: backplane.name, up: true, downs: 0, pending: 0, lag: expect.any(Number) }
  expect(it.server.stats().backplane).toEqual(state)
  backplane.cut(0)
  const waits = it.server.publish('a', 'two').stored
  expect(it.server.stats().backplane).toEqual({ ...state, up: false, downs: 1, pending: 1 })
  backplane.mend()
  await waits
  expect(it.server.stats().backplane).toEqual({ ...state, downs: 1 })
  const { server } = it
  expect(turns.events).toEqual([
    { server, name: backplane.name, up: false, error: expect.any(Error) },
    { server, name: backplane.name, up: true },
  ])
  clearInterval(moving)
})
