/** Topics and requests by contract, between a server and lines that stay up: what fits is typed, what does not is told. */
import * as msgpack from '@msgpack/msgpack'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { connect, connectTyped, type RequestError, SchemaError } from '../../src/client/index.ts'
import { type Contract, contract, type Misfit, type TypedTopic, typedLine } from '../../src/contract/index.ts'
import {
  type ErrorContext,
  type Server,
  type ServerSocket,
  serve,
  type TypedServerSocket,
  typedRoute,
  typedServer,
  typedTopics,
} from '../../src/server/index.ts'
import { Log } from '../support/deadline.ts'
import { validators, zod } from './lines.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

type Reported = { error: unknown; phase: ErrorContext['phase'] }
type Zod = typeof zod

/** A server of the contract whose topics are open to all, and a socket of its, once there is one. */
async function served(contract: Zod) {
  const reported: Reported[] = []
  const sockets = new Log<TypedServerSocket<Zod, unknown>>()
  const server: Server = kept(
    await serve({
      port: 0,
      report: (error, { phase }) => reported.push({ error, phase }),
      topics: typedTopics(contract, {
        'room/*': {
          subscribe: true,
          publish: (_socket, _topic, data) => data.type === 'said',
          history: { size: 10 },
          presence: { data: () => ({ name: 'Ada' }) },
        },
        'prices/**': { subscribe: true, publish: true },
      }),
      routes: {
        '/': typedRoute(contract, {
          requests: {
            sum: (_, numbers) => numbers.reduce((sum, one) => sum + one, 0),
            nothing: () => 'what nobody is told',
          },
          open: socket => sockets.push(socket),
        }),
      },
    }),
  )
  return { server, sockets, reported }
}

/** The next publications of a topic. */
async function next<T>(topic: AsyncIterable<T>, count: number): Promise<T[]> {
  const got: T[] = []
  for await (const one of topic) if (got.push(one) === count) break
  return got
}

describe.each(Object.entries(validators))('by %s', (_name, given) => {
  const contract = given as never as Zod

  test('a publication comes to who reads the topic, and the reply to who asked', async () => {
    const { server } = await served(contract)
    const line = kept(connectTyped(String(server.url), contract))
    const read = next(line.topic('room/lobby', { last: 1 }), 1)
    await line.publish('room/lobby', { type: 'said', text: 'hello' })
    expect(await read).toMatchObject([{ data: { type: 'said', text: 'hello' }, offset: 1, passed: 0 }])
    expect(await line.request('sum', [1, 2, 3])).toBe(6)
    expect(await line.request('nothing')).toBeUndefined()
  })

  test('a publication that does not fit is refused with its path, and the next one is taken', async () => {
    const { server, reported } = await served(contract)
    const line = kept(connect(String(server.url)))
    const wrong = line.publish('room/lobby', { type: 'said', text: 'hello', tags: [{ name: 'a' }, { name: 5 }] })
    const { answer } = (await wrong.catch(error => error)) as RequestError
    expect(answer).toEqual({ code: 'schema', reason: expect.stringMatching(/^tags\[1\]\.name/) })
    expect(await line.publish('room/lobby', { type: 'said', text: 'hello' })).toEqual({ offset: 1 })
    expect(line.status).toBe('open')
    expect(reported).toEqual([])
  })

  test('a request whose data does not fit is refused with its path, and the next one is answered', async () => {
    const { server, reported } = await served(contract)
    const line = kept(connect(String(server.url)))
    const { answer } = (await line.request('sum', [1, '2']).catch(error => error)) as RequestError
    expect(answer).toEqual({ code: 'schema', reason: expect.stringMatching(/^\[1\]|value at \[1\]/) })
    await expect(line.request('nothing', 5)).rejects.toMatchObject({ answer: { code: 'schema' } })
    expect(await line.request('sum', [1, 2])).toBe(3)
    expect(reported).toEqual([])
  })

  test('a server asks its client, and refuses an answer that does not fit', async () => {
    const { server, sockets } = await served(contract)
    const line = kept(connectTyped(String(server.url), contract))
    line.answer('confirm', ({ question }) => question === 'sure?')
    await sockets.until('a socket', all => all.length === 1)
    const [socket] = sockets.all as [TypedServerSocket<Zod>]
    expect(await socket.ask('confirm', { question: 'sure?' })).toBe(true)
    await expect(socket.ask('confirm', { question: 5 } as never)).rejects.toMatchObject({ answer: { code: 'schema' } })
    const lax = kept(connect(String(server.url)))
    lax.answer('confirm', () => 'perhaps')
    await sockets.until('another', all => all.length === 2)
    await expect(sockets.all[1]?.ask('confirm', { question: 'sure?' })).rejects.toBeInstanceOf(SchemaError)
  })

  test('what a server publishes and does not fit is told, counted and skipped', async () => {
    const { server } = await served(contract)
    const told: [SchemaError, Misfit][] = []
    const line = kept(
      connectTyped(String(server.url), contract, { invalid: (error, where) => told.push([error, where]) }),
    )
    const topic = line.topic('room/lobby', { last: 10 })
    server.publish('room/lobby', { type: 'said', text: 'one' })
    server.publish('room/lobby', { type: 'said', text: 2 })
    server.publish('room/lobby', { type: 'shouted' })
    typedServer(contract, server).publish('room/lobby', { type: 'said', text: 'four' })
    expect(await next(topic, 2)).toMatchObject([
      { data: { text: 'one' }, offset: 1, passed: 0 },
      { data: { text: 'four' }, offset: 4, passed: 2 },
    ])
    expect(told.map(([error, where]) => [error instanceof SchemaError, error.path, where])).toEqual([
      [true, 'text', { topic: 'room/lobby', offset: 2 }],
      [true, 'type', { topic: 'room/lobby', offset: 3 }],
    ])
    expect(line.line.status).toBe('open')
  })

  test('members have the data of the contract', async () => {
    const { server } = await served(contract)
    const line = kept(connectTyped(String(server.url), contract))
    const topic = line.topic('room/lobby', { presence: true })
    const counts = new Log<number>()
    topic.on('presence', ({ count, join }) => counts.push(count + Object.keys(join).length))
    await counts.until('somebody is there', all => all.includes(2))
    expect([...(topic.members?.values() ?? [])]).toEqual([{ name: 'Ada' }])
    expect([...(typedServer(contract, server).presence('room/lobby').members?.values() ?? [])]).toEqual([
      { name: 'Ada' },
    ])
  })
})

