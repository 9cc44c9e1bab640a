// permessage-deflate (RFC 7692) against ws, which brings zlib's streams, in both roles; and what a hostile peer may send.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { deflateRawSync, constants as zlib } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import Foreign, { WebSocketServer } from 'ws'
import { type ClientSocket, openSocket, WebSocket } from '../../src/client/index.ts'
import type { DeflateOptions } from '../../src/connection/deflate-options.ts'
import { prepare, type Server, type ServerSocket, serve } from '../../src/server/index.ts'

const json = (rows: number): string =>
  JSON.stringify(Array.from({ length: rows }, (_, id) => ({ id, name: `name ${id}`, price: Math.sin(id) })))

type Message = string | Uint8Array

/** A message in a form that is compared at once, rather than byte by byte. */
const shown = (message: Message): string =>
  typeof message === 'string' ? `text ${message}` : `bytes ${Buffer.from(message).toString('base64')}`

/** Sizes around the threshold, above what is inflated at once, and above what is deflated at once. */
const MESSAGES: Message[] = [
  '',
  'a',
  json(20),
  'é€😀'.repeat(300),
  new Uint8Array(0),
  new Uint8Array(randomBytes(5000)),
  new Uint8Array(70_000),
  json(8000),
  'short',
  json(2),
]

const AGREEMENTS: [name: string, deflate: DeflateOptions][] = [
  ['the defaults', {}],
  ['context takeover both ways', { serverNoContextTakeover: false, clientNoContextTakeover: false, threshold: 0 }],
  ['the smallest windows', { serverMaxWindowBits: 8, clientMaxWindowBits: 9, threshold: 0 }],
  [
    'small windows with takeover',
    {
      serverMaxWindowBits: 8,
      clientMaxWindowBits: 9,
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      threshold: 0,
    },
  ],
]

const servers: { close(options?: { within: number }): unknown }[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close({ within: 1000 })
})

async function echo(deflate: boolean | DeflateOptions, reported: unknown[] = []): Promise<Server> {
  const server = await serve({
    port: 0,
    deflate,
    maxMessage: 1_000_000,
    report: error => reported.push(error),
    routes: {
      '/': { message: (socket, message) => socket.send(message) },
      '/prepared': { message: (socket, message) => socket.send(prepare(message)) },
      '/plain': { message: (socket, message) => socket.send(message, { compress: false }) },
    },
  })
  servers.push(server)
  return server
}

/** Sends every message twice, all at once, and expects them back in order. */
async function expectEchoes(socket: ClientSocket): Promise<void> {
  const sent = [...MESSAGES, ...MESSAGES]
  for (const message of sent) socket.send(message)
  let next = 0
  for await (const message of socket) {
    expect(shown(message)).toBe(shown(sent[next++] as Message))
    if (next === sent.length) break
  }
  expect((await socket.close()).code).toBe(1000)
}

/** The same from ws. */
async function expectForeignEchoes(url: string, options: Foreign.PerMessageDeflateOptions): Promise<string> {
  const socket = new Foreign(url, { perMessageDeflate: { threshold: 0, ...options } })
  const got: Message[] = []
  await once(socket, 'open')
  for (const message of MESSAGES) socket.send(message)
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (got.push(isBinary ? new Uint8Array(data) : data.toString()) === MESSAGES.length) resolve()
    })
  })
  expect(got.map(shown)).toEqual(MESSAGES.map(shown))
  socket.close()
  await once(socket, 'close')
  return socket.extensions
}

describe.each(AGREEMENTS)('with %s', (_name, deflate) => {
  test.each(['/', '/prepared', '/plain'])('hotline talks to itself on %s', async path => {
    const { url } = await echo(deflate)
    const socket = await openSocket(`${url}${path}`, { deflate })
    expect(socket.extensions.map(({ name }) => name)).toEqual(['permessage-deflate'])
    await expectEchoes(socket)
  })

  test.each(['/', '/prepared'])('a client of ws is understood on %s, and understands', async path => {
    const { url } = await echo(deflate)
    expect(await expectForeignEchoes(`${url}${path}`, {})).toBe('permessage-deflate')
  })

  test('a server of ws is understood, and understands', async () => {
    const server = new WebSocketServer({ port: 0, perMessageDeflate: { threshold: 0 } })
    servers.push({ close: () => server.close() })
    server.on('connection', socket =>
      socket.on('message', (data: Buffer, binary: boolean) => socket.send(data, { binary })),
    )
    const { port } = server.address() as AddressInfo
    const socket = await openSocket(`ws://127.0.0.1:${port}`, { deflate: { ...deflate, serverMaxWindowBits: 15 } })
    expect(socket.extensions).toHaveLength(1)
    await expectEchoes(socket)
  })
})

