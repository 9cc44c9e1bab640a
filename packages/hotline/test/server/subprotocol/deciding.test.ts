/** The application's word on who may: it has so long for it, on the clock of the test, and a line that goes does not wait. */
import { describe, expect, test } from 'vitest'
import { deferred } from '../../../src/connection/deferred.ts'
import { TimeoutError } from '../../../src/errors.ts'
import type { RouteOptions, ServerSocket, TopicOptions } from '../../../src/server/index.ts'
import { memoryServer, type Socket, settle } from '../../../src/testing/index.ts'

/** A server with these options for all topics, and a client that holds what it got. */
async function deciding(topic: TopicOptions, own: RouteOptions = {}) {
  const reported: unknown[] = []
  const server = memoryServer({
    topics: { 'a/*': topic, 'free/*': { subscribe: true, publish: true } },
    report: (error, { phase }) => reported.push([error, phase]),
    routes: { '/': { topics: true, ...own } },
  })
  const { client } = await server.open('/', { protocols: ['hotline.1'] })
  const got: Record<string, unknown>[] = []
  void read(client, got)
  const send = async (...messages: object[]) => {
    for (const message of messages) void client.send(JSON.stringify(message))
    await settle()
  }
  await settle()
  got.length = 0
  return {
    server,
    clock: server.clock,
    client,
    got,
    send,
    reported,
    [Symbol.asyncDispose]: async () => server.terminate(),
  }
}

async function read(client: Socket, got: object[]): Promise<void> {
  for await (const message of client) got.push(JSON.parse(String(message)))
}

const subscribe = { type: 'subscribe', id: 1, topic: 'a/b' }
const publish = { type: 'publish', id: 1, topic: 'a/b', data: 'news' }
const late = { type: 'error', id: 1, code: 'timeout', reason: 'the server took too long to decide' }
const never = () => new Promise<boolean>(() => {})

describe('a permission that is never decided', () => {
  test.each([
    ['subscribe', subscribe],
    ['publish', publish],
  ])('to %s is answered with timeout, reported once, and what came behind goes on', async (what, message) => {
    await using it = await deciding({ [what]: never }, { permissionTimeout: 3_000 })
    await it.send(message, { type: 'ping' })
    await it.clock.advance(2_999)
    expect(it.got).toEqual([])
    await it.clock.advance(1)
    expect(it.got).toEqual([late, { type: 'pong' }])
    const limit = { option: 'permissionTimeout', value: 3_000 }
    expect(it.reported).toEqual([
      [new TimeoutError('the application has not said whether a client may', limit), 'topic'],
    ])
  })

  test('is given up after 10 s where nobody says more', async () => {
    await using it = await deciding({ subscribe: never })
    await it.send(subscribe)
    await it.clock.advance(9_999)
    expect(it.got).toEqual([])
    await it.clock.advance(1)
    expect(it.got).toEqual([late])
  })

  test('leaves no timer behind once it is decided', async () => {
    await using it = await deciding({ subscribe: async () => true })
    const { pending } = it.clock
    await it.send(subscribe)
    expect(it.got).toMatchObject([{ type: 'subscribed' }])
    expect(it.clock.pending).toBe(pending)
  })
})

describe('a permission that is decided too late', () => {
  test.each([
    ['given', (word: ReturnType<typeof deferred<boolean>>) => word.resolve(true)],
    ['failed at', (word: ReturnType<typeof deferred<boolean>>) => word.reject(new Error('the table is gone'))],
  ])('and then %s changes nothing, and is not told again', async (_, say) => {
    const word = deferred<boolean>()
    await using it = await deciding({ subscribe: () => word.promise, publish: () => word.promise })
    await it.send(subscribe)
    await it.clock.advance(10_000)
    await it.send({ ...publish, id: 2 })
    await it.clock.advance(10_000)
    say(word)
    await settle()
    expect(it.got).toEqual([late, { ...late, id: 2 }])
    expect(it.server.topics.names).toEqual([])
    expect(it.reported).toHaveLength(2)
  })

  test('is told to the application by the signal, whether it looks before or behind', async () => {
    const asked: (() => AbortSignal)[] = []
    const ask = (_socket: ServerSocket, _topic: string, context: { readonly signal: AbortSignal }) => {
      asked.push(() => context.signal)
      return never()
    }
    await using it = await deciding({ subscribe: ask })
    await it.send(subscribe)
    const before = asked[0]?.()
    expect(before?.aborted).toBe(false)
    await it.clock.advance(10_000)
    expect(before?.aborted).toBe(true)
    await it.send({ ...subscribe, id: 2 })
    await it.clock.advance(10_000)
    expect(asked[1]?.().reason).toBeInstanceOf(TimeoutError)
  })
})

describe('when the line goes', () => {
  test('a subscription that is being decided is given up: the application is told, and nobody else', async () => {
    const signals: AbortSignal[] = []
    await using it = await deciding({
      subscribe: (_socket, _topic, { signal }) => {
        signals.push(signal)
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    await it.send(subscribe, { ...subscribe, id: 2 })
    it.client.terminate()
    await settle()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(signals[0]?.reason).toMatchObject({ code: 'ERR_CLOSED' })
    expect(it.reported).toEqual([])
    expect(it.server.topics.names).toEqual([])
    expect(it.clock.pending).toBe(0)
  })

  test('what was published before is published when that is permitted', async () => {
    const word = deferred<boolean>()
    await using it = await deciding({ publish: () => word.promise })
    const { client } = await it.server.open('/', { protocols: ['hotline.1'] })
    const got: Record<string, unknown>[] = []
    void read(client, got)
    await settle()
    it.server.sockets.values().next().value?.subscribe('a/b')
    await it.send({ type: 'ping' })
    void client.send(JSON.stringify(publish))
    await settle()
    client.terminate()
    await settle()
    expect(it.got.slice(1)).toEqual([])
    word.resolve(true)
    await settle()
    expect(it.got.slice(1)).toEqual([{ type: 'publication', topic: 'a/b', data: 'news' }])
  })

  test('of what was published before nothing is asked any more, once the application took too long', async () => {
    let asked = 0
    const publishAny = () => {
      asked++
      return never()
    }
    await using it = await deciding({ publish: publishAny })
    for (let id = 1; id <= 50; id++) await it.send({ ...publish, id })
    it.client.terminate()
    await it.clock.advance(100_000)
    expect(asked).toBe(1)
    expect(it.reported).toHaveLength(1)
    expect(it.clock.pending).toBe(0)
  })
})

test('a client that publishes more often than maxPublications gets limit, until it has waited', async () => {
  await using it = await deciding({}, { maxPublications: 3 })
  const sent = Array.from({ length: 5 }, (_, at) => ({ type: 'publish', id: at + 1, topic: 'free/a', data: at }))
  await it.send(...sent)
  const limit = (id: number) => ({ type: 'error', id, code: 'limit', reason: 'more than 3 publications a second' })
  const published = (id: number) => ({ type: 'published', id })
  expect(it.got.splice(0)).toEqual([published(1), published(2), published(3), limit(4), limit(5)])
  await it.clock.advance(333)
  await it.send({ ...publish, topic: 'free/a' })
  await it.clock.advance(1)
  await it.send({ ...publish, id: 2, topic: 'free/a' }, { ...publish, id: 3, topic: 'free/a' })
  expect(it.got.splice(0)).toEqual([limit(1), published(2), limit(3)])
  await it.clock.advance(60_000)
  await it.send(...sent)
  expect(it.got).toEqual([published(1), published(2), published(3), limit(4), limit(5)])
})