test('a reply of the server that does not fit is its own fault: failed for the client, reported at home', async () => {
  const reported: Reported[] = []
  const server = kept(
    await serve({
      port: 0,
      report: (error, { phase }) => reported.push({ error, phase }),
      routes: { '/': typedRoute(zod, { requests: { sum: () => 'many' as never, nothing: () => {} } }) },
    }),
  )
  const line = kept(connectTyped(String(server.url), zod))
  await expect(line.request('sum', [1])).rejects.toMatchObject({ answer: { code: 'failed' } })
  expect(reported).toMatchObject([
    {
      phase: 'request',
      error: { code: 'ERR_USAGE', message: expect.stringMatching(/^the reply to sum does not fit/) },
    },
  ])
})

test('a reply that does not fit rejects with the SchemaError where the server has no contract', async () => {
  const server = kept(await serve({ port: 0, routes: { '/': { topics: true, requests: { sum: () => 'many' } } } }))
  const line = kept(connectTyped(String(server.url), zod))
  await expect(line.request('sum', [1])).rejects.toBeInstanceOf(SchemaError)
})

test('a reply of the client that does not fit is told to its report, and failed for the server', async () => {
  const { server, sockets } = await served(zod)
  const reported: unknown[] = []
  const line = kept(connectTyped(String(server.url), zod, { report: error => reported.push(error) }))
  line.answer('confirm', () => 'perhaps' as never)
  await sockets.until('a socket', all => all.length === 1)
  await expect(sockets.all[0]?.ask('confirm', { question: 'sure?' })).rejects.toMatchObject({
    answer: { code: 'failed' },
  })
  expect(reported).toMatchObject([{ code: 'ERR_USAGE' }])
})

test('who may not is denied, also with what fits', async () => {
  const { server } = await served(zod)
  const line = kept(connectTyped(String(server.url), zod))
  await expect(line.publish('room/lobby', { type: 'left' })).rejects.toMatchObject({ answer: { code: 'denied' } })
})

test('a pattern that has no options is there, for nobody', async () => {
  const inner = contract({ topics: { 'a/secret': z.string(), 'a/*': z.number() } })
  const topics = typedTopics(inner, { 'a/*': { subscribe: true, publish: true } })
  const server = kept(await serve({ port: 0, topics, routes: { '/': typedRoute(inner, {}) } }))
  const line = kept(connect(String(server.url)))
  expect(await line.publish('a/open', 5)).toEqual({})
  await expect(line.publish('a/secret', 5)).rejects.toMatchObject({ answer: { code: 'denied' } })
})

