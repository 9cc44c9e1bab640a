import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { attach, serve } from '../../src/server/index.ts'
import { gate } from '../connection/support.ts'
import { certificate } from '../support/certificate.ts'
import { Log, within } from '../support/deadline.ts'
import { RawClient, requestText } from '../support/raw.ts'
import { listening, never } from './support.ts'

const quiet = { open() {} }

/** Milliseconds that a close took. */
async function timed<T>(closing: Promise<T>): Promise<[result: T, ms: number]> {
  const start = performance.now()
  const result = await within('the close', closing)
  return [result, performance.now() - start]
}

describe('close()', () => {
  test('closes every line with 1001, stops to listen, and reports', async () => {
    const it = await listening({ routes: { '/': quiet } })
    const sockets = await Promise.all([openSocket(it.url), openSocket(it.url), openSocket(it.url)])
    const [report, ms] = await timed(it.server.close())
    expect(report).toMatchObject({ closed: 3, terminated: 0 })
    expect(ms).toBeLessThan(1500)
    for (const socket of sockets)
      expect(await socket.closed).toMatchObject({ code: 1001, reason: 'the server is closing', clean: true })
    expect(it.server.sockets.size).toBe(0)
    expect(it.server.url).toBeUndefined()
    await expect(openSocket(it.url)).rejects.toMatchObject({ code: 'ERR_CONNECT' })
  })

  test('gives the same promise when it is called again, and says that it drains', async () => {
    const { server } = await listening({ routes: { '/': quiet } })
    expect(server.draining).toBe(false)
    const first = server.close()
    expect(server.draining).toBe(true)
    expect(server.close({ within: 5 })).toBe(first)
    expect(await first).toMatchObject({ closed: 0, terminated: 0 })
  })

  test('lets the handlers that work finish, and what they send arrive', async () => {
    const working = gate()
    const asked = new Log<unknown>()
    const told: unknown[] = []
    const { server, url } = await listening({
      routes: {
        '/': {
          message: async (socket, message) => {
            asked.push(message)
            await working.promise
            await socket.send(`answer to ${message}`)
          },
          close: async (_socket, { code }) => {
            await new Promise(setImmediate)
            told.push(code)
          },
        },
      },
    })
    const socket = await openSocket(url)
    await socket.send('one')
    await socket.send('two')
    await asked.until('a message', all => all.length === 1)
    const closing = server.close()
    await new Promise(setImmediate)
    expect(socket.state).toBe('open')
    working.open()
    const answers: unknown[] = []
    for await (const message of socket) answers.push(message)
    expect(answers).toEqual(['answer to one', 'answer to two'])
    expect(await socket.closed).toMatchObject({ code: 1001, clean: true })
    expect(await closing).toMatchObject({ closed: 1, terminated: 0 })
    expect(told).toEqual([1001])
  })

  test('lets a function finish what it works on, and does not wait for one that waits', async () => {
    const working = gate()
    const asked = new Log<unknown>()
    const ends: string[] = []
    const { server, url } = await listening({
      routes: {
        '/': async socket => {
          for await (const message of socket) {
            asked.push(message)
            await working.promise
            await socket.send('done')
          }
          ends.push(socket.state)
        },
      },
    })
    const busy = await openSocket(url)
    const idle = await openSocket(url)
    await busy.send('work')
    await asked.until('the message', all => all.length === 1)
    const closing = server.close()
    expect(await within('the idle one', idle.closed)).toMatchObject({ code: 1001, clean: true })
    expect(busy.state).toBe('open')
    working.open()
    expect(await closing).toMatchObject({ closed: 2, terminated: 0 })
    expect(ends).toHaveLength(2)
  })

  test('does not wait for a handler that is stuck: its line closes before the end', async () => {
    const asked = new Log<unknown>()
    const { server, url } = await listening({
      routes: {
        '/': {
          message: () => {
            asked.push(1)
            return never()
          },
        },
      },
    })
    const socket = await openSocket(url)
    await socket.send('x')
    await asked.until('the message', all => all.length === 1)
    const [report, ms] = await timed(server.close({ within: 400 }))
    expect(report).toMatchObject({ closed: 1, terminated: 0 })
    expect(ms).toBeLessThan(1400)
    expect(await socket.closed).toMatchObject({ code: 1001, clean: true })
  })

  test('does not wait for a handler that is stuck while much waits for it', async () => {
    const asked = new Log<unknown>()
    const { server, url } = await listening({
      highMark: 1000,
      routes: {
        '/': {
          message: () => {
            asked.push(1)
            return never()
          },
        },
      },
    })
    const socket = await openSocket(url)
    for (let sent = 0; sent < 1000; sent++) await socket.send('x'.repeat(100))
    await asked.until('the message', all => all.length === 1)
    const [report, ms] = await timed(server.close({ within: 2000 }))
    expect(report).toMatchObject({ closed: 1, terminated: 0 })
    expect(ms).toBeLessThan(1990)
  })

  test('cuts a peer that does not answer the close, and reports it', async () => {
    const { server, port } = await listening({ routes: { '/': quiet } })
    using client = await RawClient.open(port)
    const [report, ms] = await timed(server.close({ within: 200 }))
    expect(report).toMatchObject({ closed: 0, terminated: 1 })
    expect(ms).toBeGreaterThan(150)
    expect(ms).toBeLessThan(1200)
    expect(await client.close()).toEqual([1001, 'the server is closing'])
    await client.ended()
  })

  test('within 0 cuts at once', async () => {
    const { server, port } = await listening({ routes: { '/': quiet } })
    using client = await RawClient.open(port)
    const [, ms] = await timed(server.close({ within: 0 }))
    expect(ms).toBeLessThan(1000)
    await client.ended()
  })

  test.each([{ within: -1 }, { within: '5' }, { within: Number.NaN }, { whitin: 5 }])(
    'refuses %j by name',
    async options => {
      await using it = await listening({ routes: { '/': quiet } })
      expect(() => it.server.close(options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_USAGE', option: Object.keys(options)[0] }),
      )
      expect(it.server.draining).toBe(false)
    },
  )

  test('answers whoever is being decided on with 503, at once', async () => {
    const asked = new Log<AbortSignal>()
    const { server, port } = await listening({
      routes: {
        '/': {
          authorize: request => {
            asked.push(request.signal)
            return never(request.signal)
          },
        },
      },
    })
    using client = await RawClient.ask(port)
    await asked.until('the request', all => all.length === 1)
    const [report, ms] = await timed(server.close({ within: 5000 }))
    expect(ms).toBeLessThan(2500)
    expect(report).toMatchObject({ closed: 0, terminated: 0 })
    expect(await client.refusal()).toMatchObject({ status: 503, body: 'the server is closing\n' })
    expect(asked.all[0]?.aborted).toBe(true)
  })

  test('answers a request on a connection that is open already with 503', async () => {
    const working = gate()
    const asked = new Log<unknown>()
    const message = (): Promise<void> => {
      asked.push(1)
      return working.promise
    }
    const { server, url, port } = await listening({ routes: { '/': { message } } })
    using late = await RawClient.connect(port)
    late.write('GET / HT')
    const socket = await openSocket(url)
    await socket.send('x')
    await asked.until('the message', all => all.length === 1)
    const closing = server.close()
    late.write(requestText().slice('GET / HT'.length))
    expect(await late.refusal()).toMatchObject({ status: 503, body: 'the server is closing\n' })
    working.open()
    expect(await closing).toMatchObject({ closed: 1, terminated: 0 })
  })

  const lingerers = {
    'has sent nothing': async port => RawClient.connect(port),
    'has sent half a request': async port => {
      const client = await RawClient.connect(port)
      client.write('GET / HTTP/1.1\r\nHost: x\r\n')
      return client
    },
    'was refused and stays': async port => {
      const client = await RawClient.ask(port, { path: '/other' })
      await client.answer()
      return client
    },
    'was accepted to be closed, and does not answer': async port => {
      const client = await RawClient.ask(port, { path: '/closed' })
      await client.close()
      return client
    },
    'asked for another protocol': async port => {
      const client = await RawClient.ask(port, { headers: { Upgrade: 'h2c' } })
      await client.answer()
      return client
    },
  } satisfies Record<string, (port: number) => Promise<RawClient>>
  test.each(Object.entries(lingerers))(
    'does not wait longer than it may for a client that %s',
    async (_name, linger) => {
      const { server, port } = await listening({
        routes: { '/': quiet, '/closed': { authorize: () => false, refuseBy: 'close' } },
      })
      using client = await linger(port)
      const [, ms] = await timed(server.close({ within: 300 }))
      expect(ms).toBeLessThan(1300)
      await client.ended()
    },
  )

  test('does not wait longer than it may for a client that is in the middle of TLS', async () => {
    const tls = await certificate()
    const { server, port } = await listening({ routes: { '/': quiet }, tls })
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(Buffer.from([0x16, 0x03, 0x01]))
    const gone = once(socket, 'close')
    const [, ms] = await timed(server.close({ within: 300 }))
    expect(ms).toBeLessThan(1300)
    await within('the end', gone)
  })

  test('lets an HTTP answer that is under way be finished', async () => {
    const working = gate()
    const asked = new Log<unknown>()
    const { server, port } = await listening({
      routes: { '/': quiet },
      request: async (_request, response) => {
        response.write('first ')
        asked.push(1)
        await working.promise
        response.end('last')
      },
    })
    const answered = new Promise<string>((resolve, reject) => {
      httpRequest({ port, host: '127.0.0.1' }, response => resolve(text(response)))
        .on('error', reject)
        .end()
    })
    await asked.until('the request', all => all.length === 1)
    const closing = server.close({ within: 5000 })
    await new Promise(setImmediate)
    working.open()
    expect(await within('the answer', answered)).toBe('first last')
    const [, ms] = await timed(closing)
    expect(ms).toBeLessThan(2000)
  })

  test.each(['ws', 'wss'])('lets an HTTP answer be written to its end: %s', async scheme => {
    const size = 16 << 20
    const secure = scheme === 'wss' ? { tls: await certificate() } : {}
    const { server, port } = await listening({
      routes: { '/': quiet },
      ...secure,
      request: (_request, response) => void response.end(Buffer.alloc(size)),
    })
    const get = scheme === 'wss' ? httpsRequest : httpRequest
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ port, host: '127.0.0.1', rejectUnauthorized: false }, resolve).on('error', reject).end()
    })
    // All is given to Node by now, and more than the system takes is not read yet.
    const closing = server.close({ within: 8000 })
    await new Promise(setImmediate)
    let got = 0
    for await (const chunk of response) got += (chunk as Buffer).length
    expect(got).toBe(size)
    const [, ms] = await timed(closing)
    expect(ms).toBeLessThan(4000)
  })

  test('is what `await using` does', async () => {
    let server: Awaited<ReturnType<typeof serve>> | undefined
    {
      await using using_ = await serve({ port: 0, routes: { '/': quiet } })
      server = using_
    }
    expect(server.draining).toBe(true)
    expect(server.url).toBeUndefined()
  })
})

