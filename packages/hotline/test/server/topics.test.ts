// Topics over plain sockets: what is published arrives as any WebSocket client can read it, and who is slow is bounded.
import { describe, expect, test } from 'vitest'
import { openSocket, type Socket } from '../../src/client/index.ts'
import { prepare, type ServerSocket, type TopicOptions, UsageError } from '../../src/server/index.ts'
import { Log, within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'
import { listening } from './support.ts'

type Options = Readonly<Record<string, TopicOptions>>

/** A server whose sockets subscribe to what their path says, and the sockets in the order in which they came. */
async function rooms(topics: Options = {}, more: object = {}) {
  const sockets = new Log<ServerSocket>()
  const open = (socket: ServerSocket): void => {
    if (socket.params['topic'] !== 'nothing') socket.subscribe(socket.params['topic'] as string)
    sockets.push(socket)
  }
  const message = (socket: ServerSocket, text: unknown): unknown =>
    socket.publish(socket.params['topic'] as string, text, { self: false })
  const it = await listening({ topics, ...more, routes: { '/:topic': { open, message } } })
  return { ...it, sockets }
}

/** The next so many messages. */
async function read(socket: Socket, count: number): Promise<unknown[]> {
  const all: unknown[] = []
  const messages = socket[Symbol.asyncIterator]()
  while (all.length < count) all.push((await within('a message', messages.next())).value)
  return all
}

const forms: [what: string, data: unknown, arrives: unknown][] = [
  ['text', 'hé', 'hé'],
  ['bytes', new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ['a buffer', new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2])],
  ['an object', { a: [1, null] }, '{"a":[1,null]}'],
  ['a number', 5, '5'],
  ['null', null, 'null'],
]

test.each(forms)('%s arrives as a plain client reads it', async (_what, data, arrives) => {
  await using it = await rooms()
  const [a, b] = await Promise.all([openSocket(`${it.url}/news`), openSocket(`${it.url}/news`)])
  await it.sockets.until('both', all => all.length === 2)
  expect(it.server.publish('news', data)).toEqual({ subscribers: 2 })
  expect([await read(a, 1), await read(b, 1)]).toEqual([[arrives], [arrives]])
})

const cycle: { self?: unknown } = {}
cycle.self = cycle

test.each([
  ['undefined', undefined],
  ['a function', () => {}],
  ['a Blob', new Blob(['a'])],
  ['a prepared message', prepare('a')],
  ['a BigInt', 1n],
  ['a cycle', cycle],
  ['shared memory', new Uint8Array(new SharedArrayBuffer(2))],
])('%s is refused with a UsageError, and nobody gets anything', async (_what, data) => {
  await using it = await rooms()
  const socket = await openSocket(`${it.url}/news`)
  await it.sockets.until('it', all => all.length === 1)
  expect(() => it.server.publish('news', data)).toThrow(UsageError)
  it.server.publish('news', 'next')
  expect(await read(socket, 1)).toEqual(['next'])
})

test('who publishes is left out where it wants to be, and who is closed gets nothing and is forgotten', async () => {
  await using it = await rooms()
  const [a, b] = await Promise.all([openSocket(`${it.url}/news`), openSocket(`${it.url}/news`)])
  a.send('from a')
  b.send('from b')
  expect([await read(a, 1), await read(b, 1)]).toEqual([['from b'], ['from a']])
  await a.close()
  const [first, second] = it.sockets.all
  await within('the end', first?.closed as Promise<unknown>)
  await within('the end', (first?.state === 'closed' ? first : second)?.closed as Promise<unknown>)
  expect(it.server.publish('news', 1)).toEqual({ subscribers: 1 })
  await b.close()
  await Promise.all(it.sockets.all.map(socket => within('the end', socket.closed)))
  expect([...it.server.topics.names, it.server.publish('news', 1).subscribers]).toEqual([0])
  for (const socket of it.sockets.all) {
    expect(socket.subscribe('news')).toEqual({ replayed: 0 })
    expect([socket.unsubscribe('news'), it.server.topics.statsOf(socket)]).toEqual([false, undefined])
  }
  expect(it.server.topics.names).toEqual([])
})