test('what goes on is what came, and each end makes of it what its validator says', async () => {
  const time = z.string().transform(text => new Date(text))
  const dated = contract({ topics: { times: time }, requests: { client: { later: { data: time, reply: time } } } })
  const published: unknown[] = []
  const topics = typedTopics(dated, {
    times: { subscribe: true, history: { size: 1 }, publish: (_s, _t, date) => published.push(date.getTime()) > 0 },
  })
  const requests = { later: (_: unknown, date: Date) => new Date(date.getTime() + 1_000).toISOString() }
  const server = kept(await serve({ port: 0, topics, routes: { '/': typedRoute(dated, { requests }) } }))
  const line = kept(connectTyped(String(server.url), dated))
  const read = next(line.topic('times'), 1)
  const raw = kept(connect(String(server.url)))
  const heard = next(raw.topic('times', { last: 1 }), 1)
  await line.publish('times', '2026-01-01T00:00:00.000Z')
  const date = new Date('2026-01-01T00:00:00.000Z')
  expect(published).toEqual([date.getTime()])
  expect(await read).toMatchObject([{ data: date }])
  expect(await heard).toMatchObject([{ data: '2026-01-01T00:00:00.000Z' }])
  expect(await line.request('later', date.toISOString())).toEqual(new Date(date.getTime() + 1_000))
})

test('with messagePack in the contract, both ends speak it, and who has only JSON is taken too', async () => {
  const packed = contract({ topics: { 'a/*': z.object({ n: z.number() }) }, messagePack: msgpack })
  const topics = typedTopics(packed, { 'a/*': { subscribe: true, publish: true, history: { size: 1 } } })
  const server = kept(await serve({ port: 0, topics, routes: { '/': typedRoute(packed, {}) } }))
  const line = kept(connectTyped(String(server.url), packed))
  const plain = kept(connect(String(server.url)))
  const read = [next(line.topic('a/b', { last: 1 }), 1), next(plain.topic('a/b', { last: 1 }), 1)]
  await line.publish('a/b', { n: 1 })
  for (const one of read) expect(await one).toMatchObject([{ data: { n: 1 } }])
  expect([line.line.state, plain.state]).toMatchObject([{ protocol: 'hotline.1.msgpack' }, { protocol: 'hotline.1' }])
})

test('a line ends its topics, and a topic is left by its loop', async () => {
  const { server } = await served(zod)
  const line = typedLine(zod, connect(String(server.url)))
  const topic: TypedTopic<unknown> = line.topic('room/lobby')
  const ended = new Promise(resolve => topic.on('ended', resolve))
  await line.close()
  expect(await ended).toBeUndefined()
  expect(topic.name).toBe('room/lobby')
})

test.each<[string, object]>([
  ['a pattern that is none', { topics: { 'a/**/b': z.string() } }],
  ['a topic without a schema', { topics: { a: {} } }],
  ['a topic that is nothing', { topics: { a: null } }],
  ['an unknown part of a topic', { topics: { a: { data: z.string(), history: 5 } } }],
  ['presence that is no schema', { topics: { a: { data: z.string(), presence: 'name' } } }],
  ['a pattern behind one that has all of its topics', { topics: { 'a/*': z.string(), 'a/b': z.number() } }],
  ['an unknown side', { requests: { both: {} } }],
  ['an unknown part of a request', { requests: { client: { sum: { answer: z.number() } } } }],
  ['a reply that is no schema', { requests: { client: { sum: { reply: 'number' } } } }],
  ['a library without decode', { messagePack: { encode: () => new Uint8Array() } }],
])('%s is refused when the contract is made', (_what, parts) => {
  expect(() => contract(parts as Parameters<typeof contract>[0])).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE' }),
  )
})

test('a name that the contract does not have is refused where it is used', async () => {
  const { server } = await served(zod)
  const line = kept(connectTyped(String(server.url), zod))
  const usage = expect.objectContaining({ code: 'ERR_USAGE' })
  for (const name of ['__proto__', 'constructor', 'room/a/b'] as string[]) {
    expect(() => line.topic(name as 'room/a')).toThrow(usage)
    expect(() => line.answer(name as 'confirm', () => true)).toThrow(usage)
    await expect(line.request(name as 'sum', [])).rejects.toEqual(usage)
    expect(() => typedTopics(zod, { [name]: {} })).toThrow(usage)
    expect(() => typedRoute(zod, { requests: { [name]: () => {} } as never })).toThrow(usage)
  }
})

test('a contract of plain messages leaves a route as it was', () => {
  const route = typedRoute(contract({ client: z.string() }) as Contract, {})
  expect(Object.keys(route)).not.toContain('topics')
})

test('the socket below has what is not about contracts', async () => {
  const { server, sockets } = await served(zod)
  kept(connectTyped(String(server.url), zod))
  await sockets.until('a socket', all => all.length === 1)
  const [socket] = sockets.all as [TypedServerSocket<Zod>]
  const below: ServerSocket = socket.socket
  socket.subscribe('room/lobby', { last: 1 })
  expect(server.topics.topicsOf(below)).toEqual(['room/lobby'])
  expect(socket.publish('room/lobby', { type: 'left' }, { self: false })).toMatchObject({ subscribers: 0 })
  expect([socket.unsubscribe('room/lobby'), socket.unsubscribe('room/lobby')]).toEqual([true, false])
})
