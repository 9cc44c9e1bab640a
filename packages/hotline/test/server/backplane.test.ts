// Servers that a backplane joins: one system to whoever is connected to any of them.
import { describe, expect, test } from 'vitest'
import { memoryBackplane } from '../../src/backplane/index.ts'
import { openSocket } from '../../src/client/index.ts'
import type { ServerSocket } from '../../src/server/index.ts'
import { Log, within } from '../support/deadline.ts'
import { speaking } from './subprotocol/support.ts'
import { listening } from './support.ts'

/** Two servers, and a client of each. */
async function two(options: Parameters<typeof speaking>[0] = {}) {
  const backplane = memoryBackplane()
  const servers = await Promise.all([speaking({ backplane, ...options }), speaking({ backplane, ...options })])
  const [here, there] = servers
  const [a, b] = await Promise.all([here.connect(), there.connect()])
  const end = async (): Promise<void> => {
    await Promise.all(servers.map(server => server[Symbol.asyncDispose]()))
  }
  return { here, there, a, b, [Symbol.asyncDispose]: end }
}

describe('clients of hotline.1 on two servers', () => {
  test('get what is published on either, in one order and at one offset', async () => {
    await using it = await two()
    const { a, b } = it
    const place = await a.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
    expect(place).toMatchObject({ type: 'subscribed', id: 1, topic: 'chat/x', offset: 0 })
    expect(await b.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })).toEqual(place)
    expect(await a.ask({ type: 'publish', id: 2, topic: 'chat/x', data: 'one', self: false })).toEqual({
      type: 'published',
      id: 2,
      offset: 1,
    })
    expect(await b.answer()).toEqual({ type: 'publication', topic: 'chat/x', offset: 1, data: 'one' })
    b.send({ type: 'publish', topic: 'chat/x', data: { two: true } })
    const two_ = { type: 'publication', topic: 'chat/x', offset: 2, data: { two: true } }
    expect(await b.answer()).toEqual(two_)
    expect(await a.answer()).toEqual(two_)
  })

  test('go on on the other server where they were on the first', async () => {
    await using it = await two()
    const { a, b } = it
    const { epoch } = (await a.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })) as { epoch: string }
    for (const id of [2, 3, 4]) a.send({ type: 'publish', id, topic: 'chat/x', data: id, self: false })
    for (const id of [2, 3, 4]) expect(await a.answer()).toEqual({ type: 'published', id, offset: id - 1 })
    expect(await b.ask({ type: 'subscribe', id: 1, topic: 'chat/x', since: { epoch, offset: 1 } })).toMatchObject({
      recovered: true,
      offset: 1,
      epoch,
    })
    expect(await b.answer()).toMatchObject({ offset: 2, data: 3 })
    expect(await b.answer()).toMatchObject({ offset: 3, data: 4 })
  })

  test('get what has no history too', async () => {
    await using it = await two()
    const { a, b } = it
    expect(await b.ask({ type: 'subscribe', id: 1, topic: 'free/x' })).toEqual({
      type: 'subscribed',
      id: 1,
      topic: 'free/x',
    })
    expect(await a.ask({ type: 'publish', id: 1, topic: 'free/x', data: 1 })).toEqual({ type: 'published', id: 1 })
    expect(await b.answer()).toEqual({ type: 'publication', topic: 'free/x', data: 1 })
  })
})

describe('plain sockets on two servers', () => {
  /** A server whose sockets subscribe to what their path says. */
  async function rooms(backplane: ReturnType<typeof memoryBackplane>) {
    const sockets = new Log<ServerSocket>()
    const open = async (socket: ServerSocket): Promise<void> => {
      const { topic = '' } = socket.params
      const { ready } = socket.subscribe(topic, { pattern: topic.includes('*') })
      await ready
      sockets.push(socket)
    }
    const message = (socket: ServerSocket, text: unknown): unknown => socket.publish('room', text, { self: false })
    const topics = { 'kept/*': { history: { size: 10 } } }
    const it = await listening({ backplane, topics, routes: { '/:topic': { open, message } } })
    const join = async (topic: string) => {
      const { length } = sockets.all
      const socket = await openSocket(`${it.url}/${encodeURIComponent(topic)}`)
      await sockets.until('a socket', all => all.length > length)
      const messages = socket[Symbol.asyncIterator]()
      return { socket, next: async () => (await within('a message', messages.next())).value }
    }
    return { ...it, join }
  }

  test('get what is published on the other, and not their own when they do not want it', async () => {
    const backplane = memoryBackplane()
    await using here = await rooms(backplane)
    await using there = await rooms(backplane)
    const [a, b] = [await here.join('room'), await there.join('room')]
    a.socket.send('from a')
    b.socket.send('from b')
    expect([await a.next(), await b.next()]).toEqual(['from b', 'from a'])
    const { subscribers, stored } = here.server.publish('room', 'from the server')
    expect(subscribers).toBe(1)
    expect(await stored).toBeUndefined()
    expect([await a.next(), await b.next()]).toEqual(['from the server', 'from the server'])
  })

  test('get by a pattern what nobody on their server has subscribed to by name', async () => {
    const backplane = memoryBackplane()
    await using here = await rooms(backplane)
    await using there = await rooms(backplane)
    await here.server.publish('kept/a', 'before').stored
    const reader = await there.join('kept/*')
    for (const text of ['one', 'two']) await here.server.publish('kept/a', text).stored
    expect([await reader.next(), await reader.next()]).toEqual(['one', 'two'])
    here.server.publish('free/a', 'not for it')
    expect(await here.server.publish('kept/b', 'three').stored).toMatchObject({ offset: 1 })
    expect(await reader.next()).toBe('three')
  })
})
