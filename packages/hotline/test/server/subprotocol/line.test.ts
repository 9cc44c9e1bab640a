/** What a client does wrong, or too much of, has an answer of its own; the line and the server go on. */
import { setImmediate } from 'node:timers/promises'
import { decode, encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import { openSocket } from '../../../src/client/index.ts'
import { deferred } from '../../../src/connection/deferred.ts'
import { TimeoutError, UsageError, WebSocketError } from '../../../src/errors.ts'
import { type RequestHandler, type ServerSocket, serve } from '../../../src/server/index.ts'
import { tokenProtocol } from '../../../src/topics/wire/token.ts'
import { listening, never } from '../support.ts'
import { forms, speaking } from './support.ts'

const error = (code: string, id?: number) => ({ type: 'error', ...(id && { id }), code, reason: expect.any(String) })

describe('a client that sends', () => {
  const answered: [what: string, message: object, answer: object][] = [
    ['a message that nobody knows', { type: 'dance', id: 1 }, error('unknown-type', 1)],
    ['a list', [], error('malformed')],
    ['a subscription without a topic', { type: 'subscribe', id: 1 }, error('malformed', 1)],
    ['a topic name of 64 KiB', { type: 'subscribe', id: 1, topic: 'x'.repeat(65_536) }, error('topic', 1)],
    ['a topic name of 257 bytes', { type: 'subscribe', id: 1, topic: `chat/${'é'.repeat(126)}` }, error('topic', 1)],
    ['half a millisecond', { type: 'subscribe', id: 1, topic: 'free/a', every: 0.5 }, error('malformed', 1)],
    [
      'a pace of an age',
      { type: 'subscribe', id: 1, topic: 'free/a', every: 2 ** 53 - 1 },
      { type: 'subscribed', id: 1, topic: 'free/a' },
    ],
    ['a pattern', { type: 'subscribe', id: 1, topic: 'chat/*' }, error('topic', 1)],
    ['a publication to 64 KiB of a name', { type: 'publish', topic: 'x'.repeat(65_536), data: 1 }, error('topic')],
    ['a publication that is not permitted', { type: 'publish', id: 1, topic: 'private', data: 1 }, error('denied', 1)],
    ['a subscription that is not permitted', { type: 'subscribe', id: 1, topic: 'private' }, error('denied', 1)],
    ['the name of what objects inherit', { type: 'request', id: 1, name: 'toString' }, error('unknown-request', 1)],
    [
      'an offset from the future',
      { type: 'subscribe', id: 1, topic: 'chat/a', since: { epoch: 'x', offset: 2 ** 53 - 1 } },
      expect.objectContaining({ type: 'subscribed', recovered: false, offset: 0 }),
    ],
    [
      'a forged epoch',
      { type: 'subscribe', id: 1, topic: 'chat/a', since: { epoch: 'forged', offset: 0 } },
      expect.objectContaining({ type: 'subscribed', recovered: false, code: 'epoch' }),
    ],
    [
      'a place in a topic without history',
      { type: 'subscribe', id: 1, topic: 'free/a', since: { epoch: 'x', offset: 1 } },
      expect.objectContaining({ type: 'subscribed', recovered: false, code: 'epoch' }),
    ],
  ]

  test.each(answered)('%s gets its answer, and the line goes on', async (_, message, answer) => {
    await using server = await speaking()
    await using client = await server.connect()
    expect(await client.ask(message)).toEqual(answer)
    expect(await client.ask({ type: 'ping' })).toEqual({ type: 'pong' })
    expect(server.reported).toEqual([])
  })

  test('a subscription where the application has one too gets what follows its offset, and nothing before', async () => {
    const topics = { 'log/*': { subscribe: true, history: { size: 9 }, every: 60_000 } } as const
    await using server = await speaking({ topics, open: socket => socket.subscribe('log/a') })
    await using client = await server.connect()
    await client.next()
    for (const n of [1, 2, 3]) server.server.publish('log/a', n)
    expect(await client.next()).toMatchObject({ type: 'publication', offset: 1 })
    expect(await client.ask({ type: 'subscribe', id: 1, topic: 'log/a' })).toMatchObject({ offset: 3 })
    const [socket] = server.sockets
    expect(socket && server.topics.statsOf(socket)).toMatchObject({ pending: 0 })
  })

  test('sixteen malformed messages is closed with 4400', async () => {
    await using server = await speaking()
    await using client = await server.connect()
    for (let sent = 0; sent < 16; sent++) client.send({ type: 'subscribe' })
    for (let got = 0; got < 16; got++) expect(await client.answer()).toEqual(error('malformed'))
    expect(await client.answer()).toBeUndefined()
    expect(await client.closed).toMatchObject({ code: 4400, reason: expect.stringContaining('id of subscribe') })
  })

  test.each([
    ['no JSON', 'nonsense'],
    ['no text', ''],
  ])('%s is closed with 4400', async (_, text) => {
    await using server = await speaking()
    await using client = await server.connect()
    client.send(text)
    expect(await client.closed).toMatchObject({ code: 4400, reason: 'what came is not hotline.1' })
  })

  test('text where MessagePack was agreed on is closed with 4400', async () => {
    await using server = await speaking()
    await using client = await server.connect('hotline.1.msgpack')
    client.send('{"type":"ping"}')
    expect(await client.closed).toMatchObject({ code: 4400 })
  })

  test('data that nests a hundred thousand levels is told so, and nobody else gets it', async () => {
    await using server = await speaking()
    await using client = await server.connect()
    await client.ask({ type: 'subscribe', id: 1, topic: 'free/a' })
    const deep = `{"type":"publish","id":2,"topic":"free/a","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(await client.ask(deep)).toEqual(error('malformed', 2))
  })

  test('fifty thousand subscriptions gets the thousand that are allowed, and an answer for each of the others', async () => {
    await using server = await speaking()
    await using client = await server.connect()
    const codes = new Map<unknown, number>()
    const reading = (async () => {
      for (let got = 0; got < 50_000; got++) {
        const { type, code = type } = (await client.answer()) ?? {}
        codes.set(code, (codes.get(code) ?? 0) + 1)
      }
    })()
    for (let id = 1; id <= 50_000; id++)
      await client.socket.send(JSON.stringify({ type: 'subscribe', id, topic: `free/${id}` }))
    await reading
    expect(Object.fromEntries(codes)).toEqual({ subscribed: 1000, limit: 49_000 })
    expect(server.topics.names).toHaveLength(1000)
    expect((await client.ask({ type: 'unsubscribe', id: 1, topic: 'free/1' }))?.['type']).toBe('unsubscribed')
    expect((await client.ask({ type: 'subscribe', id: 1, topic: 'free/again' }))?.['type']).toBe('subscribed')
  })

  test.each([
    ['unsubscriptions', `{"type":"unsubscribe","id":1,"topic":"${'x'.repeat(200)}"}`],
    ['subscriptions', `{"type":"subscribe","id":1,"topic":"${'x'.repeat(200)}"}`],
  ])('%s without reading the answers is read no more', async (_, message) => {
    await using server = await speaking()
    const reader = await server.connect()
    expect((await reader.next())?.['type']).toBe('welcome')
    let sent = 0
    let stopped = false
    while (!stopped && sent < 400_000) {
      const room = reader.socket.send(message)
      if (++sent % 100 > 0) continue
      stopped = await Promise.race([room.then(() => false), quiet(reader)])
    }
    expect(stopped).toBe(true)
    expect([...server.server.sockets].map(({ state }) => state)).toEqual(['open'])
    reader.socket.terminate()
  })
})

/** True when nothing moves on the client's side for some turns of the loop. */
async function quiet({ socket }: { socket: { bufferedAmount: number } }): Promise<boolean> {
  for (let turn = 0; turn < 2000; turn++) {
    const before = socket.bufferedAmount
    await setImmediate()
    if (socket.bufferedAmount !== before) turn = 0
  }
  return socket.bufferedAmount > 0
}

describe('a subscription', () => {
  test('of a topic that the line has is refused', async () => {
    await using server = await speaking()
    await using client = await server.connect()
    await client.ask({ type: 'subscribe', id: 1, topic: 'free/a' })
    expect(await client.ask({ type: 'subscribe', id: 2, topic: 'free/a' })).toEqual(error('already-subscribed', 2))
  })

  test('asks the application each time, and again for a resume', async () => {
    const asked: string[] = []
    const subscribe = async (_: ServerSocket, topic: string) => asked.push(topic) < 2
    await using server = await speaking({ topics: { 'chat/*': { subscribe, history: { size: 10 } } } })
    await using client = await server.connect()
    const { epoch } = (await client.ask({ type: 'subscribe', id: 1, topic: 'chat/a' })) ?? {}
    await client.ask({ type: 'unsubscribe', id: 2, topic: 'chat/a' })
    const resume = { type: 'subscribe', id: 3, topic: 'chat/a', since: { epoch, offset: 0 } }
    expect(await client.ask(resume)).toEqual(error('denied', 3))
    expect(asked).toEqual(['chat/a', 'chat/a'])
  })

  test('that the application fails at is answered with failed, and told to the application alone', async () => {
    const subscribe = (): never => {
      throw new Error('the table is gone')
    }
    await using server = await speaking({ topics: { 'chat/*': { subscribe } } })
    await using client = await server.connect()
    const answer = await client.ask({ type: 'subscribe', id: 1, topic: 'chat/a' })
    expect(answer).toEqual({ type: 'error', id: 1, code: 'failed', reason: 'the server failed' })
    expect(server.reported).toEqual([[new Error('the table is gone'), 'topic']])
  })

  test('is gone with its line, also when it was permitted behind the end', async () => {
    const { promise, resolve } = deferred<boolean>()
    await using server = await speaking({ topics: { 'free/*': { subscribe: () => promise } } })
    const client = await server.connect()
    client.send({ type: 'subscribe', id: 1, topic: 'free/a' })
    await client.next()
    client.socket.terminate()
    const [socket] = server.server.sockets
    await socket?.closed
    resolve(true)
    await setImmediate()
    expect(server.topics.names).toEqual([])
  })

  test('that the application ends is told with a code and a reason', async () => {
    await using server = await speaking()
    await using client = await server.connect()
    await client.ask({ type: 'subscribe', id: 1, topic: 'free/a' })
    const [socket] = server.sockets
    expect(socket?.unsubscribe('free/a')).toBe(true)
    expect(socket?.unsubscribe('free/a')).toBe(false)
    expect(await client.answer()).toEqual({
      type: 'unsubscribed',
      topic: 'free/a',
      code: 'denied',
      reason: 'the server ended the subscription',
    })
  })

  test('that the application makes is one of the line: its publications come as hotline.1', async () => {
    await using server = await speaking({ open: socket => socket.subscribe('news/**', { pattern: true }) })
    await using client = await server.connect()
    expect(await client.next()).toMatchObject({ type: 'welcome' })
    await client.ask({ type: 'ping' })
    server.server.publish('news/today', 'it rains')
    expect(await client.answer()).toEqual({ type: 'publication', topic: 'news/today', data: 'it rains' })
  })
})

describe('a request of a client', () => {
  test('is told to its handler as aborted when the client cancels it, and when it takes too long', async () => {
    const reasons: unknown[] = []
    const wait: RequestHandler = (_, __, { signal }) =>
      new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(void reasons.push(signal.reason))))
    await using server = await speaking({ requests: { wait }, requestTimeout: 5 })
    await using client = await server.connect()
    expect(await client.ask({ type: 'request', id: 1, name: 'wait' })).toEqual(error('timeout', 1))
    client.send({ type: 'request', id: 2, name: 'wait' })
    expect(await client.ask({ type: 'cancel', id: 2 })).toMatchObject({ code: 'cancelled' })
    expect(reasons).toEqual([expect.any(TimeoutError), expect.any(WebSocketError)])
  })

  test('is answered behind one that takes longer', async () => {
    await using server = await speaking()
    await using client = await server.connect()
    client.send({ type: 'request', id: 1, name: 'wait', timeout: 50 })
    expect(await client.ask({ type: 'request', id: 2, name: 'add', data: [1, 2] })).toMatchObject({ id: 2, data: 3 })
    expect(await client.answer()).toEqual(error('timeout', 1))
  })

  test('is refused above the limit; handlers count until they have ended, not until they were given up', async () => {
    const ends: (() => void)[] = []
    await using server = await speaking({
      maxRequests: 2,
      requests: { stay: () => new Promise<void>(end => ends.push(end)) },
    })
    await using client = await server.connect()
    for (const id of [1, 2]) {
      client.send({ type: 'request', id, name: 'stay' })
      expect(await client.ask({ type: 'cancel', id })).toEqual(error('cancelled', id))
    }
    expect(await client.ask({ type: 'request', id: 3, name: 'stay' })).toEqual(error('limit', 3))
    for (const end of ends) end()
    client.send({ type: 'request', id: 4, name: 'stay' })
    expect(await client.ask({ type: 'cancel', id: 4 })).toEqual(error('cancelled', 4))
  })

  test('carries bytes both ways', async () => {
    await using server = await speaking()
    await using client = await server.connect()
    const answer = await client.ask({ type: 'request', id: 1, name: 'bytes', data: Uint8Array.of(1, 2, 255) })
    expect(Array.from(Object(answer).data)).toEqual([255, 2, 1])
  })

  test('that fails says nothing of why, and the application is told', async () => {
    await using server = await speaking()
    await using client = await server.connect()
    expect(JSON.stringify(await client.ask({ type: 'request', id: 1, name: 'fail' }))).not.toContain('secret')
    expect(server.reported).toEqual([[new Error('a secret of the server'), 'request']])
  })

  test('that is answered with what cannot be written has failed, and can be asked again', async () => {
    await using server = await speaking({ requests: { count: () => 1n } })
    await using client = await server.connect()
    for (const id of [1, 1])
      expect(await client.ask({ type: 'request', id, name: 'count' })).toEqual(error('failed', 1))
    expect(server.reported).toEqual([1, 2].map(() => [expect.any(TypeError), 'request']))
  })

  test('is aborted when the line goes', async () => {
    const { promise, resolve } = deferred<unknown>()
    const wait: RequestHandler = (_, __, { signal }) =>
      new Promise<void>(end => signal.addEventListener('abort', () => end(resolve(signal.reason))))
    await using server = await speaking({ requests: { wait } })
    const client = await server.connect()
    client.send({ type: 'request', id: 1, name: 'wait' })
    await client.next()
    await client.ask({ type: 'ping' })
    client.socket.terminate()
    expect(await promise).toMatchObject({ code: 'ERR_CLOSED' })
  })
})

describe('a request of the server', () => {
  const asking = async (options = {}) => {
    const server = await speaking(options)
    const client = await server.connect()
    await client.next()
    const [socket] = server.sockets
    return { server, client, socket: socket as NonNullable<typeof socket> }
  }

  test('rejects when the answer takes too long, when it is aborted, and with the line; the client is told', async () => {
    const { server, client, socket } = await asking()
    await expect(socket.ask('q', 1, { timeout: 1 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(await client.next()).toEqual({ type: 'request', id: 1, name: 'q', data: 1, timeout: 1 })
    expect(await client.next()).toEqual({ type: 'cancel', id: 1 })
    const controller = new AbortController()
    const aborted = socket.ask('q', 2, { signal: controller.signal })
    controller.abort(new Error('no more'))
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: new Error('no more') })
    await expect(socket.ask('q', 2, { signal: controller.signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    const lost = socket.ask('q', 3)
    client.socket.terminate()
    await expect(lost).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await expect(socket.ask('q', 4)).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await server[Symbol.asyncDispose]()
  })

  test('is refused above the limit, and an answer that nobody waits for is passed over', async () => {
    const { server, client, socket } = await asking({ maxRequests: 1 })
    const first = socket.ask('q')
    await expect(socket.ask('q')).rejects.toMatchObject({ answer: { code: 'limit' } })
    client.send({ type: 'reply', id: 77, data: 1 })
    client.send({ type: 'error', code: 'x', reason: 'y' })
    client.send({ type: 'reply', id: 1, data: 2 })
    expect(await first).toBe(2)
    await client[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
})

test('a request of the server with what cannot be written is its own fault, and nothing waits for it', async () => {
  await using server = await speaking({ maxRequests: 1 })
  await using client = await server.connect()
  await client.ask({ type: 'ping' })
  const [socket] = server.sockets
  expect(() => socket?.ask('q', 1n)).toThrow(UsageError)
  const asked = socket?.ask('q', 1)
  expect(await client.answer()).toMatchObject({ type: 'request', data: 1 })
  client.send({ type: 'reply', id: 2, data: 'yes' })
  expect(await asked).toBe('yes')
})

test.each([Number.POSITIVE_INFINITY, Number.NaN, 0, -1, 2 ** 31])(
  'a request of the server that may take %d ms is refused where it is made, and nothing is sent',
  async timeout => {
    await using server = await speaking()
    await using client = await server.connect()
    await client.ask({ type: 'ping' })
    expect(() => server.sockets[0]?.ask('q', 1, { timeout })).toThrow(/timeout must be milliseconds from 1 to/)
    expect(await client.ask({ type: 'ping' })).toEqual({ type: 'pong' })
  },
)

test.each(['["a"]', 'null'])(
  'a binary message whose JSON is %s is told that it is no object, as text is',
  async json => {
    await using server = await speaking()
    await using client = await server.connect()
    const reason = 'a message must be an object'
    client.socket.send(Buffer.from(`${json}\n`))
    expect(await client.answer()).toEqual({ type: 'error', code: 'malformed', reason })
    expect(await client.ask(json)).toEqual({ type: 'error', code: 'malformed', reason })
  },
)

test('public data of a member that cannot be written is told to the application, and the server goes on', async () => {
  const presence = { data: () => 1n }
  await using server = await speaking({ topics: { 'team/*': { subscribe: true, presence } } })
  await using client = await server.connect()
  const message = { type: 'subscribe', id: 1, topic: 'team/a', presence: true }
  expect(await client.ask(message)).toEqual(error('failed', 1))
  expect(await client.ask({ type: 'unsubscribe', id: 1, topic: 'team/a' })).toEqual(error('not-subscribed', 1))
  expect(server.topics.topicsOf(server.sockets[0] as ServerSocket)).toEqual([])
  expect(server.reported).toEqual([[expect.any(TypeError), 'topic']])
})

describe('a publication', () => {
  test('is written once, as it is at that time, for all who get it in each form', async () => {
    await using server = await speaking()
    const clients = [await server.connect(), await server.connect(), await server.connect('hotline.1.msgpack')]
    let read = 0
    const data = {
      get field() {
        return ++read
      },
    }
    for (const client of clients) await client.ask({ type: 'subscribe', id: 1, topic: 'free/a' })
    server.server.publish('free/a', data)
    for (const client of clients) expect((await client.answer())?.['data']).toEqual({ field: 1 })
    expect(read).toBe(1)
    for (const client of clients) await client.socket.close()
  })

  test.each(['text', '', 'ä"\n', 7, null, [], { a: [1] }])('of %j comes as it is, in both forms', async data => {
    await using server = await speaking()
    for (const protocol of ['hotline.1', 'hotline.1.msgpack'] as const) {
      await using client = await server.connect(protocol)
      await client.ask({ type: 'subscribe', id: 1, topic: 'chat/a' })
      server.server.publish('chat/a', data)
      expect(await client.answer()).toMatchObject({ type: 'publication', topic: 'chat/a', data })
    }
  })

  test('that the codec of one reader cannot write is passed over for it alone, and the topic goes on', async () => {
    await using server = await speaking()
    const packed = await server.connect('hotline.1.msgpack')
    const plain = await server.connect()
    for (const client of [packed, plain]) await client.ask({ type: 'subscribe', id: 1, topic: 'free/a' })
    const deep = JSON.parse('['.repeat(200) + ']'.repeat(200))
    expect(server.server.publish('free/a', deep)).toEqual({ subscribers: 2 })
    server.server.publish('free/a', 'next')
    expect((await plain.answer())?.['data']).toEqual(deep)
    expect(await packed.answer()).toEqual({ type: 'passed', topic: 'free/a', count: 1 })
    for (const client of [packed, plain]) expect((await client.answer())?.['data']).toBe('next')
    expect(server.reported).toEqual([
      [expect.objectContaining({ message: expect.stringContaining('Too deep') }), 'topic'],
    ])
    for (const client of [packed, plain]) {
      await client.ask({ type: 'unsubscribe', id: 1, topic: 'free/a' })
      await client.socket.close()
    }
    expect(server.topics.names).toEqual([])
  })

  test('to a reader that is too slow for the topic is followed by when to come back, and 1013', async () => {
    await using server = await speaking({ topics: { 'free/*': { subscribe: true, maxPending: 2 } } })
    await using client = await server.connect()
    await client.ask({ type: 'subscribe', id: 1, topic: 'free/a' })
    for (let sent = 0; sent < 20; sent++) server.server.publish('free/a', new Uint8Array(40_000))
    let last: Awaited<ReturnType<typeof client.next>>
    for (let next = await client.next(); next !== undefined; next = await client.next()) last = next
    expect(last).toEqual({ type: 'retry', after: 1000 })
    expect(await client.closed).toMatchObject({ code: 1013, reason: 'reads free/a too slowly' })
  })

  test.each([
    ['that is sent at once', 'hotline.1', true],
    ['that is sent at once', 'hotline.1.msgpack', true],
    ['that is compressed first', 'hotline.1', false],
  ] as const)(
    '%s to a reader for which more than maxQueued waits is followed by when to come back, and 1013, in %s',
    async (_, form, plain) => {
      const topics = { 'free/*': { subscribe: true, maxPending: 10_000 } }
      await using server = await speaking({ topics, maxQueued: 100_000 })
      await using client = await server.connect(form)
      await client.ask({ type: 'ping' })
      const [socket] = server.sockets
      for (let sent = 0; socket?.state === 'open' && sent < 1_000; sent++) {
        const pong = forms[form].encode({ type: 'pong' })
        void socket.send(plain ? pong : '{"type":"pong"}'.padEnd(40_000), { compress: !plain })
        if (plain) void socket.send(new Uint8Array(40_000).fill(0xc0), { compress: false })
      }
      let last: unknown
      for await (const message of client.socket) last = message
      expect(forms[form].decode(last as string)).toEqual({ type: 'retry', after: 1000 })
      expect(await client.closed).toMatchObject({ code: 1013, reason: expect.stringContaining('maxQueued') })
    },
  )

  test('in parts that goes beyond maxQueued is closed with 1013 between its frames, without a word', async () => {
    await using server = await speaking({ maxQueued: 100_000 })
    await using client = await server.connect()
    await client.ask({ type: 'ping' })
    const [socket] = server.sockets
    const going = deferred<void>()
    const parts = (async function* () {
      yield 'one'
      yield 'two'
      going.resolve()
      await never()
    })()
    void socket?.send(parts, { compress: false })
    await going.promise
    await setImmediate()
    for (let sent = 0; sent < 10; sent++) void socket?.send(new Uint8Array(40_000), { compress: false })
    expect(await client.answer()).toBeUndefined()
    expect(await client.closed).toMatchObject({ code: 1013 })
  })

  test('that is passed over is counted, and told before the next one', async () => {
    await using server = await speaking({ topics: { 'free/*': { subscribe: true, slow: 'latest' } } })
    await using client = await server.connect()
    await client.ask({ type: 'subscribe', id: 1, topic: 'free/a' })
    let published = 0
    for (; published < 50; published++) server.server.publish('free/a', `${published} ${'x'.repeat(20_000)}`)
    let seen = 0
    let passed = 0
    let last = ''
    while (!last.startsWith('49 ')) {
      const message = (await client.answer()) ?? {}
      if (message['type'] === 'passed') passed += message['count'] as number
      else seen++
      last = String(message['data'])
    }
    expect(seen + passed).toBe(published)
    expect(passed).toBeGreaterThan(0)
  })

  test('at a pace that the client asked for comes in batches, and what is passed over is told', async () => {
    await using server = await speaking({ topics: { 'free/*': { subscribe: true, slow: 'latest' } } })
    await using client = await server.connect()
    await client.ask({ type: 'subscribe', id: 1, topic: 'free/a', every: 20 })
    for (const data of [1, 2, 3]) server.server.publish('free/a', data)
    const publication = (data: number) => ({ type: 'publication', topic: 'free/a', data })
    expect([await client.answer(), await client.answer(), await client.answer()]).toEqual([
      publication(1),
      { type: 'passed', topic: 'free/a', count: 1 },
      publication(3),
    ])
  })
})

describe('the end of a server', () => {
  test('is 1012 with when to come back, where that is known; requests are answered before', async () => {
    const { promise, resolve } = deferred<number>()
    const server = await speaking({ requests: { slow: () => promise } })
    const client = await server.connect()
    client.send({ type: 'request', id: 1, name: 'slow' })
    expect(await client.ask({ type: 'ping' })).toEqual({ type: 'pong' })
    const closed = server.server.close({ retryAfter: 1500 })
    resolve(7)
    expect(await client.answer()).toEqual({ type: 'reply', id: 1, data: 7 })
    const { type, after } = (await client.answer()) ?? {}
    expect(type).toBe('retry')
    expect(after).toBeGreaterThanOrEqual(1500)
    expect(after).toBeLessThanOrEqual(2250)
    expect(await client.closed).toMatchObject({ code: 1012 })
    expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
  })

  test('is 1001 without a word where it is not', async () => {
    const server = await speaking()
    const client = await server.connect()
    await client.ask({ type: 'ping' })
    await server.server.close()
    expect(await client.answer()).toBeUndefined()
    expect(await client.closed).toMatchObject({ code: 1001 })
  })

  test.each([1012, 1013])('of a line by the application with %i is told with when to come back', async code => {
    await using server = await speaking()
    await using client = await server.connect()
    await client.ask({ type: 'ping' })
    server.sockets[0]?.close(code, 'enough')
    expect(await client.answer()).toEqual({ type: 'retry', after: 1000 })
    expect(await client.closed).toMatchObject({ code, reason: 'enough' })
  })
})

describe('a route that speaks hotline.1', () => {
  test('takes clients that do not as ever: their messages go to its handler', async () => {
    await using server = await speaking()
    await using socket = await openSocket(server.url)
    expect(socket.protocol).toBe('')
    await socket.send('hello')
    for await (const message of socket) {
      expect(message).toBe('hello')
      break
    }
    expect(() => server.sockets[0]?.ask('q')).toThrow(UsageError)
  })

  test('gives authorize the token that is among the subprotocols, chooses hotline.1, and shows it to no log', async () => {
    const seen: unknown[] = []
    await using app = await listening({
      routes: {
        '/': {
          topics: true,
          authorize(request) {
            seen.push(request.token, request.protocols, JSON.parse(JSON.stringify(request)).token)
            return request.token === 's3cr3t' ? { name: 'Ada' } : undefined
          },
        },
      },
    })
    const protocols = (token: string) => ({ protocols: ['hotline.1', tokenProtocol(token)] })
    await using socket = await openSocket(app.url, protocols('s3cr3t'))
    expect(socket.protocol).toBe('hotline.1')
    expect(seen).toEqual(['s3cr3t', ['hotline.1'], undefined])
    await expect(openSocket(app.url, protocols('wrong'))).rejects.toMatchObject({ status: 403 })
  })

  test('may not be a function that reads, and its options are checked', async () => {
    const run = async () => {}
    await expect(serve({ port: 0, routes: { '/': { topics: true, run } } })).rejects.toThrow(/has run/)
    await expect(serve({ port: 0, routes: {}, requests: { a: 1 } as never })).rejects.toThrow(/requests/)
    await expect(serve({ port: 0, routes: {}, messagePack: {} as never })).rejects.toThrow(/messagePack/)
  })
})

test('a member without public data is told by name, with null', async () => {
  await using server = await speaking({ topics: { 'team/*': { subscribe: true, presence: true } } })
  await using client = await server.connect()
  await client.next()
  await client.send({ type: 'subscribe', id: 1, topic: 'team/a', presence: true })
  const { presence } = (await client.next()) as { presence: { count: number; members: object } }
  expect([presence.count, Object.values(presence.members)]).toEqual([1, [null]])
})

test('requests of a line that has closed before their turn came are not begun', async () => {
  const decided = deferred<boolean>()
  const begun: string[] = []
  const topics = { 'free/*': { subscribe: () => decided.promise } }
  const requests: Record<string, RequestHandler> = { wait: () => void begun.push('wait') }
  await using server = await speaking({ topics, requests })
  const client = await server.connect()
  client.send({ type: 'subscribe', id: 1, topic: 'free/a' })
  client.send({ type: 'request', id: 2, name: 'wait' })
  await client.socket.close()
  await server.sockets[0]?.closed
  decided.resolve(true)
  for (let turn = 0; turn < 10; turn++) await setImmediate()
  expect(begun).toEqual([])
})

test('what JSON has not, such as NaN or a Date, is the fault of who publishes it, and not of the server', async () => {
  const messagePack = { encode, decode: (bytes: Uint8Array) => decode(bytes, { useBigInt64: true }) }
  await using server = await speaking({ messagePack })
  await using client = await server.connect('hotline.1.msgpack')
  for (const data of [2n ** 60n, { deep: [2n ** 60n] }]) {
    client.socket.send(encode({ type: 'publish', id: 1, topic: 'chat/a', data }, { useBigInt64: true }))
    expect(await client.answer()).toEqual(error('schema', 1))
  }
  for (const data of [Number.NaN, [Number.NEGATIVE_INFINITY], new Date(0), { at: new Date(0) }]) {
    client.send({ type: 'publish', id: 1, topic: 'chat/a', data })
    expect(await client.answer()).toEqual(error('schema', 1))
  }
  expect(server.reported).toEqual([])
})
