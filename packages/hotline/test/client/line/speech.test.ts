/** A line that speaks hotline.1, on a fake clock. docs/protocol.md */
import { describe, expect, test } from 'vitest'
import type { Line } from '../../../src/client/line/line.ts'
import type { ConnectOptions } from '../../../src/client/line/options.ts'
import type { Received } from '../../../src/client/line/topic.ts'
import { RequestError, UsageError } from '../../../src/errors.ts'
import { type FakeSocket, fakeLine, settle } from './support.ts'

/** A line with hotline.1, and a server in the test's hand. */
function speaking(options: ConnectOptions = {}) {
  const all = fakeLine({ protocols: 'hotline.1', ...options })
  const open = async (): Promise<FakeSocket> => (await all.socket()).open('hotline.1')
  /** Cut, and open again. */
  const again = async (): Promise<FakeSocket> => {
    ;(await all.socket()).end()
    await all.clock.advance(1_000)
    return open()
  }
  return { ...all, open, again }
}

const told = (socket: FakeSocket): unknown[] => socket.sent.map(text => JSON.parse(text as string))
const tell = (socket: FakeSocket, ...messages: object[]): void => {
  for (const message of messages) socket.receive(JSON.stringify(message))
}

/** Reads so many publications. */
async function read(topic: AsyncIterable<Received>, count: number): Promise<Received[]> {
  const iterator = topic[Symbol.asyncIterator]()
  const all: Received[] = []
  while (all.length < count) all.push((await iterator.next()).value as Received)
  return all
}

const publication = (offset: number | undefined, data: unknown) => ({
  type: 'publication',
  topic: 'chat',
  ...(offset === undefined ? {} : { offset }),
  data,
})
const subscribed = (id: number, fields: object = {}) => ({ type: 'subscribed', id, topic: 'chat', ...fields })
const history = { epoch: 'e1', offset: 5 }

