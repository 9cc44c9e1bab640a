import { describe, expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { ClosedError, prepare, refuse, route, type ServerSocket, serve } from '../../src/server/index.ts'
import { gate, settle } from '../connection/support.ts'
import { fromPeer } from '../protocol/support.ts'
import { Log, within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'
import { listening, never } from './support.ts'

describe('a route of handlers', () => {
  test('is told of the opening, of each message in order, and of the close', async () => {
    const told = new Log<unknown>()
    await using it = await listening({
      routes: {
        '/chat/:room': {
          open: socket => void told.push(['open', socket.params.room]),
          message: (_socket, message) => void told.push(message),
          close: (_socket, { code, reason, clean }) => void told.push(['close', code, reason, clean]),
        },
      },
    })
    const socket = await openSocket(`${it.url}/chat/lobby`)
    await socket.send('one')
    await socket.send(new Uint8Array([2]))
    await socket.close(4000, 'bye')
    await told.until('four events', all => all.length === 4)
    expect(told.all).toEqual([['open', 'lobby'], 'one', new Uint8Array([2]), ['close', 4000, 'bye', true]])
  })

  test('gets no message before its open has settled, and none is lost', async () => {
    const opening = gate()
    const told = new Log<unknown>()
    await using it = await listening({
      routes: {
        '/': {
          open: () => opening.promise.then(() => told.push('opened')),
          message: (_socket, message) => void told.push(message),
        },
      },
    })
    using client = await RawClient.ask(it.port, {}, '81 01 41 | 81 01 42')
    await client.answer()
    client.send('81 01 43 | 89 00')
    await client.frames(1)
    expect(told.all).toEqual([])
    opening.open()
    await told.until('all', all => all.length === 4)
    expect(told.all).toEqual(['opened', 'A', 'B', 'C'])
  })

  test('is not overrun by what comes right behind the request: reading pauses from the first byte on', async () => {
    await using it = await listening({ highMark: 1000, routes: { '/': { message: () => never() } } })
    using client = await RawClient.ask(it.port, {}, Array(100).fill('81 01 41').join('|'))
    await client.answer()
    const chunk = fromPeer('server', Array(1000).fill('81 01 41').join('|'))
    let written = 0
    while (client.socket.writableLength < 1_000_000 && written < 50_000_000) {
      for (let count = 0; count < 20; count++) client.socket.write(chunk)
      written += 20 * chunk.length
      await new Promise(setImmediate)
    }
    expect(client.socket.writableLength).toBeGreaterThan(0)
    expect(written).toBeLessThan(50_000_000)
  })

  test('handles one message after the other for each socket, and the sockets side by side', async () => {
    const gates = new Log<{ socket: ServerSocket; open: () => void }>()
    await using it = await listening({
      routes: {
        '/': {
          message: socket => {
            const { promise, open } = gate()
            gates.push({ socket, open })
            return promise
          },
        },
      },
    })
    const [one, other] = await Promise.all([openSocket(it.url), openSocket(it.url)])
    for (const socket of [one, other]) {
      await socket.send('a')
      await socket.send('b')
    }
    await gates.until('a message of each', all => all.length === 2)
    expect(new Set(gates.all.map(({ socket }) => socket)).size).toBe(2)
    gates.all[0]?.open()
    await gates.until('the next', all => all.length === 3)
    expect(gates.all[2]?.socket).toBe(gates.all[0]?.socket)
    for (const { open } of gates.all) open()
    await gates.until('the last', all => all.length === 4)
    for (const { open } of gates.all) open()
  })

  test('is told of the close when all messages before have been handled, also when the line was cut', async () => {
    const told = new Log<unknown>()
    await using it = await listening({
      routes: {
        '/': {
          message: async (_socket, message) => {
            await new Promise(setImmediate)
            told.push(message)
          },
          close: (_socket, { code }) => void told.push(code),
        },
      },
    })
    using client = await RawClient.open(it.port)
    client.send('81 01 41 | 81 01 42 | 81 01 43')
    client.socket.end()
    await told.until('the close', all => all.length === 4)
    expect(told.all).toEqual(['A', 'B', 'C', 1006])
  })

  test('loses nothing that a peer has sent before it hung up, however slow it is', async () => {
    for (const close of ['88 02 0f a0', '']) {
      const told = new Log<unknown>()
      let seen = 0
      await using it = await listening({
        highMark: 1000,
        routes: {
          '/': {
            message: async () => {
              seen++
              if (seen % 10 === 0) await new Promise(setImmediate)
              else await undefined
            },
            close: (_socket, { code, clean }) => void told.push([code, clean]),
          },
        },
      })
      using client = await RawClient.open(it.port)
      client.send([...Array(5000).fill('82 14 00*20'), ...(close === '' ? [] : [close])].join('|'))
      client.socket.end()
      await told.until('the close', all => all.length === 1)
      expect(seen).toBe(5000)
      expect(told.all).toEqual([close === '' ? [1006, false] : [4000, true]])
    }
  })

  test('needs none of its handlers', async () => {
    await using it = await listening({ routes: { '/': {} } })
    const socket = await openSocket(it.url)
    await socket.send('nobody takes it')
    expect(await socket.ping()).toBeGreaterThanOrEqual(0)
    expect(await socket.close()).toMatchObject({ code: 1000, clean: true })
  })

  const failures = {
    'open, at once': { open: fail },
    'open, later': { open: failLater },
    'message, at once': { message: fail },
    'message, later': { message: failLater },
    'close, at once': { close: fail },
    'close, later': { close: failLater },
  }
  test.each(Object.entries(failures))(
    'that fails in %s closes its own line with 1011, reported once with its place',
    async (name, handlers) => {
      const [phase] = name.split(',') as ['open' | 'message' | 'close']
      await using it = await listening({
        routes: { '/': handlers, '/other': { message: (socket, message) => socket.send(message) } },
      })
      const other = await openSocket(`${it.url}/other`)
      const socket = await openSocket(it.url)
      if (phase === 'message') for (const text of ['a', 'b', 'c']) socket.send(text)
      if (phase === 'close') socket.close()
      const { code, clean } = await within('the close', socket.closed)
      expect([code, clean]).toEqual([phase === 'close' ? 1000 : 1011, true])
      while (it.reported.length === 0) await new Promise(setImmediate)
      await settle()
      expect(it.reported).toEqual([[new Error('handler'), phase]])
      await other.send('still served')
      expect((await other[Symbol.asyncIterator]().next()).value).toBe('still served')
      await other.close()
    },
  )

  test('whose report fails too does not end the process, and still closes its line', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown): unknown => unhandled.push(error)
    process.on('unhandledRejection', note).on('uncaughtException', note)
    const printed: unknown[] = []
    const { error } = console
    console.error = (...words: unknown[]) => void printed.push(words)
    for (const report of [
      () => {
        throw new Error('report')
      },
      () => Promise.reject(new Error('report')),
    ]) {
      await using server = await serve({ port: 0, report: report as () => never, routes: { '/': { message: fail } } })
      const socket = await openSocket(server.url as string)
      await socket.send('x')
      expect(await within('the close', socket.closed)).toMatchObject({ code: 1011, clean: true })
    }
    await new Promise(setImmediate)
    console.error = error
    process.off('unhandledRejection', note).off('uncaughtException', note)
    expect(unhandled).toEqual([])
    expect(printed).toHaveLength(2)
  })

  test('is not blamed for a send to a line that has gone', async () => {
    const going = gate()
    const done = new Log<unknown>()
    await using it = await listening({
      routes: {
        '/': {
          message: async socket => {
            await going.promise
            try {
              await socket.send('late')
            } catch (error) {
              done.push(error)
              throw error
            }
          },
        },
      },
    })
    using client = await RawClient.open(it.port)
    client.send('81 01 41')
    while (it.server.sockets.size === 0) await new Promise(setImmediate)
    const [socket] = it.server.sockets
    client.socket.destroy()
    await socket?.closed
    going.open()
    await done.until('the error', all => all.length === 1)
    await settle()
    expect(done.all[0]).toBeInstanceOf(ClosedError)
    expect(it.reported).toEqual([])
  })
})

