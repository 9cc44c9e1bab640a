/** Lines over real sockets: servers that restart, networks that cut, and what is left of it. */
import { decode, encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import { connect } from '../../../src/client/connect.ts'
import {
  type ConnectOptions,
  type Line,
  type LineState,
  msgpackForm,
  type Received,
} from '../../../src/client/line/index.ts'
import { refuse, type ServeOptions } from '../../../src/server/index.ts'
import { listening } from '../../server/support.ts'
import { Peer } from '../peer.ts'
import { CuttingProxy } from './proxy.ts'

/** Comes back at once, so that tests need not wait. */
const soon: ConnectOptions = { backoff: { base: 1, cap: 5, stable: 0 } }

/** The next state of this kind. */
const becomes = (line: Line, status: LineState['status']): Promise<LineState> =>
  new Promise(resolve => {
    const off = line.on('status', state => {
      if (state.status !== status) return
      off()
      resolve(state)
    })
  })

const topics: ServeOptions<never>['topics'] = {
  'log/*': { subscribe: true, publish: true, history: { size: 10_000 } },
  'team/*': { subscribe: true, presence: { data: () => 'somebody' } },
}
const requests: ServeOptions<never>['requests'] = {
  add: (_, data) => (data as number[]).reduce((a, b) => a + b),
  'ask-me': async socket => `you said ${await socket.ask('colour', 'sky')}`,
}
const speaking = (more: object = {}) =>
  listening({ topics, requests, routes: { '/': { topics: true } }, ...more } as ServeOptions<never>)

test('a plain line echoes, waits while the server restarts on its port, and echoes on', async () => {
  const echo = {
    routes: { '/': { message: (socket: { send(data: unknown): unknown }, data: unknown) => socket.send(data) } },
  }
  const first = await listening(echo as never)
  await using line = connect(first.url, { protocols: [], ...soon })
  const messages = line[Symbol.asyncIterator]()
  await line.send('before')
  expect((await messages.next()).value).toBe('before')
  const waiting = becomes(line, 'waiting')
  await first.server.close({ within: 0 })
  expect(await waiting).toMatchObject({ end: { opened: true } })
  const sent = [line.send('meanwhile'), line.send(new Uint8Array([1, 2]))]
  await using _second = await listening({ ...echo, port: first.port } as never)
  await Promise.all(sent)
  expect((await messages.next()).value).toBe('meanwhile')
  expect((await messages.next()).value).toEqual(new Uint8Array([1, 2]))
})

test('a line of hotline.1 has its topics again after the server restarted, and is told that it is another history', async () => {
  const first = await speaking()
  await using line = connect(first.url, soon)
  const topic = line.topic('log/a')[Symbol.asyncIterator]()
  await line.opened
  expect(await line.publish('log/a', 'one')).toEqual({ offset: 1 })
  expect((await topic.next()).value).toMatchObject({ data: 'one', recovered: true })
  const waiting = becomes(line, 'waiting')
  await first.server.close({ within: 0 })
  await waiting
  const published = line.publish('log/a', 'two')
  await using _second = await speaking({ port: first.port })
  expect(await published).toEqual({ offset: 1 })
  expect((await topic.next()).value).toMatchObject({ data: 'two', offset: 1, recovered: false })
})

test('cut at any byte of what the server sends, a reader gets each publication once, in order, with nothing missing', async () => {
  const total = 600
  await using app = await speaking()
  // Each connection goes on for a byte more than the one before: through the handshake, `welcome`, `subscribed`, publications.
  await using proxy = await CuttingProxy.before(app.port, connection => connection)
  await using line = connect(proxy.url, soon)
  const publish = setInterval(() => {
    if (app.server.publish('log/a', proxy.count).offset === total) clearInterval(publish)
  }, 1)
  const seen: Received[] = []
  for await (const received of line.topic('log/a', { last: total })) if (seen.push(received) >= total) break
  clearInterval(publish)
  expect(seen.map(({ offset }) => offset)).toEqual(Array.from({ length: total }, (_, index) => index + 1))
  expect(seen.filter(({ passed, recovered }) => passed > 0 || !recovered)).toEqual([])
  expect(proxy.count).toBeGreaterThan(300)
})

describe('what the server says', () => {
  test('by 4403 is final', async () => {
    await using app = await speaking({
      routes: { '/': { topics: true, refuseBy: 'close', authorize: () => refuse(403, 'no') } },
    })
    await using line = connect(app.url, soon)
    expect(await line.closed).toMatchObject({ by: 'peer', code: 4403, opened: true })
  })

  test('by a status of 403 is final too, and can be seen in Node', async () => {
    await using app = await speaking({ routes: { '/': { topics: true, authorize: () => refuse(403, 'no') } } })
    await using line = connect(app.url, soon)
    expect(await line.closed).toMatchObject({
      status: 403,
      refused: true,
      opened: false,
      error: { code: 'ERR_HANDSHAKE' },
    })
  })

  test('by choosing none of the subprotocols is final', async () => {
    await using app = await listening({ routes: { '/': { message: () => {} } } })
    await using line = connect(app.url, soon)
    expect(await line.closed).toMatchObject({ status: 101, refused: true })
  })

  test('by Retry-After of a 503 is obeyed', async () => {
    await using peer = await Peer.listen(wire => void wire.answer(503, ['Retry-After: 60', 'Content-Length: 0']))
    await using line = connect(peer.url, soon)
    const { delay } = (await becomes(line, 'waiting')) as Extract<LineState, { status: 'waiting' }>
    expect(delay).toBeGreaterThanOrEqual(60_000)
    expect(delay).toBeLessThan(61_000)
  })

  test('by retry before 1012 is obeyed', async () => {
    await using app = await speaking({ routes: { '/': { topics: true, open: (socket: never) => restart(socket) } } })
    const restart = (socket: { close(code: number): void }): void => socket.close(1012)
    await using line = connect(app.url, soon)
    const state = (await becomes(line, 'waiting')) as Extract<LineState, { status: 'waiting' }>
    expect(state.end).toMatchObject({ code: 1012, retryAfter: expect.any(Number) })
    expect(state.delay).toBeGreaterThanOrEqual(state.end.retryAfter as number)
  })
})

test('the token of each attempt reaches `authorize`', async () => {
  const tokens: (string | undefined)[] = []
  const authorize = ({ token }: { token?: string }): unknown => {
    tokens.push(token)
    return tokens.length < 3 ? refuse(503, 'later') : true
  }
  await using app = await speaking({ routes: { '/': { topics: true, authorize } } })
  let count = 0
  await using line = connect(app.url, { token: async () => `sécret ${++count}`, ...soon })
  await line.opened
  expect(tokens).toEqual(['sécret 1', 'sécret 2', 'sécret 3'])
})

test('requests have their replies, both ways, and presence is told', async () => {
  await using app = await speaking()
  await using line = connect(app.url)
  await using other = connect(app.url)
  line.answer('colour', data => `${data} blue`)
  expect(await Promise.all([line.request('add', [2, 3]), line.request('ask-me')])).toEqual([5, 'you said sky blue'])
  await expect(other.request('ask-me')).rejects.toMatchObject({ answer: { code: 'unknown-request' } })
  await expect(line.request('nothing')).rejects.toMatchObject({ answer: { code: 'unknown-request' } })
  await expect(line.publish('team/red', 1)).rejects.toMatchObject({ answer: { code: 'denied' } })
  const topic = line.topic('team/red', { presence: true })
  await new Promise(resolve => topic.on('presence', resolve))
  const joined = new Promise<{ count: number }>(resolve => topic.on('presence', resolve))
  other.topic('team/red')
  expect([(await joined).count, topic.members?.size]).toEqual([2, 2])
  await expect(line.topic('secret/a')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    answer: { code: 'denied' },
  })
})

test('MessagePack carries the same, bytes among them', async () => {
  await using app = await speaking({ messagePack: { encode, decode } })
  await using line = connect(app.url, { form: msgpackForm({ encode, decode }) })
  const topic = line.topic('log/a')[Symbol.asyncIterator]()
  await line.opened
  expect(line.state).toEqual({ status: 'open', protocol: 'hotline.1.msgpack' })
  expect(await line.publish('log/a', new Uint8Array([1, 2]))).toEqual({ offset: 1 })
  const { data } = (await topic.next()).value as Received
  expect([...(data as Uint8Array)]).toEqual([1, 2])
  expect(await line.request('add', [2, 3])).toBe(5)
  await expect(line.publish('log/a', { inside: [new Uint8Array(1)] })).rejects.toMatchObject({
    answer: { code: 'schema' },
  })
})