test('terminate() cuts everything at once', async () => {
  const { server, url, port } = await listening({ routes: { '/': quiet } })
  const socket = await openSocket(url)
  using client = await RawClient.connect(port)
  server.terminate()
  expect(await within('the end', socket.closed)).toMatchObject({ code: 1006, clean: false })
  await client.ended()
  expect(await server.close()).toMatchObject({ closed: 0, terminated: 1 })
})

describe('the sockets of a server', () => {
  test('are those that are open', async () => {
    const opened = new Log<unknown>()
    await using it = await listening({ routes: { '/': { open: socket => opened.push(socket) } } })
    const first = await openSocket(it.url)
    const second = await openSocket(it.url)
    await opened.until('two', all => all.length === 2)
    expect([...it.server.sockets]).toEqual(opened.all)
    await first.close()
    const [gone] = opened.all as { closed: Promise<unknown> }[]
    await gone?.closed
    expect(it.server.sockets.size).toBe(1)
    await second.close()
  })
})

describe('the drain of a server that is attached', () => {
  test('answers new requests with 503, then lets the HTTP server have them again', async () => {
    const http = createServer((_request, response) => response.end('page'))
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    const working = gate()
    const asked = new Log<unknown>()
    const message = (): Promise<void> => {
      asked.push(1)
      return working.promise
    }
    const server = attach(http, { routes: { '/': { message } } })
    const socket = await openSocket(`ws://127.0.0.1:${port}`)
    await socket.send('x')
    await asked.until('the message', all => all.length === 1)
    const closing = server.close()
    using during = await RawClient.ask(port)
    expect(await during.refusal()).toMatchObject({ status: 503, body: 'the server is closing\n' })
    working.open()
    expect(await closing).toMatchObject({ closed: 1, terminated: 0 })
    expect(http.listening).toBe(true)
    expect(http.listenerCount('upgrade')).toBe(0)
    using after = await RawClient.ask(port)
    expect((await after.answer()).status).toBe(200)
    http.close()
    http.closeAllConnections()
  })
})