function fail(): never {
  throw new Error('handler')
}

async function failLater(): Promise<never> {
  await new Promise(setImmediate)
  throw new Error('handler')
}

describe('a route that is a function', () => {
  test('reads with for await, and its line closes with 1000 when it returns', async () => {
    await using it = await listening({
      routes: {
        '/echo/:times': async socket => {
          let left = Number(socket.params.times)
          for await (const message of socket) {
            await socket.send(message)
            if (--left === 0) break
          }
        },
      },
    })
    const socket = await openSocket(`${it.url}/echo/2`)
    for (const text of ['a', 'b', 'c']) socket.send(text)
    const answers: unknown[] = []
    for await (const message of socket) answers.push(message)
    expect(answers).toEqual(['a', 'b'])
    expect(await socket.closed).toMatchObject({ code: 1000, clean: true })
  })

  test('may push without reading, slowed down by the peer', async () => {
    let sent = 0
    await using it = await listening({
      highMark: 100_000,
      routes: {
        '/': async socket => {
          for (; sent < 1000; sent++) await socket.send(new Uint8Array(100_000))
        },
      },
    })
    // A client that does not read its messages does not read its wire either.
    const client = await openSocket(it.url)
    const [socket] = it.server.sockets
    let before = -1
    while (before !== sent) {
      before = sent
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    }
    expect(sent).toBeLessThan(500)
    expect(socket?.bufferedAmount).toBeGreaterThan(0)
    expect(socket?.bufferedAmount).toBeLessThan(400_000)
    let received = 0
    for await (const message of client) received += message.length
    expect(received).toBe(100_000_000)
    expect(await client.closed).toMatchObject({ code: 1000, clean: true })
  })

  test('may stand beside authorize, and has its data', async () => {
    await using it = await listening({
      routes: {
        '/:room': route({
          authorize: request => request.headers['x-name'] ?? refuse(401),
          run: async socket => {
            for await (const message of socket)
              await socket.send(`${socket.data} in ${socket.params['room']}: ${message}`)
          },
        }),
      },
    })
    const socket = await openSocket(`${it.url}/lobby`, { headers: { 'X-Name': 'Ada' } })
    await socket.send('hello')
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe('Ada in lobby: hello')
    await socket.close()
    await expect(openSocket(`${it.url}/lobby`)).rejects.toMatchObject({ status: 401 })
  })

  test.each([
    ['throws at once', fail as () => Promise<never>],
    ['rejects', failLater],
  ])('that %s closes its line with 1011, reported once', async (_name, run) => {
    await using it = await listening({ routes: { '/': run } })
    const socket = await openSocket(it.url)
    expect(await within('the close', socket.closed)).toMatchObject({
      code: 1011,
      reason: 'the handler failed',
      clean: true,
    })
    expect(it.reported).toEqual([[new Error('handler'), 'route']])
  })

  test('that returns nothing closes its line at once', async () => {
    await using it = await listening({ routes: { '/': (() => {}) as never } })
    const socket = await openSocket(it.url)
    expect(await within('the close', socket.closed)).toMatchObject({ code: 1000, clean: true })
  })

  test('learns by the signal that its line has gone', async () => {
    const ends = new Log<unknown>()
    await using it = await listening({
      routes: {
        '/': async socket => {
          await never(socket.signal).catch(error => ends.push(error))
        },
      },
    })
    using client = await RawClient.open(it.port)
    client.socket.destroy()
    await ends.until('the signal', all => all.length === 1)
    expect(ends.all[0]).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1006 })
    expect(it.reported).toEqual([])
  })
})