test('a socket that has subscribed to nothing is nobody', async () => {
  await using it = await rooms()
  await openSocket(`${it.url}/nothing`)
  await it.sockets.until('it', all => all.length === 1)
  const socket = it.sockets.all[0] as ServerSocket
  expect(it.server.topics.topicsOf(socket)).toEqual([])
  socket.subscribe('a/*', { pattern: true })
  socket.subscribe('b')
  expect(it.server.topics.topicsOf(socket)).toEqual(['b', 'a/*'])
  expect(it.server.topics.statsOf(socket)).toEqual({ pending: 0, pendingBytes: 0, passedOver: 0 })
  expect([socket.unsubscribe('b'), socket.unsubscribe('b')]).toEqual([true, false])
  expect(() => socket.subscribe('a/**/b', { pattern: true })).toThrow(UsageError)
})

test.each([-1, 3_600_001, Number.NaN, '5'])('a pace of %s milliseconds is refused by name', async every => {
  await using it = await rooms()
  await openSocket(`${it.url}/news`)
  await it.sockets.until('it', all => all.length === 1)
  const subscribe = () => it.sockets.all[0]?.subscribe('news', { every: every as number })
  expect(subscribe).toThrow('every must be milliseconds from 0 to 3600000')
})

test('what is changed after it was published is sent, and kept, as it was', async () => {
  await using it = await rooms({ '*': { history: { size: 10 } } })
  const bytes = new Uint8Array([1])
  const list = [1]
  for (const data of [bytes, list]) it.server.publish('news', data)
  bytes[0] = 2
  list[0] = 2
  const late = await openSocket(`${it.url}/nothing`)
  await it.sockets.until('it', all => all.length === 1)
  expect(it.sockets.all[0]?.subscribe('news', { last: 5 })).toMatchObject({ replayed: 2, offset: 0 })
  expect(await read(late, 2)).toEqual([new Uint8Array([1]), '[1]'])
  expect(it.server.topics.stats('news')?.history?.bytes).toBeGreaterThan(2 * 512)
})

test('presence is who the application says that a socket is', async () => {
  const data = ({ request }: ServerSocket): unknown => request.url.searchParams.get('name')
  const key = ({ request }: ServerSocket): string => request.url.searchParams.get('id') ?? ''
  await using it = await rooms({ named: { presence: { data, key } }, '*': { presence: true } })
  await Promise.all([openSocket(`${it.url}/named?id=1&name=Ada`), openSocket(`${it.url}/named?id=1&name=Ada`)])
  await Promise.all([openSocket(`${it.url}/plain`), openSocket(`${it.url}/plain`)])
  await it.sockets.until('all', all => all.length === 4)
  expect(it.server.topics.presence('named')).toEqual({ count: 1, members: new Map([['1', 'Ada']]) })
  expect(it.server.topics.presence('plain').count).toBe(2)
  expect(it.server.topics.presence('nobody').count).toBe(0)
})

const wrong: [what: string, options: unknown, option: string][] = [
  ['a list', [], 'topics'],
  ['true', true, 'topics'],
  ['a pattern that is none', { '**/a': {} }, 'topics'],
  ['no options', { a: 5 }, 'topics'],
  ['an unknown option', { a: { sloww: 'latest' } }, 'sloww'],
  ['an unknown policy', { a: { slow: 'wait' } }, 'slow'],
  ['a key without latest', { a: { key: () => 1 } }, 'key'],
  ['a key that is no function', { a: { slow: 'latest', key: 'id' } }, 'key'],
  ['a bound of nothing', { a: { maxPending: 0 } }, 'maxPending'],
  ['a time that no timer holds', { a: { every: 2 ** 31 } }, 'every'],
  ['a history without size', { a: { history: {} } }, 'history'],
  ['a history that has another option', { a: { history: { size: 1, length: 2 } } }, 'length'],
  ['presence with a wrong bound', { a: { presence: { max: -1 } } }, 'max'],
  ['a permission that is a text', { a: { subscribe: 'all' } }, 'subscribe'],
]

test.each(wrong)('the option topics with %s is refused by name', async (_what, topics, option) => {
  await expect(listening({ topics: topics as Options, routes: {} })).rejects.toMatchObject({
    code: 'ERR_USAGE',
    option,
  })
})

