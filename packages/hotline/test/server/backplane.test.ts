// Servers that a backplane joins: one system to whoever is connected to any of them.

import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { memoryBackplane } from '../../src/backplane/index.ts'
import { connect, openSocket } from '../../src/client/index.ts'
import { deferred } from '../../src/connection/deferred.ts'
import { FakeClock, settle } from '../../src/runtime/memory/clock.ts'
import { attach, BackplaneError, type ServerSocket, serve } from '../../src/server/index.ts'
import { memoryServer } from '../../src/testing/index.ts'
import { World } from '../backplane/shaky.ts'
import { Log, within } from '../support/deadline.ts'
import { speaking } from './subprotocol/support.ts'
import { listening } from './support.ts'

type Options = Parameters<typeof speaking>[0]

/** Two servers, and a client of each. */
async function two(options: Options = {}) {
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

/** A server over an engine that can be cut off, and a client of it. */
async function shaky(options: Options = {}) {
  const world = new World(new FakeClock())
  world.isQuick = true
  const engine = world.node()
  const server = await speaking({ backplane: engine, ...options })
  const client = await server.connect()
  return { ...server, world, engine, client }
}

describe('a line whose server has lost the engine', () => {
  test('is told so once, and once when it is back, if it has subscribed to something', async () => {
    await using it = await shaky()
    const { client, engine } = it
    await using idle = await it.connect()
    await client.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
    engine.cut(0)
    expect(await client.answer()).toMatchObject({ type: 'notice', code: 'interrupted' })
    expect(it.server.backplane).toMatchObject({ name: 'shaky', up: false, pending: 0 })
    engine.mend()
    expect(await client.answer()).toMatchObject({ type: 'notice', code: 'restored' })
    expect(it.server.backplane).toMatchObject({ up: true })
    expect(await idle.ask({ type: 'ping' })).toEqual({ type: 'pong' })
  })

  test('is told so behind hundreds of others, unless it is back by then', async () => {
    await using it = await shaky()
    const clients = await Promise.all(Array.from({ length: 520 }, () => it.connect()))
    await Promise.all(clients.map(client => client.ask({ type: 'subscribe', id: 1, topic: 'free/x' })))
    it.engine.cut(0)
    const codes = clients.map(async client => (await client.answer())?.['code'])
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['interrupted']))
    it.engine.mend()
    it.engine.cut(0)
    it.engine.mend()
    expect(await clients[0]?.answer()).toMatchObject({ code: 'restored' })
    expect(await clients[519]?.answer()).toMatchObject({ code: 'restored' })
    await Promise.all(clients.map(client => client.socket.close()))
  })

  test('is answered when it is back, and what it sends behind is handled meanwhile', async () => {
    await using it = await shaky()
    const { client, engine } = it
    engine.cut(0)
    client.send({ type: 'subscribe', id: 1, topic: 'chat/x' })
    expect(await client.answer()).toMatchObject({ type: 'notice', code: 'interrupted' })
    client.send({ type: 'publish', id: 2, topic: 'chat/x', data: 1 })
    client.send({ type: 'publish', id: 3, topic: 'chat/x', data: 2 })
    expect(await client.ask({ type: 'subscribe', id: 4, topic: 'chat/x' })).toMatchObject({
      id: 4,
      code: 'already-subscribed',
    })
    expect(await client.ask({ type: 'request', id: 5, name: 'add', data: [1, 2] })).toMatchObject({ id: 5, data: 3 })
    engine.mend()
    const answers = [await client.answer(), await client.answer(), await client.answer()]
    for (let left = 3; left > 0; left--) answers.push(await client.answer())
    expect(answers.slice(0, 2)).toMatchObject([
      { type: 'notice', code: 'restored' },
      { type: 'subscribed', id: 1, offset: 0 },
    ])
    expect(answers.filter(one => one?.['type'] === 'publication').map(one => one?.['data'])).toEqual([1, 2])
    expect(answers.filter(one => one?.['type'] === 'published')).toMatchObject([{ id: 2 }, { id: 3 }])
  })

  test('may take back what it waits for', async () => {
    await using it = await shaky()
    const { client, engine } = it
    engine.cut(0)
    await client.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
    expect(await client.ask({ type: 'unsubscribe', id: 2, topic: 'chat/x' })).toMatchObject({
      id: 1,
      code: 'cancelled',
    })
    expect(await client.answer()).toEqual({ type: 'unsubscribed', id: 2, topic: 'chat/x' })
    expect(await client.ask({ type: 'unsubscribe', id: 3, topic: 'chat/x' })).toMatchObject({ code: 'not-subscribed' })
    engine.mend()
    expect(await client.answer()).toMatchObject({ type: 'notice', code: 'restored' })
    expect(await client.ask({ type: 'publish', id: 4, topic: 'chat/x', data: 1 })).toMatchObject({ type: 'published' })
    expect(it.topics.stats('chat/x')?.subscribers ?? 0).toBe(0)
  })

  test('that closes while it waits leaves nothing behind', async () => {
    await using it = await shaky({ linger: 1 })
    const { client, engine } = it
    engine.cut(0)
    await client.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
    const gone = new Log<unknown>()
    void it.sockets[0]?.closed.then(() => gone.push(1))
    await client.socket.close()
    await gone.until('the end', all => all.length > 0)
    engine.mend()
    expect(it.reported).toEqual([])
    expect(it.topics.stats('chat/x')?.subscribers ?? 0).toBe(0)
  })

  test('is answered unavailable to what it publishes, where that does not wait', async () => {
    await using it = await shaky({ whenAway: 'fail' })
    const { client, engine } = it
    engine.cut(0)
    expect(await client.ask({ type: 'publish', id: 1, topic: 'chat/x', data: 1 })).toMatchObject({
      type: 'error',
      id: 1,
      code: 'unavailable',
    })
    expect(await client.ask({ type: 'publish', topic: 'chat/x', data: 1 })).toEqual({
      type: 'error',
      code: 'unavailable',
      reason: expect.stringContaining('not stored'),
    })
    expect(it.reported).toEqual([])
  })

  test('is told when its topic begins anew, and goes on in it', async () => {
    await using it = await shaky()
    const { client, engine, world } = it
    await client.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
    it.server.publish('chat/x', 1)
    expect(await client.answer()).toMatchObject({ offset: 1 })
    world.restart()
    engine.mend()
    expect(await client.answer()).toMatchObject({ type: 'notice', code: 'interrupted' })
    expect(await client.answer()).toMatchObject({ type: 'notice', code: 'restored' })
    const renewed = await client.answer()
    expect(renewed).toMatchObject({ type: 'subscribed', topic: 'chat/x', offset: 0, recovered: false, code: 'epoch' })
    expect(renewed).not.toHaveProperty('id')
    it.server.publish('chat/x', 2)
    expect(await client.answer()).toMatchObject({ offset: 1, data: 2 })
  })

  test('that publishes more than is stored is read no more until some of it is', async () => {
    await using it = await shaky()
    const { client, engine } = it
    engine.cut(0)
    for (let id = 1; id <= 500; id++) client.send({ type: 'publish', id, topic: 'chat/x', data: id })
    const pending = new Log<unknown>()
    void (async () => {
      while (pending.all.length === 0) {
        await new Promise(setImmediate)
        if (it.server.backplane?.pending === 128) pending.push(1)
      }
    })()
    await pending.until('128 publications', all => all.length > 0)
    engine.mend()
    for (let id = 1; id <= 500; id++) expect(await client.answer()).toEqual({ type: 'published', id, offset: id })
  })
})