test('the WebSocket class offers compression and says what came of it', async () => {
  const { url } = await echo({ threshold: 0 })
  const socket = new WebSocket(url as string)
  await once(socket as never, 'open')
  expect(socket.extensions).toBe('permessage-deflate; server_no_context_takeover; client_no_context_takeover')
  socket.send(json(100))
  const [event] = (await once(socket as never, 'message')) as [MessageEvent]
  expect(event.data).toBe(json(100))
  socket.close()
  await once(socket as never, 'close')
})

test('deflate: false neither offers nor accepts', async () => {
  const { url } = await echo(false)
  const declined = await openSocket(url as string)
  expect(declined.extensions).toEqual([])
  await expectEchoes(declined)
  const on = await echo(true)
  const silent = await openSocket(on.url as string, { deflate: false })
  expect(silent.handshake.request.headers['sec-websocket-extensions']).toBeUndefined()
  await expectEchoes(silent)
})

/** A client that compresses by hand: one frame of text with RSV1 around the given bytes. */
async function sendsCompressed(payload: Uint8Array, first = 0xc1, deflate: DeflateOptions = {}) {
  const reported: unknown[] = []
  const server = await echo(deflate, reported)
  const foreign = new Foreign(server.url as string, { perMessageDeflate: { threshold: 1e9 } })
  await once(foreign, 'open')
  const key = Buffer.from([1, 2, 3, 4])
  const header = Buffer.alloc(payload.length < 126 ? 2 : 4)
  header[0] = first
  header[1] = 0x80 | (payload.length < 126 ? payload.length : 126)
  if (payload.length >= 126) header.writeUInt16BE(payload.length, 2)
  const masked = payload.map((byte, index) => byte ^ (key[index & 3] as number))
  ;(foreign as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.concat([header, key, masked]))
  const outcome = await Promise.race([
    once(foreign, 'close').then(([code, reason]) => ({ code, reason: String(reason) })),
    once(foreign, 'message').then(([data]) => ({ message: String(data) })),
  ])
  foreign.terminate()
  const next = await openSocket(server.url as string)
  await next.send('next')
  expect((await next[Symbol.asyncIterator]().next()).value).toBe('next')
  return { ...outcome, reported }
}