describe('limits', () => {
  test('of a route go before those of the server', async () => {
    await using it = await listening({
      maxMessage: 10,
      routes: {
        '/small': { maxMessage: 5 },
        '/usual': {},
        '/large': { maxMessage: 1000 },
        '/function': async s => void (await s.closed),
      },
    })
    for (const [path, fits] of [
      ['/small', 5],
      ['/usual', 10],
      ['/large', 1000],
      ['/function', 10],
    ] as const) {
      using client = await RawClient.open(it.port, { path })
      client.write(Buffer.concat([frameOf(fits), frameOf(fits + 1)]))
      expect((await client.close())[0]).toBe(1009)
    }
  })

  test('of the heartbeat close a line whose peer does not answer', async () => {
    const closed = new Log<unknown>()
    await using it = await listening({
      routes: {
        '/': { heartbeat: { interval: 40, timeout: 40 }, close: (_socket, result) => void closed.push(result) },
      },
    })
    using client = await RawClient.open(it.port)
    await client.frames(1)
    expect(client.told[0]).toEqual(['ping', '00 00 00 01'])
    await closed.until('the close', all => all.length === 1)
    expect(closed.all[0]).toMatchObject({ code: 1006, error: { limit: { option: 'heartbeat.timeout', value: 40 } } })
  })

  test('of idle time close a line with 1008', async () => {
    await using it = await listening({ idleTimeout: 50, routes: { '/': {} } })
    using client = await RawClient.open(it.port)
    expect(await client.close()).toEqual([1008, 'no message for too long (idleTimeout: 50)'])
  })
})

/** A masked binary frame of so many zeros. */
function frameOf(size: number): Buffer {
  const header = size < 126 ? [0x82, 0x80 | size] : [0x82, 0x80 | 126, size >> 8, size & 255]
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), Buffer.alloc(size)])
}

test('a prepared message is sent to every socket of a server', async () => {
  await using it = await listening({ routes: { '/': {} } })
  const sockets = await Promise.all([openSocket(it.url), openSocket(it.url)])
  const news = prepare('news €')
  for (const socket of it.server.sockets) socket.send(news)
  for (const socket of sockets) {
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe('news €')
    await socket.close()
  }
})

test('a socket tells who and what it is', async () => {
  const opened = new Log<ServerSocket>()
  await using it = await listening({
    protocols: ['chat'],
    routes: { '/:room': { open: socket => void opened.push(socket as ServerSocket) } },
  })
  const client = await openSocket(`${it.url}/lobby?x=1`, { protocols: ['chat'], headers: { 'X-Mine': '1' } })
  await opened.until('the socket', all => all.length === 1)
  const [socket] = opened.all
  expect(socket).toMatchObject({
    protocol: 'chat',
    extensions: [{ name: 'permessage-deflate' }],
    state: 'open',
    remoteAddress: '127.0.0.1',
  })
  expect(socket?.request.url.search).toBe('?x=1')
  expect(socket?.request.headers['x-mine']).toBe('1')
  expect(socket?.request).not.toHaveProperty('raw')
  await client.close()
})