test('a plain socket has its subscription at once, and the promise of when it begins', async () => {
  const world = new World(new FakeClock())
  world.isQuick = true
  const engine = world.node()
  const sockets = new Log<ServerSocket>()
  const topics = { 'kept/*': { history: { size: 10 } } }
  await using it = await listening({
    backplane: engine,
    topics,
    routes: { '/': { open: socket => sockets.push(socket as ServerSocket) } },
  })
  const client = await openSocket(it.url)
  await sockets.until('a socket', all => all.length > 0)
  const socket = sockets.all[0] as ServerSocket
  await it.server.publish('kept/a', 'before').stored
  const { ready, replayed } = socket.subscribe('kept/a', { last: 1 })
  expect(replayed).toBe(0)
  expect(it.server.topics.topicsOf(socket)).toEqual([])
  expect(await ready).toMatchObject({ replayed: 1, offset: 0 })
  expect(it.server.topics.topicsOf(socket)).toEqual(['kept/a'])
  expect(socket.subscribe('kept/a', { last: 1 })).toMatchObject({ replayed: 1 })
  const pending = socket.subscribe('kept/b')
  expect(socket.unsubscribe('kept/b')).toBe(true)
  expect(await pending.ready).toEqual({ replayed: 0 })
  engine.cut(0)
  const last = socket.subscribe('kept/c')
  await client.close()
  await socket.closed
  expect(await last.ready).toEqual({ replayed: 0 })
  expect(() => socket.publish('kept/a', undefined)).toThrow('what JSON can write')
  expect(() => socket.publish('a\nb', 'x')).toThrow('name of a topic')
})

describe('presence', () => {
  test('is that of all servers, as each server says it', async () => {
    await using it = await two({ topics: { 'team/*': { subscribe: true, presence: { grace: 10 } } } })
    const { a, b, here, there } = it
    await a.ask({ type: 'subscribe', id: 1, topic: 'team/x', presence: true })
    expect(await b.ask({ type: 'subscribe', id: 1, topic: 'team/x', presence: true })).toMatchObject({
      presence: { count: 1 },
    })
    for (const client of [a, b]) {
      let told = await client.answer()
      while (told?.['count'] !== 2) told = await client.answer()
    }
    const [one, other] = [here, there].map(({ topics }) => topics.presence('team/x').members)
    expect(new Set(one?.keys())).toEqual(new Set(other?.keys()))
    await b.socket.close()
    let told = await a.answer()
    while (told?.['count'] !== 1) told = await a.answer()
    expect(told).toMatchObject({ leave: [expect.any(String)] })
  })
})

