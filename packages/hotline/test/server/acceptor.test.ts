import { describe, expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { type HandshakeRequest, refuse } from '../../src/server/index.ts'
import { Log, within } from '../support/deadline.ts'
import { ACCEPT, RawClient } from '../support/raw.ts'
import { listening, never } from './support.ts'

const echo = async (
  socket: AsyncIterable<string | Uint8Array> & { send(data: string | Uint8Array): Promise<void> },
) => {
  for await (const message of socket) await socket.send(message)
}

describe('the opening handshake', () => {
  test('is answered with the fields of RFC 6455 §4.2.2 and nothing else', async () => {
    await using it = await listening({ routes: { '/echo': echo } })
    using client = await RawClient.ask(it.port, { path: '/echo' })
    expect(await client.answer()).toEqual({
      status: 101,
      reason: 'Switching Protocols',
      headers: { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': ACCEPT },
      body: '',
    })
  })

  test('of a path that is no route is answered with 404', async () => {
    await using it = await listening({ routes: { '/echo': echo } })
    using client = await RawClient.ask(it.port, { path: '/other' })
    expect(await client.refusal()).toMatchObject({ status: 404, body: 'no WebSocket here\n' })
  })

  test('of more than maxHeaders fields is answered with 431, which names the option', async () => {
    await using it = await listening({ routes: { '/echo': echo }, maxHeaders: 10 })
    using few = await RawClient.ask(it.port, { path: '/echo', headers: { X: Array(5).fill('y') } })
    expect((await few.answer()).status).toBe(101)
    using many = await RawClient.ask(it.port, { path: '/echo', headers: { X: Array(6).fill('y') } })
    expect(await many.refusal()).toMatchObject({ status: 431, body: 'more than 10 header fields (maxHeaders)\n' })
  })

  test('of more sockets than maxSockets is answered with 503, until one has gone', async () => {
    await using it = await listening({ routes: { '/echo': echo }, maxSockets: 2 })
    using first = await RawClient.open(it.port, { path: '/echo' })
    using second = await RawClient.open(it.port, { path: '/echo' })
    using third = await RawClient.ask(it.port, { path: '/echo' })
    expect(await third.refusal()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', connection: 'close' },
      body: 'too many sockets (maxSockets)\n',
    })
    const [socket] = it.server.sockets
    first.socket.destroy()
    await socket?.closed
    using fourth = await RawClient.ask(it.port, { path: '/echo' })
    expect((await fourth.answer()).status).toBe(101)
    expect(second.told).toEqual([])
  })

  test('counts those that were opened to be told no against maxSockets, until they have gone', async () => {
    const routes = { '/echo': echo, '/told': { refuseBy: 'close' as const, authorize: () => false } }
    await using it = await listening({ maxSockets: 2, routes })
    // They do not answer the close frame.
    using first = await RawClient.ask(it.port, { path: '/told' })
    using second = await RawClient.ask(it.port, { path: '/told' })
    for (const client of [first, second]) expect((await client.answer()).status).toBe(101)
    using third = await RawClient.ask(it.port, { path: '/told' })
    expect((await third.answer()).status).toBe(503)
    for (const client of [first, second]) client.socket.destroy()
    const again = async (): Promise<number> => {
      using client = await RawClient.ask(it.port, { path: '/echo' })
      return (await client.answer()).status
    }
    await expect.poll(again).toBe(101)
    expect(it.server.stats()).toMatchObject({ handshakes: { authorize: 2 }, sockets: { opened: 1 } })
  })

  test('counts those that are being decided on against maxSockets', async () => {
    const asked = new Log<HandshakeRequest>()
    await using it = await listening({
      maxSockets: 1,
      routes: {
        '/slow': {
          authorize: request => {
            asked.push(request)
            return never(request.signal)
          },
        },
      },
    })
    using first = await RawClient.ask(it.port, { path: '/slow' })
    await asked.until('a request', all => all.length === 1)
    using second = await RawClient.ask(it.port, { path: '/slow' })
    expect((await second.refusal()).status).toBe(503)
    first.socket.destroy()
    await within('the signal', new Promise(resolve => asked.all[0]?.signal.addEventListener('abort', resolve)))
    using third = await RawClient.ask(it.port, { path: '/slow' })
    await asked.until('a second request', all => all.length === 2)
    expect(third.log.all).toEqual([])
  })
})

describe('authorize', () => {
  test('is told everything about the request', async () => {
    const asked = new Log<HandshakeRequest>()
    await using it = await listening({
      routes: {
        '/chat/:room': {
          authorize: request => {
            asked.push(request)
            return true
          },
        },
      },
    })
    using client = await RawClient.open(it.port, {
      path: '/chat/a%20b?token=x',
      headers: {
        Origin: 'http://127.0.0.1',
        Cookie: ['a=1', 'b=2'],
        'Sec-WebSocket-Protocol': 'one, two',
        'X-Forwarded-For': '6.6.6.6',
        __proto__: 'x',
      },
    })
    const [request] = asked.all
    expect(request?.url.href).toBe('ws://127.0.0.1/chat/a%20b?token=x')
    expect({ ...(request?.params as object) }).toEqual({ room: 'a b' })
    expect(request?.headers).toMatchObject({ host: '127.0.0.1', cookie: 'a=1, b=2' })
    expect(Object.getPrototypeOf(request?.headers)).toBeNull()
    expect(request).toMatchObject({
      origin: 'http://127.0.0.1',
      protocols: ['one', 'two'],
      remoteAddress: '127.0.0.1',
      encrypted: false,
    })
    expect(request?.raw.url).toBe('/chat/a%20b?token=x')
    expect(client.told).toEqual([])
  })

  test.each([
    ['a value', { name: 'Ada' }],
    ['an empty string', ''],
    ['zero', 0],
    ['true', true],
    ['a promise', Promise.resolve({ name: 'Ada' })],
  ])('that gives %s lets the peer in, with that as data', async (_name, verdict) => {
    const opened = new Log<unknown>()
    await using it = await listening({
      routes: { '/': { authorize: () => verdict, open: socket => opened.push(socket.data) } },
    })
    await using _socket = await openSocket(it.url)
    await opened.until('an open socket', all => all.length === 1)
    expect(opened.all).toEqual([await verdict])
    expect(it.reported).toEqual([])
  })

  test.each([
    ['returns a refusal', () => refuse(401, 'sign in first', { 'WWW-Authenticate': 'Bearer' })],
    ['resolves to a refusal', async () => refuse(401, 'sign in first', { 'WWW-Authenticate': 'Bearer' })],
    [
      'throws a refusal',
      () => {
        throw refuse(401, 'sign in first', { 'WWW-Authenticate': 'Bearer' })
      },
    ],
    [
      'rejects with a refusal',
      async () => {
        throw refuse(401, 'sign in first', { 'WWW-Authenticate': 'Bearer' })
      },
    ],
  ])('that %s answers with its status, reason and headers', async (_name, authorize) => {
    await using it = await listening({ routes: { '/': { authorize: authorize as () => never } } })
    using client = await RawClient.ask(it.port)
    expect(await client.refusal()).toEqual({
      status: 401,
      reason: 'Unauthorized',
      headers: {
        connection: 'close',
        'content-type': 'text/plain; charset=utf-8',
        'content-length': '14',
        'www-authenticate': 'Bearer',
      },
      body: 'sign in first\n',
    })
    expect(it.reported).toEqual([])
  })

  test('may redirect, and say what the body is', async () => {
    const headers = { Location: 'https://example.com/sign-in', 'Content-Type': 'application/json' }
    await using it = await listening({ routes: { '/': { authorize: () => refuse(302, '{}', headers) } } })
    using client = await RawClient.ask(it.port)
    expect(await client.refusal()).toMatchObject({
      status: 302,
      headers: { location: 'https://example.com/sign-in', 'content-type': 'application/json' },
    })
  })

  test.each([[false], [null], [undefined]])('that gives %s answers with 403', async verdict => {
    await using it = await listening({ routes: { '/': { authorize: () => verdict } } })
    using client = await RawClient.ask(it.port)
    expect(await client.refusal()).toMatchObject({ status: 403, body: 'not authorized\n' })
    expect(it.reported).toEqual([])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('database down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('database down'))],
  ])('that %s answers with 500, says nothing of the error, and reports it once', async (_name, authorize) => {
    await using it = await listening({ routes: { '/': { authorize: authorize as () => never } } })
    using client = await RawClient.ask(it.port)
    expect(await client.refusal()).toMatchObject({ status: 500, body: 'the server failed\n' })
    expect(it.reported).toEqual([[new Error('database down'), 'authorize']])
  })

  test('that takes too long answers with 503, and is told by the signal', async () => {
    const reasons: unknown[] = []
    await using it = await listening({
      acceptTimeout: 50,
      routes: {
        '/': {
          authorize: request => {
            request.signal.addEventListener('abort', () => reasons.push(request.signal.reason))
            return never(request.signal)
          },
        },
      },
    })
    using client = await RawClient.ask(it.port)
    expect(await client.refusal()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: 'not accepted within 50 ms (acceptTimeout)\n',
    })
    expect(reasons).toHaveLength(1)
    expect(it.reported).toEqual([])
  })

  test('that says yes too late changes nothing any more', async () => {
    let say: (verdict: boolean) => void = () => {}
    const opened: unknown[] = []
    const verdict = new Promise<boolean>(resolve => {
      say = resolve
    })
    await using it = await listening({
      acceptTimeout: 30,
      routes: { '/': { authorize: () => verdict, open: socket => opened.push(socket) } },
    })
    using client = await RawClient.ask(it.port)
    expect((await client.refusal()).status).toBe(503)
    say(true)
    await verdict
    await new Promise(setImmediate)
    expect(opened).toEqual([])
    expect(it.server.sockets.size).toBe(0)
  })

  const goings = {
    'cuts the wire': client => client.socket.destroy(),
    'resets it': client => client.socket.resetAndDestroy(),
    'ends it and listens on': client => client.socket.end(),
  } satisfies Record<string, (client: RawClient) => void>
  test.each(Object.entries(goings))(
    'is told by the signal when the client %s, and nothing stays',
    async (_name, go) => {
      const asked = new Log<HandshakeRequest>()
      await using it = await listening({
        acceptTimeout: 60_000,
        routes: {
          '/': {
            authorize: request => {
              asked.push(request)
              return never()
            },
          },
        },
      })
      using client = await RawClient.ask(it.port)
      await asked.until('the request', all => all.length === 1)
      const { signal } = asked.all[0] as HandshakeRequest
      const aborted = new Promise(resolve => signal.addEventListener('abort', resolve))
      go(client)
      await within('the signal', aborted)
      await client.closed()
      expect(it.reported).toEqual([])
      await within('no connection', noConnections(it.server.http as never))
    },
  )

  test('runs while the frames that came behind the request wait', async () => {
    let say: (verdict: boolean) => void = () => {}
    const seen = new Log<unknown>()
    const verdict = new Promise<boolean>(resolve => {
      say = resolve
    })
    await using it = await listening({
      routes: { '/': { authorize: () => verdict, message: (_socket, message) => seen.push(message) } },
    })
    using client = await RawClient.ask(it.port, {}, '81 01 41 | 81 01 42')
    client.send('81 01 43')
    await new Promise(setImmediate)
    expect(seen.all).toEqual([])
    say(true)
    await seen.until('three messages', all => all.length === 3)
    expect(seen.all).toEqual(['A', 'B', 'C'])
  })
})

/** Fulfilled when a server of Node has no connection left. */
async function noConnections(http: { getConnections(callback: (error: Error | null, count: number) => void): void }) {
  for (;;) {
    const count = await new Promise<number>(resolve => http.getConnections((_error, count) => resolve(count)))
    if (count === 0) return
    await new Promise(setImmediate)
  }
}

describe("refuseBy: 'close'", () => {
  test('accepts, and closes with 4000 + status and the reason, so that a page can see why', async () => {
    const opened: unknown[] = []
    await using it = await listening({
      refuseBy: 'close',
      routes: { '/': { authorize: () => refuse(401, 'sign in first'), open: socket => opened.push(socket) } },
    })
    const socket = await openSocket(it.url)
    expect(await socket.closed).toMatchObject({ code: 4401, reason: 'sign in first', clean: true })
    expect(opened).toEqual([])
    expect(it.server.sockets.size).toBe(0)
  })

  test.each([
    [() => false, 4403, 'not authorized'],
    [() => Promise.reject(new Error('secret')), 4500, 'the server failed'],
    [() => refuse(429, 'é'.repeat(100)), 4429, 'é'.repeat(61)],
  ])('does so for every way to say no', async (authorize, code, reason) => {
    await using it = await listening({ refuseBy: 'close', routes: { '/': { authorize: authorize as () => false } } })
    const socket = await openSocket(it.url)
    expect(await socket.closed).toMatchObject({ code, reason, clean: true })
  })

  test('closes cleanly although frames came behind the request, even half of one', async () => {
    await using it = await listening({ refuseBy: 'close', routes: { '/': { authorize: () => false } } })
    using client = await RawClient.ask(it.port, {}, '81 01 41 | 82 7e 01 00 41')
    expect(await client.close()).toEqual([4403, 'not authorized'])
    client.write(Buffer.alloc(255))
    client.send('89 01 07')
    await client.frames(2)
    expect(client.told[1]).toEqual(['pong', '07'])
    client.send('88 02 11 33')
    await client.ended()
    expect(client.told).toHaveLength(2)
  })

  test('is a route’s own choice, before the server’s', async () => {
    await using it = await listening({
      refuseBy: 'close',
      routes: { '/page': { authorize: () => false }, '/program': { authorize: () => false, refuseBy: 'status' } },
    })
    using client = await RawClient.ask(it.port, { path: '/program' })
    expect((await client.refusal()).status).toBe(403)
    using other = await RawClient.ask(it.port, { path: '/page' })
    expect((await other.answer()).status).toBe(101)
  })
})

describe('origin', () => {
  const cases: readonly [
    claim: string,
    options: object,
    origin: string | readonly string[] | undefined,
    status: number,
  ][] = [
    ["'same' lets the own page in", {}, 'http://127.0.0.1', 101],
    ["'same' keeps others out", {}, 'http://evil.com', 403],
    ["'same' keeps null out", {}, 'null', 403],
    ["'same' lets programs in, which have no origin", {}, undefined, 101],
    ['two origins are one too many', {}, ['http://127.0.0.1', 'http://127.0.0.1'], 403],
    ['an empty origin is none of ours', {}, '', 403],
    ['requireOrigin keeps programs out', { requireOrigin: true }, undefined, 403],
    ['requireOrigin lets pages in', { requireOrigin: true }, 'http://127.0.0.1', 101],
    ["'any' lets others in", { origin: 'any' }, 'http://evil.com', 101],
    ['a list lets its members in', { origin: ['https://a.com'] }, 'https://a.com', 101],
    ['a list keeps the own page out', { origin: ['https://a.com'] }, 'http://127.0.0.1', 403],
    ['a function decides', { origin: (origin: string) => origin.endsWith('.a.com') }, 'https://x.a.com', 101],
    ['a function decides against', { origin: (origin: string) => origin.endsWith('.a.com') }, 'https://xa.com', 403],
    ['only true is yes', { origin: () => 'yes' }, 'https://a.com', 403],
  ]
  test.each(cases)('%s', async (_claim, options, origin, status) => {
    await using it = await listening({ routes: { '/': echo }, ...options })
    using client = await RawClient.ask(it.port, { headers: { Origin: origin } })
    expect((await client.answer()).status).toBe(status)
    expect(it.reported).toEqual([])
  })

  test('a function that throws keeps out, and is reported', async () => {
    const origin = (): never => {
      throw new Error('no')
    }
    await using it = await listening({ routes: { '/': echo }, origin })
    using client = await RawClient.ask(it.port, { headers: { Origin: 'https://a.com' } })
    expect((await client.refusal()).status).toBe(403)
    expect(it.reported).toEqual([[new Error('no'), 'authorize']])
  })

  test.each([
    ['resolves', async () => true],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('an async function that %s keeps out, is reported, and does not end the process', async (_name, origin) => {
    const unhandled: unknown[] = []
    const note = (error: unknown): unknown => unhandled.push(error)
    process.on('unhandledRejection', note)
    await using it = await listening({ routes: { '/': echo }, origin: origin as never })
    using client = await RawClient.ask(it.port, { headers: { Origin: 'https://a.com' } })
    expect((await client.refusal()).status).toBe(403)
    expect(it.reported).toEqual([[expect.objectContaining({ code: 'ERR_USAGE', option: 'origin' }), 'authorize']])
    await new Promise(setImmediate)
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  test("'same' goes by the host of the proxy when that is trusted, and only then", async () => {
    const headers = { Origin: 'https://example.com', 'X-Forwarded-Host': 'example.com', 'X-Forwarded-Proto': 'https' }
    await using trusting = await listening({ routes: { '/': echo }, trustProxy: 1 })
    using client = await RawClient.ask(trusting.port, { headers })
    expect((await client.answer()).status).toBe(101)
    await using other = await listening({ routes: { '/': echo } })
    using spoofing = await RawClient.ask(other.port, { headers })
    expect((await spoofing.answer()).status).toBe(403)
  })
})

describe('the subprotocol', () => {
  test.each([
    [['a', 'b'], 'a, b', 'a'],
    [['b', 'a'], 'a, b', 'b'],
    [['b'], 'a, b', 'b'],
    [['c'], 'a, b', undefined],
    [[], 'a, b', undefined],
    [['a'], undefined, undefined],
    [['A'], 'a', undefined],
    [['__proto__'], '__proto__', '__proto__'],
  ])('of a server that supports %j is, when %j is offered, %j', async (protocols, offered, chosen) => {
    const opened = new Log<string>()
    await using it = await listening({
      protocols,
      routes: { '/': { open: socket => opened.push(socket.protocol) } },
    })
    using client = await RawClient.ask(it.port, { headers: { 'Sec-WebSocket-Protocol': offered } })
    expect((await client.answer()).headers['sec-websocket-protocol']).toBe(chosen)
    await opened.until('an open socket', all => all.length === 1)
    expect(opened.all).toEqual([chosen ?? ''])
  })
})

describe('extensions', () => {
  test.each([
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate',
    '__proto__',
    'x; y="z", permessage-deflate',
  ])('that are offered as %s are declined by silence, where compression is off', async offer => {
    await using it = await listening({ deflate: false, routes: { '/': echo } })
    using client = await RawClient.ask(it.port, { headers: { 'Sec-WebSocket-Extensions': offer } })
    const { status, headers } = await client.answer()
    expect([status, headers['sec-websocket-extensions']]).toEqual([101, undefined])
  })
})

describe('trustProxy', () => {
  test.each([
    [false, '127.0.0.1'],
    [1, '1.1.1.1'],
    [2, '6.6.6.6'],
    [['127.0.0.0/8'], '1.1.1.1'],
    [['10.0.0.0/8'], '127.0.0.1'],
  ])('%j makes the client’s address %s', async (trustProxy, address) => {
    const opened = new Log<string>()
    await using it = await listening({
      trustProxy,
      routes: { '/': { open: socket => opened.push(socket.remoteAddress) } },
    })
    using _client = await RawClient.open(it.port, { headers: { 'X-Forwarded-For': '6.6.6.6, 1.1.1.1' } })
    await opened.until('an open socket', all => all.length === 1)
    expect(opened.all).toEqual([address])
  })
})