const deflated = (data: string | Uint8Array): Uint8Array =>
  deflateRawSync(data, { finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, -4)

describe('what a peer may send, and what it may not', () => {
  test('a message that ends its DEFLATE stream (BFINAL) is read: RFC 7692 §7.2.3.4', async () => {
    const final = Buffer.concat([deflateRawSync('Hello'), Buffer.from([0])])
    expect(await sendsCompressed(final)).toMatchObject({ message: 'Hello' })
  })

  test('the examples of RFC 7692 §7.2.3.1 and §7.2.3.3 are read', async () => {
    expect(await sendsCompressed(Buffer.from('f248cdc9c90700', 'hex'))).toMatchObject({ message: 'Hello' })
    expect(await sendsCompressed(Buffer.from('000500faff48656c6c6f00', 'hex'))).toMatchObject({ message: 'Hello' })
  })

  test('a bomb is stopped with 1009 while it is inflated, at once or by a thread', async () => {
    for (const size of [1_000_001, 20_000_000]) {
      const outcome = await sendsCompressed(deflated(new Uint8Array(size)))
      expect(outcome).toMatchObject({ code: 1009, reason: expect.stringContaining('maxMessage') })
    }
  })

  test('what is not DEFLATE is refused with 1007', async () => {
    expect(await sendsCompressed(new Uint8Array([7, 255, 255, 255]))).toMatchObject({ code: 1007 })
  })

  test('text that is not UTF-8 once inflated is refused with 1007', async () => {
    expect(await sendsCompressed(deflated(new Uint8Array([0x68, 0xff])))).toMatchObject({ code: 1007 })
  })

  test.each([
    ['RSV2', 0xa1],
    ['RSV3', 0x91],
    ['RSV1 on a ping', 0xc9],
    ['RSV1 on a continuation', 0xc0],
  ])('%s is refused with 1002', async (_name, first) => {
    expect(await sendsCompressed(deflated('x'), first)).toMatchObject({ code: 1002 })
  })
})

test('a message that compression would make bigger goes as it is', async () => {
  const { url } = await echo({ threshold: 0 })
  const socket = new Foreign(url as string)
  await once(socket, 'open')
  const noise = randomBytes(2000)
  const frames: number[] = []
  ;(socket as unknown as { _socket: NodeJS.ReadableStream })._socket.on('data', chunk => frames.push(chunk[0]))
  socket.send(noise, { compress: false })
  const [data] = await once(socket, 'message')
  expect(Buffer.compare(data, noise)).toBe(0)
  expect((frames[0] as number) & 0x40).toBe(0)
  socket.terminate()
})

test('a prepared message is compressed once, however many sockets it goes to', async () => {
  const sockets: ServerSocket[] = []
  const server = await serve({ port: 0, routes: { '/': { open: socket => sockets.push(socket as ServerSocket) } } })
  servers.push(server)
  const clients = await Promise.all(Array.from({ length: 20 }, () => openSocket(server.url as string)))
  const prepared = prepare(json(50))
  await Promise.all(sockets.map(socket => socket.send(prepared)))
  expect(prepared.deflated(15)?.length).toBeLessThan(json(50).length / 2)
  for (const client of clients) expect((await client[Symbol.asyncIterator]().next()).value).toBe(json(50))
})

describe('with a window of', () => {
  const sizes = [8, 9, 10, 11, 12, 13, 14, 15]

  test.each(sizes)('%i bits for what the server sends, a client of ws understands', async bits => {
    for (const serverNoContextTakeover of [true, false]) {
      const { url } = await echo({ serverNoContextTakeover, serverMaxWindowBits: bits, threshold: 0 })
      for (const path of ['/', '/prepared']) await expectForeignEchoes(`${url}${path}`, {})
      await expectForeignEchoes(url as string, { serverMaxWindowBits: bits })
    }
  })

  test.each(sizes)('%i bits for what the client sends, a client of ws is understood', async bits => {
    for (const clientNoContextTakeover of [true, false]) {
      const { url } = await echo({ clientNoContextTakeover, clientMaxWindowBits: bits, threshold: 0 })
      await expectForeignEchoes(url as string, {})
    }
  })

  test.each(sizes)('%i bits in either direction, a server of ws understands and is understood', async bits => {
    const takeover = { serverNoContextTakeover: false, clientNoContextTakeover: false, threshold: 0 }
    // ws refuses a client_max_window_bits of its own when the offer has a smaller one: it is left to the client here.
    const windows: [DeflateOptions, Foreign.PerMessageDeflateOptions][] = [
      [{ ...takeover, clientMaxWindowBits: bits }, {}],
      [takeover, { clientMaxWindowBits: bits }],
      [{ ...takeover, serverMaxWindowBits: bits }, {}],
      [{ serverMaxWindowBits: bits, clientMaxWindowBits: bits, threshold: 0 }, {}],
    ]
    for (const [ours, theirs] of windows) {
      const server = new WebSocketServer({ port: 0, perMessageDeflate: { threshold: 0, ...theirs } })
      servers.push({ close: () => server.close() })
      server.on('connection', socket =>
        socket.on('message', (data: Buffer, binary: boolean) => socket.send(data, { binary })),
      )
      const socket = await openSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { deflate: ours })
      expect(socket.extensions).toHaveLength(1)
      await expectEchoes(socket)
    }
  })
})

test('a compressed message in fragments, with pings between them, is read: RFC 7692 §6.1', async () => {
  for (const deflate of [{}, { clientNoContextTakeover: false }]) {
    const { url } = await echo(deflate)
    const socket = new Foreign(url as string, { perMessageDeflate: { threshold: 0 } })
    await once(socket, 'open')
    let pongs = 0
    socket.on('pong', () => pongs++)
    for (let round = 0; round < 3; round++) {
      const parts = [json(10), 'é€😀'.repeat(50), '', json(40)]
      for (const [i, part] of parts.entries()) {
        socket.send(part, { fin: i === parts.length - 1, compress: true })
        socket.ping('between')
      }
      const [data] = await once(socket, 'message')
      expect(String(data)).toBe(parts.join(''))
    }
    expect(pongs).toBe(12)
    socket.terminate()
  }
})