test('a client of connect() goes on where it was when its server closes and it finds the other', async () => {
  const backplane = memoryBackplane()
  const here = await speaking({ backplane })
  await using there = await speaking({ backplane })
  const got = new Log<unknown>()
  await using line = connect(() => (here.server.draining ? there.url : here.url), { backoff: { base: 1, cap: 10 } })
  const topic = line.topic('chat/x')
  topic.on('publication', ({ data, passed, recovered }) => got.push([data, passed, recovered]))
  await new Promise<void>(resolve => topic.on('subscribed', () => resolve()))
  await there.server.publish('chat/x', 1).stored
  await got.until('the first', all => all.length === 1)
  const closed = here.server.close({ within: 500 })
  for (const text of [2, 3]) there.server.publish('chat/x', text)
  await got.until('the others', all => all.length === 3)
  await closed
  await there.server.publish('chat/x', 4).stored
  await got.until('the last', all => all.length === 4)
  expect(got.all).toEqual([1, 2, 3, 4].map(data => [data, 0, true]))
})

describe('an engine that stores nothing any more', () => {
  /** A server with something that is not stored, and will not be. */
  const stuck = async () => {
    const engine = new World(new FakeClock()).node()
    const { server } = await listening({ backplane: engine, routes: {}, report() {} })
    const stored = expect(server.publish('chat/x', 1).stored).rejects.toMatchObject({ kept: 'unknown' })
    return { engine, server, stored }
  }

  test('holds up the end of its server for as long as that may take, but not one that is cut', async () => {
    const { engine, server, stored } = await stuck()
    const closing = server.close({ within: 3_600_000 })
    server.terminate()
    expect(await within('the end', closing)).toMatchObject({ closed: 0 })
    await stored
    expect(engine.closed).toBe(true)
  })

  test('is let go by terminate() alone too, or the process would not end', async () => {
    const { engine, server, stored } = await stuck()
    server.terminate()
    await within('what was not stored', stored)
    expect(engine.closed).toBe(true)
    expect(server.draining).toBe(true)
  })
})

describe('an engine that cannot be had', () => {
  const refusing = () => {
    const engine = new World(new FakeClock()).node()
    engine.refuses = new BackplaneError('nobody is there: is it running?')
    return engine
  }

  test('fails serve() with its error, and no port is left open', async () => {
    const http = createServer()
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as { port: number }
    await new Promise(resolve => http.close(resolve))
    const failed = serve({ port, backplane: refusing(), routes: {} })
    await expect(failed).rejects.toBeInstanceOf(BackplaneError)
    await expect(openSocket(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'ERR_CONNECT' })
  })

  test('is closed again when the port cannot be had', async () => {
    await using it = await listening({ routes: {} })
    const world = new World(new FakeClock())
    const engine = world.node()
    await expect(serve({ port: it.port, backplane: engine, routes: {} })).rejects.toMatchObject({ code: 'ERR_CONNECT' })
    expect(engine.closed).toBe(true)
  })

  test('is tried again by attach() and reported, while the sockets wait', async () => {
    const engine = refusing()
    const reported = new Log<unknown>()
    const http = createServer()
    const server = attach(http, { backplane: engine, routes: {}, report: error => reported.push(error) })
    await reported.until('a report', all => all.length > 0)
    expect(server.backplane).toMatchObject({ up: false })
    await server.close()
  })

  test('is not tried again by a server that was closed meanwhile, which is not told either', async () => {
    const engine = refusing()
    const { promise, reject } = deferred<void>()
    engine.open = () => promise
    const reported: unknown[] = []
    const server = memoryServer({ backplane: engine, routes: {}, report: error => reported.push(error) })
    await server.close()
    reject(new BackplaneError('nobody is there'))
    await settle()
    expect(server.clock.pending).toBe(0)
    expect(reported).toEqual([])
  })

  test('is tried again later by a server in memory', async () => {
    const engine = refusing()
    const reported: unknown[] = []
    const server = memoryServer({ backplane: engine, routes: {}, report: error => reported.push(error) })
    await server.clock.advance(0)
    expect(reported).toHaveLength(1)
    engine.refuses = undefined
    await server.clock.advance(1000)
    expect(server.backplane).toMatchObject({ up: true })
    await server.close()
    expect(engine.closed).toBe(true)
  })
})

test.each([
  ['backplane', 'redis://localhost'],
  ['backplane', {}],
  ['publishTimeout', 0],
  ['whenAway', 'perhaps'],
  ['maxUnstored', 0],
  ['maxUnstoredBytes', -1],
  ['linger', -1],
])('the option %s is refused as %o', async (option, value) => {
  await expect(serve({ port: 0, routes: {}, [option]: value })).rejects.toMatchObject({ code: 'ERR_USAGE', option })
})

test('what was published is stored when the server has closed', async () => {
  const backplane = memoryBackplane()
  await using there = await speaking({ backplane })
  const b = await there.connect()
  await b.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
  const here = await speaking({ backplane })
  const { stored } = here.server.publish('chat/x', 'last words')
  await here.server.close()
  expect(await stored).toMatchObject({ offset: 1 })
  expect(await b.answer()).toMatchObject({ data: 'last words' })
})