describe('a topic', () => {
  test('is subscribed to when the line opens, and gives its publications', async () => {
    const { line, open } = speaking()
    const topic = line.topic('chat', { last: 10 })
    const socket = await open()
    expect(told(socket)).toEqual([{ type: 'subscribe', id: 1, topic: 'chat', last: 10 }])
    tell(socket, subscribed(1, history), publication(6, 'six'), publication(7, { n: 7 }))
    expect(await read(topic, 2)).toEqual([
      { topic: 'chat', data: 'six', offset: 6, passed: 0, recovered: true },
      { topic: 'chat', data: { n: 7 }, offset: 7, passed: 0, recovered: true },
    ])
  })

  test('gives bytes as they are', async () => {
    const { line, open } = speaking()
    const topic = line.topic('chat')
    const socket = await open()
    tell(socket, subscribed(1))
    socket.receive(new TextEncoder().encode('{"type":"publication","topic":"chat"}\n\x01\n\x02').buffer)
    expect((await read(topic, 1))[0]?.data).toEqual(new Uint8Array([1, 10, 2]))
  })

  test('resumes behind what it had, and says that nothing is missing', async () => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat')
    const subscriptions: unknown[] = []
    topic.on('subscribed', event => subscriptions.push(event))
    tell(await open(), subscribed(1, history), publication(6, 'six'))
    const socket = await again()
    expect(told(socket)).toEqual([{ type: 'subscribe', id: 2, topic: 'chat', since: { epoch: 'e1', offset: 6 } }])
    tell(socket, subscribed(2, { epoch: 'e1', offset: 6, recovered: true }), publication(7, 'seven'))
    expect(await read(topic, 2)).toMatchObject([
      { data: 'six', recovered: true },
      { data: 'seven', recovered: true, passed: 0 },
    ])
    expect(subscriptions).toEqual([{ recovered: true }, { recovered: true }])
  })

  const lost: [why: string, answer: object, passed: number][] = [
    ['it is another history', { epoch: 'e2', offset: 0, recovered: false, code: 'epoch', reason: '' }, 0],
    ['it is kept no more', { epoch: 'e1', offset: 9, recovered: false, code: 'expired', reason: '' }, 4],
    ['there is no history any more', {}, 0],
  ]
  test.each(lost)('says honestly that something may be missing, when %s', async (_why, answer, passed) => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat')
    tell(await open(), subscribed(1, history))
    const socket = await again()
    const subscriptions: unknown[] = []
    topic.on('subscribed', event => subscriptions.push(event))
    tell(socket, subscribed(2, answer), publication(10, 'ten'), publication(11, 'eleven'))
    expect(subscriptions).toMatchObject([{ recovered: false }])
    expect(await read(topic, 2)).toMatchObject([
      { data: 'ten', passed, recovered: false },
      { data: 'eleven', passed: 0, recovered: true },
    ])
  })

  test('without history may have missed something whenever the line was away', async () => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat')
    tell(await open(), subscribed(1), publication(undefined, 'a'))
    const socket = await again()
    expect(told(socket)).toEqual([{ type: 'subscribe', id: 2, topic: 'chat' }])
    tell(socket, subscribed(2), publication(undefined, 'b'))
    expect(await read(topic, 2)).toMatchObject([{ recovered: true }, { data: 'b', recovered: false }])
  })

  test('begins anew when the server says so without having been asked, and resumes from the new place', async () => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat')
    const subscriptions: unknown[] = []
    topic.on('subscribed', event => subscriptions.push(event))
    const socket = await open()
    tell(socket, subscribed(1, history), publication(6, 'six'))
    const unasked = {
      type: 'subscribed',
      topic: 'chat',
      recovered: false,
      code: 'epoch',
      reason: 'the engine was restarted',
    }
    tell(socket, { ...unasked, epoch: 'e2', offset: 0 }, publication(1, 'one'), publication(2, 'two'))
    expect(await read(topic, 3)).toEqual([
      { topic: 'chat', data: 'six', offset: 6, passed: 0, recovered: true },
      { topic: 'chat', data: 'one', offset: 1, passed: 0, recovered: false },
      { topic: 'chat', data: 'two', offset: 2, passed: 0, recovered: true },
    ])
    expect(subscriptions).toEqual([{ recovered: true }, { recovered: false, code: 'epoch' }])
    expect(told(await again())).toMatchObject([{ since: { epoch: 'e2', offset: 2 } }])
  })

  test('that begins anew and is cut before anything comes resumes from there, and has not forgotten the gap', async () => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat')
    const unasked = {
      type: 'subscribed',
      topic: 'chat',
      epoch: 'e2',
      offset: 3,
      recovered: false,
      code: 'epoch',
      reason: '',
    }
    tell(await open(), subscribed(1, history), unasked)
    const socket = await again()
    expect(told(socket)).toMatchObject([{ since: { epoch: 'e2', offset: 3 } }])
    tell(socket, subscribed(2, { epoch: 'e2', offset: 3, recovered: true }), publication(4, 'four'))
    expect(await read(topic, 1)).toMatchObject([{ data: 'four', recovered: false }])
  })

  test('that nobody answered for yet, or that nobody has, does not begin anew', async () => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat')
    const subscriptions: unknown[] = []
    topic.on('subscribed', event => subscriptions.push(event))
    const unasked = {
      type: 'subscribed',
      topic: 'chat',
      epoch: 'e9',
      offset: 9,
      recovered: false,
      code: 'epoch',
      reason: '',
    }
    tell(await open(), unasked, { ...unasked, topic: 'other' }, subscribed(1, history))
    expect(subscriptions).toEqual([{ recovered: true }])
    tell(await again(), unasked)
    expect(told(await again())).toMatchObject([{ since: { epoch: 'e1', offset: 5 } }])
    topic.leave()
    tell(await again(), unasked)
    expect(subscriptions).toEqual([{ recovered: true }])
    expect(line.status).toBe('open')
  })

  test('remembers the place of `subscribed` until a publication comes', async () => {
    const { line, open, again } = speaking()
    line.topic('chat')
    tell(await open(), subscribed(1, history))
    expect(told(await again())).toMatchObject([{ since: { epoch: 'e1', offset: 5 } }])
  })

  test('remembers its place over a publication that has none', async () => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat')
    tell(await open(), subscribed(1, history), publication(6, 'six'), publication(undefined, 'without'))
    expect((await read(topic, 2)).map(({ data }) => data)).toEqual(['six', 'without'])
    expect(told(await again())).toMatchObject([{ since: { epoch: 'e1', offset: 6 } }])
  })

  test('says how many were passed over, before the next publication', async () => {
    const { line, open } = speaking()
    const topic = line.topic('chat')
    tell(await open(), subscribed(1), { type: 'passed', topic: 'chat', count: 39 }, publication(undefined, 1))
    expect(await read(topic, 1)).toMatchObject([{ data: 1, passed: 39 }])
  })

  test('says how many nobody read, with all that was to be told with them', async () => {
    const { line, open } = speaking({ maxUnread: 250 })
    const topic = line.topic('chat')
    const messages = [1, 2, 3, 4].map(n => publication(undefined, n))
    tell(await open(), subscribed(1), { type: 'passed', topic: 'chat', count: 5 }, ...messages)
    expect(await read(topic, 2)).toMatchObject([
      { data: 3, passed: 7 },
      { data: 4, passed: 0 },
    ])
  })

  test('goes to listeners instead of loops, when there are any', async () => {
    const { line, open } = speaking()
    const topic = line.topic('chat')
    const seen: unknown[] = []
    topic.on('publication', ({ data }) => seen.push(data))
    topic.on('publication', ({ data }) => seen.push(data))
    tell(await open(), subscribed(1), publication(undefined, 1))
    expect(seen).toEqual([1, 1])
  })

  test('is left at the end of a loop, and can be had again', async () => {
    const { line, open } = speaking()
    const socket = await open()
    const topic = line.topic('chat')
    expect(() => line.topic('chat')).toThrow(UsageError)
    tell(socket, subscribed(1), publication(undefined, 1))
    for await (const _ of topic) break
    expect(told(socket).at(-1)).toEqual({ type: 'unsubscribe', id: 2, topic: 'chat' })
    const other = line.topic('chat')
    // What was on its way for the first subscription is not for the second.
    tell(
      socket,
      publication(undefined, 'late'),
      { type: 'unsubscribed', id: 2, topic: 'chat' },
      subscribed(3),
      publication(undefined, 2),
    )
    expect(await read(other, 1)).toMatchObject([{ data: 2 }])
    await topic[Symbol.asyncDispose]()
    expect(told(socket)).toHaveLength(3)
  })

  test.each([
    ['refused', { type: 'error', id: 1, code: 'denied', reason: 'not for you' }],
    ['ended by the server', { type: 'unsubscribed', topic: 'chat', code: 'denied', reason: 'not for you' }],
  ])('that is %s says why, and is not asked for again', async (_how, message) => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat')
    const ended: unknown[] = []
    topic.on('ended', error => ended.push(error))
    tell(await open(), ...(message.type === 'unsubscribed' ? [subscribed(1)] : []), message)
    const error = new RequestError('denied', 'not for you')
    await expect(topic[Symbol.asyncIterator]().next()).rejects.toEqual(error)
    expect(ended).toEqual([error])
    expect(told(await again())).toEqual([])
  })

  test('has one subscription: who reads it later gets what is unread, and for another `last` it is had again', async () => {
    const { line, open } = speaking()
    const topic = line.topic('chat', { last: 1 })
    const socket = await open()
    tell(socket, subscribed(1, history), publication(6, 'six'), publication(7, 'seven'))
    const [one, other] = [topic[Symbol.asyncIterator](), topic[Symbol.asyncIterator]()]
    expect([await one.next(), await other.next()]).toMatchObject([
      { value: { data: 'six' } },
      { value: { data: 'seven' } },
    ])
    expect(() => line.topic('chat', { last: 5 })).toThrow('leave it first')
    topic.leave()
    expect([await one.next(), await other.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    const again = line.topic('chat', { last: 5 })
    expect(told(socket).at(-1)).toEqual({ type: 'subscribe', id: 3, topic: 'chat', last: 5 })
    tell(socket, subscribed(3, { epoch: 'e1', offset: 5 }), publication(6, 'six'), publication(7, 'seven'))
    expect(await read(again, 2)).toMatchObject([{ data: 'six' }, { data: 'seven' }])
  })

  test('of a line that is closed already throws what closed it', async () => {
    const { line, open } = speaking()
    ;(await open()).end(4403, 'no')
    await expect(line.topic('late')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ closeCode: 4403 })
  })

  test('ends with the line', async () => {
    const { line, open } = speaking()
    const [kept, lost] = [line.topic('a'), speaking().line.topic('b')]
    await open()
    line.close()
    expect(await kept[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
    const other = speaking()
    const topic = other.line.topic('b')
    ;(await other.open()).end(4403, 'no')
    await expect(topic[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'ERR_CLOSED', closeCode: 4403 })
    lost.leave()
  })

  test('knows who is there', async () => {
    const { line, open, again } = speaking()
    const topic = line.topic('chat', { presence: true })
    const changes: unknown[] = []
    topic.on('presence', change => changes.push(change))
    const socket = await open()
    const state = (): unknown => [topic.count, topic.members && Object.fromEntries(topic.members)]
    tell(socket, subscribed(1, { presence: { count: 1, members: { a: 'A' } } }))
    expect(state()).toEqual([1, { a: 'A' }])
    tell(socket, { type: 'presence', topic: 'chat', count: 2, join: { __proto__: 'x', b: 'B' } })
    expect(state()).toEqual([2, { a: 'A', b: 'B' }])
    tell(socket, { type: 'presence', topic: 'chat', count: 1, leave: ['a'] })
    expect(state()).toEqual([1, { b: 'B' }])
    tell(socket, { type: 'presence', topic: 'chat', count: 300 })
    expect(state()).toEqual([300, undefined])
    tell(socket, { type: 'presence', topic: 'chat', count: 301, join: { c: 'C' } })
    expect(state()).toEqual([301, undefined])
    tell(socket, { type: 'presence', topic: 'chat', count: 1, members: { d: 'D' } })
    expect(state()).toEqual([1, { d: 'D' }])
    expect(changes).toHaveLength(6)
    tell(await again(), subscribed(2, { presence: { count: 0, members: {} } }))
    expect(state()).toEqual([0, {}])
  })
})

describe('publishing', () => {
  test('is fulfilled by the server’s answer, with the offset where there is one', async () => {
    const { line, open } = speaking()
    const all = [line.publish('chat', { text: 'hello' }), line.publish('chat', 'x', { self: false })]
    const socket = await open()
    expect(told(socket)).toEqual([
      { type: 'publish', id: 1, topic: 'chat', data: { text: 'hello' } },
      { type: 'publish', id: 2, topic: 'chat', data: 'x', self: false },
    ])
    tell(socket, { type: 'published', id: 2 }, { type: 'published', id: 1, offset: 9 })
    expect(await Promise.all(all)).toEqual([{ offset: 9 }, {}])
  })

  test('of bytes sends them as they are', async () => {
    const { line, open } = speaking()
    line.publish('chat', new Uint8Array([1, 10, 2]))
    const [message] = (await open()).sent
    expect(Buffer.from(message as Uint8Array).toString('latin1')).toBe(
      '{"type":"publish","topic":"chat","id":1}\n\x01\n\x02',
    )
  })

  test('that is refused rejects with the code', async () => {
    const { line, open } = speaking()
    const published = line.publish('chat', 1)
    tell(await open(), { type: 'error', id: 1, code: 'denied', reason: 'not for you' })
    await expect(published).rejects.toMatchObject({ code: 'ERR_REQUEST', answer: { code: 'denied' } })
  })

  test('that was on its way when the line was lost rejects, and what waited is sent behind the subscriptions', async () => {
    const { line, socket, open, again } = speaking()
    line.topic('chat')
    await open()
    const lost = line.publish('chat', 'lost')
    ;(await socket()).end()
    const waiting = line.publish('chat', 'waiting')
    await expect(lost).rejects.toMatchObject({ code: 'ERR_CONNECTION' })
    const one = await again()
    expect(told(one)).toMatchObject([{ type: 'subscribe' }, { type: 'publish', data: 'waiting' }])
    tell(one, { type: 'published', id: 3 })
    expect(await waiting).toEqual({})
  })

  test('is refused typed when too much waits', async () => {
    const { line } = speaking({ queue: { count: 0 } })
    await expect(line.publish('chat', 1)).rejects.toMatchObject({ code: 'ERR_LIMIT' })
  })
})

describe('a request', () => {
  test('has its reply', async () => {
    const { line, open } = speaking()
    const sum = line.request('add', [2, 3])
    const nothing = line.request('nothing', undefined, { timeout: 0 })
    const socket = await open()
    expect(told(socket)).toEqual([
      { type: 'request', id: 1, name: 'add', data: [2, 3], timeout: 30_000 },
      { type: 'request', id: 2, name: 'nothing' },
    ])
    tell(socket, { type: 'reply', id: 1, data: 5 }, { type: 'reply', id: 2 }, { type: 'reply', id: 99 })
    expect(await Promise.all([sum, nothing])).toEqual([5, undefined])
  })

  test('has a deadline, after which it is cancelled', async () => {
    const { line, clock, open } = speaking()
    const socket = await open()
    const late = line.request('slow', 1, { timeout: 5_000 })
    await clock.advance(5_000)
    await expect(late).rejects.toMatchObject({ code: 'ERR_TIMEOUT', limit: { option: 'timeout', value: 5_000 } })
    expect(told(socket).at(-1)).toEqual({ type: 'cancel', id: 1 })
    tell(socket, { type: 'reply', id: 1, data: 'too late' })
  })

  test('that still waits at its deadline is never sent', async () => {
    const { line, clock, open } = speaking()
    const late = line.request('slow', 1, { timeout: 500 })
    await clock.advance(500)
    await expect(late).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    expect([told(await open()), line.pending]).toEqual([[], 0])
  })

  test('is cancelled by the signal', async () => {
    const { line, open } = speaking()
    const socket = await open()
    const controller = new AbortController()
    const asked = line.request('slow', 1, { signal: controller.signal })
    controller.abort()
    await expect(asked).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    expect(told(socket).at(-1)).toEqual({ type: 'cancel', id: 1 })
    await expect(line.request('x', 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    expect(told(socket)).toHaveLength(2)
  })

  test('leaves no timer', async () => {
    const { line, clock, open } = speaking()
    const socket = await open()
    const before = clock.pending
    const asked = line.request('add')
    tell(socket, { type: 'reply', id: 1 })
    await asked
    await settle()
    expect(clock.pending).toBe(before)
  })
})

describe('a request of the server', () => {
  const asked = async (answer: (line: Line) => void, options: ConnectOptions = {}) => {
    const all = speaking(options)
    answer(all.line)
    const socket = await all.open()
    tell(socket, { type: 'request', id: 1, name: 'colour', data: 'sky' })
    await settle()
    return { ...all, socket }
  }

  test('is answered by its handler', async () => {
    const { socket } = await asked(line => line.answer('colour', async data => `${data} blue`))
    expect(told(socket)).toEqual([{ type: 'reply', data: 'sky blue', id: 1 }])
  })

  test('that nobody answers is told so', async () => {
    const { socket } = await asked(line => line.answer('colour', () => 1)())
    expect(told(socket)).toMatchObject([{ type: 'error', id: 1, code: 'unknown-request' }])
  })

  test('whose handler throws is answered without what it threw, but for a RequestError', async () => {
    const reported: unknown[] = []
    const fault = new Error('the password is 1234')
    const fail = (error: Error) => (line: Line) =>
      void line.answer('colour', () => {
        throw error
      })
    const { socket } = await asked(fail(fault), { report: error => reported.push(error) })
    expect(told(socket)).toEqual([{ type: 'error', id: 1, code: 'failed', reason: 'failed' }])
    expect(reported).toEqual([fault])
    const { socket: other } = await asked(fail(new RequestError('sold-out', 'none left')))
    expect(told(other)).toEqual([{ type: 'error', id: 1, code: 'sold-out', reason: 'none left' }])
  })

  test('can be cancelled by the server, and is when the line is lost', async () => {
    const signals: AbortSignal[] = []
    const wait = (line: Line) =>
      void line.answer('colour', (_, { signal }) => {
        signals.push(signal)
        return new Promise(resolve => signal.addEventListener('abort', resolve))
      })
    const { socket, again } = await asked(wait)
    tell(socket, { type: 'cancel', id: 1 })
    await settle()
    expect(told(socket)).toMatchObject([{ type: 'error', id: 1, code: 'cancelled' }])
    tell(socket, { type: 'request', id: 2, name: 'colour' })
    await settle()
    const next = await again()
    expect([signals.map(({ aborted }) => aborted), told(next)]).toEqual([[true, true], []])
  })

  test('has one handler', async () => {
    const { line } = speaking()
    line.answer('colour', () => 1)
    expect(() => line.answer('colour', () => 1)).toThrow(UsageError)
  })
})

describe('what a server may say', () => {
  test('welcome: the line asks by ping after that much silence, and lives while anything comes', async () => {
    const { line, clock, open } = speaking()
    const socket = await open()
    tell(socket, { type: 'welcome', version: 1, heartbeat: 10_000 })
    await clock.advance(10_000)
    expect(told(socket)).toEqual([{ type: 'ping' }])
    tell(socket, { type: 'pong' })
    await clock.advance(9_000)
    expect(line.status).toBe('open')
  })

  test('retry: the line stays away so long', async () => {
    const { open, states, again, line } = speaking({ random: () => 0 })
    const socket = await open()
    tell(socket, { type: 'retry', after: 7_000 })
    socket.end(1012, 'restarting')
    expect(states.at(-1)).toMatchObject({ status: 'waiting', delay: 7_000, end: { code: 1012, retryAfter: 7_000 } })
    await again().catch(() => {})
    expect(line.status).toBe('waiting')
  })

  test('notice: its listeners are told, and the line goes on', async () => {
    const { line, open } = speaking()
    const notices: unknown[] = []
    const end = line.on('notice', notice => notices.push(notice))
    const socket = await open()
    const interrupted = { code: 'interrupted', reason: 'the engine is away' }
    const another = { code: 'tea', reason: '' }
    tell(socket, { type: 'notice', ...interrupted }, { type: 'notice', ...another, id: 7, more: 1 })
    expect(notices).toEqual([interrupted, another])
    end()
    tell(socket, { type: 'notice', code: 'restored', reason: 'it is back' })
    expect(notices).toHaveLength(2)
    expect(told(socket)).toEqual([])
    expect(line.status).toBe('open')
  })

  test('what is not known is answered or passed over', async () => {
    const { line, open } = speaking()
    const socket = await open()
    tell(socket, { type: 'news' }, { type: 'news', id: 4 }, { type: 'pong', more: 1 }, publication(1, 'no such topic'))
    expect(told(socket)).toMatchObject([{ type: 'error', id: 4, code: 'unknown-type' }])
    expect(line.status).toBe('open')
  })

  test.each(['nonsense', '', '{"type":'])('%j closes the line with 4400, for good', async text => {
    const { line, open } = speaking()
    const socket = await open()
    socket.receive(text)
    expect([line.status, socket.closed?.code]).toEqual(['closed', 4400])
    expect(await line.closed).toMatchObject({ code: 4400, error: { code: 'ERR_PROTOCOL' } })
  })

  const impossible: object[] = [
    { type: 'publication', topic: 1, data: 1 },
    { type: 'publication', topic: 'chat', offset: '9', data: 1 },
    { type: 'publication', topic: 'chat', offset: -1, data: 1 },
    { type: 'passed', topic: 'chat', count: '9' },
    { type: 'presence', topic: 'chat', count: 1.5 },
    { type: 'presence', topic: 'chat', count: 1, leave: 5 },
    { type: 'reply', id: 'x' },
    { type: 'request', name: 'colour' },
    { type: 'error', id: [] },
    { type: 'unsubscribed', topic: 'chat', code: { toString: 1 } },
    { type: 'notice', code: 7, reason: '' },
    { type: 'notice', code: 'restored', reason: null },
    { type: 'subscribed', topic: 'chat', epoch: 5, offset: 90, recovered: false },
    { type: 'subscribed', topic: 'chat', epoch: 'e1', offset: '90', recovered: false },
    { type: 'subscribed', id: null, topic: 'chat', epoch: 'e1', offset: 90 },
    ...['soon', '60000', null, -1, 0.5, 1e308, {}].map(after => ({ type: 'retry', after })),
  ]
  test.each(impossible)('a field that cannot be is answered, and does no harm: %j', async message => {
    const { line, states, open } = speaking({ random: () => 0 })
    const topic = line.topic('chat')
    const socket = await open()
    tell(socket, subscribed(1, history), message, publication(6, 'six'))
    expect(told(socket).slice(1)).toMatchObject([{ type: 'error', code: 'malformed' }])
    expect(await read(topic, 1)).toMatchObject([{ data: 'six', passed: 0 }])
    expect([topic.count, topic.members]).toEqual([0, undefined])
    socket.end(1012)
    expect(states.at(-1)).toMatchObject({ status: 'waiting', delay: 0 })
  })

  test('retry: an hour at most, also for a line that slept through it', async () => {
    const { clock, around, sockets, open, line } = speaking({ random: () => 0 })
    const socket = await open()
    tell(socket, { type: 'retry', after: Number.MAX_SAFE_INTEGER })
    socket.end(1012)
    clock.sleep(3_600_001)
    around.dispatchEvent(new Event('online'))
    await clock.advance(0)
    await settle()
    expect([line.status, sockets.length]).toEqual(['connecting', 2])
  })

  test('requests: one for each id, and a thousand at a time', async () => {
    const { line, open } = speaking()
    line.answer('wait', () => new Promise(() => {}))
    const socket = await open()
    for (let id = 1; id <= 1_000; id++) tell(socket, { type: 'request', id, name: 'wait' })
    tell(socket, { type: 'request', id: 7, name: 'wait' }, { type: 'request', id: 1_001, name: 'wait' })
    expect(told(socket)).toMatchObject([
      { type: 'error', id: 7, code: 'duplicate-id' },
      { type: 'error', id: 1_001, code: 'limit' },
    ])
  })

  test('more than it reads the answers of loses the line, which comes back', async () => {
    const { states, open } = speaking()
    const socket = await open()
    socket.bufferedAmount = 16_777_216
    tell(socket, { type: 'request', id: 1, name: 'nothing' })
    await settle()
    expect([socket.sent, states.at(-1)]).toMatchObject([
      [],
      { status: 'waiting', end: { error: { code: 'ERR_CONNECTION' } } },
    ])
  })

  test('members: ten thousand names, and above only how many', async () => {
    const { line, open } = speaking()
    const topic = line.topic('chat', { presence: true })
    const socket = await open()
    const names = (from: number, count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${from + index}`, 1]))
    tell(socket, subscribed(1, { presence: { count: 10_000, members: names(0, 10_000) } }))
    expect(topic.members?.size).toBe(10_000)
    tell(socket, { type: 'presence', topic: 'chat', count: 10_001, join: names(10_000, 1) })
    expect([topic.count, topic.members]).toEqual([10_001, undefined])
  })

  // Each is JSON, and none is a message.
  const wrong = [1, null, [], 'x', {}, { type: 1 }, { type: 'presence', topic: 'chat', leave: 5 }]
  test.each(wrong)('%j is borne sixteen times', async value => {
    const { line, open } = speaking()
    line.topic('chat')
    const socket = await open()
    tell(socket, subscribed(1))
    for (let time = 1; time <= 16; time++) socket.receive(JSON.stringify(value))
    expect(line.status).toBe('open')
    socket.receive(JSON.stringify(value))
    expect([line.status, socket.closed?.code]).toEqual(['closed', 4400])
  })
})

describe('which kind of line it is', () => {
  test('a plain one has no topics, one of hotline.1 has no send', async () => {
    const { line: plain } = fakeLine()
    expect(() => plain.topic('x')).toThrow(UsageError)
    await expect(plain.publish('x', 1)).rejects.toBeInstanceOf(UsageError)
    await expect(plain.request('x')).rejects.toBeInstanceOf(UsageError)
    const { line } = speaking()
    await expect(line.send('x')).rejects.toBeInstanceOf(UsageError)
  })

  test('is the server’s choice, where both are offered', async () => {
    const { line, socket } = fakeLine({ protocols: ['hotline.1', 'chat'] })
    const topic = line.topic('x')
    const published = line.publish('x', 1)
    const one = (await socket()).open('chat')
    await expect(published).rejects.toBeInstanceOf(UsageError)
    await line.send('plain')
    one.receive('{"type":"retry"')
    expect([one.sent, (await line[Symbol.asyncIterator]().next()).value]).toEqual([['plain'], '{"type":"retry"'])
    expect(() => line.topic('y')).toThrow(UsageError)
    topic.leave()
    expect(one.sent).toEqual(['plain'])
  })
})