test('messages below the threshold, and those with compress: false, go as they are; others do not', async () => {
  const { url } = await echo({ threshold: 100 })
  for (const [path, text, rsv1] of [
    ['/', 'x'.repeat(99), false],
    ['/', 'x'.repeat(100), true],
    ['/prepared', 'x'.repeat(99), false],
    ['/prepared', 'x'.repeat(100), true],
    ['/plain', 'x'.repeat(100), false],
    ['/plain', 'x'.repeat(100_000), false],
  ] as const) {
    const socket = new Foreign(`${url}${path}`)
    await once(socket, 'open')
    const seen = once((socket as unknown as { _socket: NodeJS.ReadableStream })._socket, 'data')
    socket.send(text)
    expect(String((await once(socket, 'message'))[0])).toBe(text)
    expect(((await seen)[0][0] & 0x40) !== 0).toBe(rsv1)
    socket.terminate()
  }
})

describe('a server that a client meets', () => {
  /** What becomes of a client that is sent one frame of text with RSV1 around the payload. */
  async function receivesCompressed(payload: Uint8Array, maxMessage: number) {
    const server = new WebSocketServer({ port: 0, perMessageDeflate: true })
    servers.push({ close: () => server.close() })
    server.on('connection', foreign => {
      const header = Buffer.alloc(10)
      header.writeUInt16BE(0xc17f, 0)
      header.writeUInt32BE(payload.length, 6)
      const short = Buffer.from([0xc1, payload.length])
      const long = Buffer.from([0xc1, 126, payload.length >> 8, payload.length])
      const head = payload.length < 126 ? short : payload.length < 65_536 ? long : header
      ;(foreign as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.concat([head, payload]))
    })
    const { port } = server.address() as AddressInfo
    const socket = await openSocket(`ws://127.0.0.1:${port}`, { maxMessage })
    const { value } = await socket[Symbol.asyncIterator]().next()
    if (value !== undefined) return { value }
    const { code, error } = await socket.closed
    return { code, error: (error as { code?: string }).code }
  }

  test('is read, and refused with 1009 for a bomb and with 1007 for what is not DEFLATE', async () => {
    const bomb = deflated(new Uint8Array(3_000_000))
    expect(await receivesCompressed(deflated('hello'), 100)).toEqual({ value: 'hello' })
    expect(await receivesCompressed(bomb, 10_000)).toEqual({ code: 1009, error: 'ERR_LIMIT' })
    expect(await receivesCompressed(bomb, 2_999_999)).toEqual({ code: 1009, error: 'ERR_LIMIT' })
    expect(await receivesCompressed(deflated(new Uint8Array(30_000_000)), 2_999_999)).toMatchObject({ code: 1009 })
    expect(await receivesCompressed(new Uint8Array([7, 255, 255, 255]), 100)).toMatchObject({ code: 1007 })
    expect(await receivesCompressed(deflated(json(20)).subarray(0, 100), 10_000)).toMatchObject({ code: 1007 })
  })
})

test('beyond deflateBudget, new lines open without the takeover of clients, which could not be forgotten', async () => {
  const takeover = { serverNoContextTakeover: false, clientNoContextTakeover: false }
  const server = await serve({
    port: 0,
    deflate: takeover,
    deflateBudget: 40_000,
    routes: { '/': { message: (socket, message) => socket.send(message) } },
  })
  servers.push(server)
  const first = await openSocket(server.url as string)
  expect(first.handshake.response.headers['sec-websocket-extensions']).toBe('permessage-deflate')
  const second = await openSocket(server.url as string)
  const answer = 'permessage-deflate; client_no_context_takeover'
  expect(second.handshake.response.headers['sec-websocket-extensions']).toBe(answer)
  for (const socket of [first, second, first, second]) {
    await socket.send(json(100))
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe(json(100))
  }
  await first.close()
  const third = await openSocket(server.url as string)
  expect(third.handshake.response.headers['sec-websocket-extensions']).toBe('permessage-deflate')
})