test('what the application itself has sent counts: behind it, publications wait until there is room', async () => {
  await using it = await rooms({}, { maxQueued: 2 ** 26 })
  const client = await openSocket(`${it.url}/news`, { highMark: 1 })
  await it.sockets.until('it', all => all.length === 1)
  const socket = it.sockets.all[0] as ServerSocket
  const count = 24
  for (let n = 0; n < count; n++) socket.send(new Uint8Array(2 ** 20), { compress: false })
  expect(it.server.publish('news', 'behind it')).toEqual({ subscribers: 1 })
  expect(it.server.topics.statsOf(socket)).toMatchObject({ pending: 1 })
  expect((await read(client, count + 1)).at(-1)).toBe('behind it')
  expect(it.server.topics.statsOf(socket)).toMatchObject({ pending: 0 })
})

describe('a reader that stops reading', () => {
  /** Bytes that no compression makes smaller. */
  const block = (n: number): Uint8Array => {
    const bytes = new Uint8Array(65_536)
    for (let at = 0, state = n + 1; at < bytes.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      bytes[at] = state >>> 24
    }
    bytes[0] = n
    return bytes
  }

  /** Publishes until the network takes no more, and so much more that each bound is met. */
  async function flood(policy: TopicOptions) {
    const it = await rooms({ '*': { maxPending: 8, ...policy } })
    const slow = await RawClient.open(it.port, { path: '/news' })
    slow.socket.pause()
    const quick = await openSocket(`${it.url}/news`)
    await it.sockets.until('both', all => all.length === 2)
    for (let n = 0; n < 250; n++) {
      it.server.publish('news', block(n))
      await read(quick, 1)
    }
    const of = it.sockets.all[0] as ServerSocket
    return { it, of, slow, stats: it.server.topics.stats('news') }
  }

  test('is closed with 1013 by disconnect, and the others get everything', async () => {
    const { it, of, slow, stats } = await flood({})
    expect(stats).toMatchObject({ subscribers: 1, published: 250, disconnected: 1, pending: 0 })
    expect(of.state).not.toBe('open')
    slow.socket.resume()
    expect(await slow.close()).toEqual([1013, 'reads news too slowly'])
    await it.server.close({ within: 100 })
  })

  test.each(['drop-oldest', 'latest'] as const)('has %s of what is newest when it reads on', async slow => {
    const { it, of, slow: client, stats } = await flood({ slow, key: undefined as never })
    expect(stats).toMatchObject({ subscribers: 2, disconnected: 0, pending: slow === 'latest' ? 1 : 8 })
    expect(stats?.passedOver).toBe(it.server.topics.statsOf(of)?.passedOver)
    expect(of.bufferedAmount).toBeLessThan(65_536 * 3)
    client.socket.resume()
    const got: number[] = []
    const answered = new Set<unknown>()
    const pong = (): void => {
      for (const event of client.log.all) {
        if (event[0] !== 'ping' || answered.has(event)) continue
        answered.add(event)
        client.send(`8a ${(event[1].replaceAll(' ', '').length / 2).toString(16).padStart(2, '0')} ${event[1]}`)
      }
    }
    const numbers = (): number[] =>
      client.log.all.flatMap(event => (event[0] === 'binary' ? [Number.parseInt(event[1].slice(0, 2), 16)] : []))
    await client.log.until('the newest', () => {
      pong()
      return numbers().at(-1) === 249
    })
    got.push(...numbers())
    expect(got).toEqual([...new Set(got)].sort((a, b) => a - b))
    expect(got.length + (stats?.passedOver ?? 0)).toBe(250)
    expect(it.server.topics.stats('news')).toMatchObject({ pending: 0 })
    await it.server.close({ within: 100 })
  })
})

test.each(['*', '**', 'b/**'])(
  'a client that chooses a part of the name does not read every topic by calling it %s',
  async name => {
    await using it = await rooms()
    const spy = await openSocket(`${it.url}/${encodeURIComponent(name)}`)
    expect(await within('the end', spy.closed)).toMatchObject({ code: 1011 })
    expect(it.reported).toEqual([[expect.any(UsageError), 'open']])
    expect(it.server.publish('b/c', 'secret')).toEqual({ subscribers: 0 })
  },
)
