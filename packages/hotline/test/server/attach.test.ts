import { once } from 'node:events'
import { createServer, type Server as HttpServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { createSecureServer, connect as http2Connect } from 'node:http2'
import { createServer as createSecureHttpServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { openSocket } from '../../src/client/index.ts'
import { attach } from '../../src/server/index.ts'
import { certificate } from '../support/certificate.ts'
import { Log, within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'

const echo = {
  message: (socket: { send(data: string | Uint8Array): unknown }, message: string | Uint8Array) => socket.send(message),
}

/** An HTTP server of the application, which says what it was asked for. */
async function application(
  http: HttpServer | ReturnType<typeof createSecureHttpServer> = createServer((request, response) => {
    response.end(`${request.method} ${request.url} ${request.headers.upgrade ?? ''}`.trim())
  }),
) {
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return {
    http,
    port,
    async [Symbol.asyncDispose]() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}

/** The first message of a socket. */
const first = async (socket: AsyncIterable<string | Uint8Array>): Promise<string | Uint8Array | undefined> =>
  (await within('a message', socket[Symbol.asyncIterator]().next())).value

describe('attach() beside the requests of an application', () => {
  test('takes its routes, and leaves every other request alone', async () => {
    await using app = await application()
    const server = attach(app.http, { routes: { '/echo': echo } })
    expect(server.url).toBe(`ws://127.0.0.1:${app.port}`)
    expect(server.http).toBe(app.http)
    const socket = await openSocket(`${server.url}/echo`)
    await socket.send('hello')
    expect(await first(socket)).toBe('hello')
    const got = await fetch(`http://127.0.0.1:${app.port}/page`)
    expect([got.status, await got.text()]).toEqual([200, 'GET /page'])
    const posted = await fetch(`http://127.0.0.1:${app.port}/echo`, { method: 'POST', body: 'x' })
    expect(await posted.text()).toBe('POST /echo')
    await server.close()
  })

  test('answers an upgrade to a path that is no route with 404 when nobody else listens', async () => {
    await using app = await application()
    const server = attach(app.http, { routes: { '/echo': echo } })
    using client = await RawClient.ask(app.port, { path: '/other' })
    expect((await client.refusal()).status).toBe(404)
    await server.close()
  })

  test.each(['h2c', 'h2c, foo', 'TLS/1.2'])(
    'hands a request that offers to upgrade to %s back to the application',
    async upgrade => {
      await using app = await application()
      const server = attach(app.http, { routes: { '/echo': echo } })
      using client = await RawClient.ask(app.port, {
        path: '/page',
        headers: { Upgrade: upgrade, 'HTTP2-Settings': 'x' },
      })
      expect(await client.refusal()).toMatchObject({
        status: 200,
        headers: { connection: 'close' },
        body: `GET /page ${upgrade}`,
      })
      await server.close()
    },
  )

  test('a request that is handed back may be answered late, and its client may go before', async () => {
    const asked = new Log<IncomingMessage>()
    await using app = await application(
      createServer(async (request, response) => {
        asked.push(request)
        await new Promise(setImmediate)
        response.end('late')
      }),
    )
    const server = attach(app.http, { routes: { '/echo': echo } })
    using gone = await RawClient.ask(app.port, { headers: { Upgrade: 'h2c' } })
    await asked.until('a request', all => all.length === 1)
    gone.socket.resetAndDestroy()
    using client = await RawClient.ask(app.port, { headers: { Upgrade: 'h2c' } })
    expect((await client.refusal()).body).toBe('late')
    await server.close()
  })

  test('a request without a token `upgrade` in Connection is an ordinary one', async () => {
    await using app = await application()
    const server = attach(app.http, { routes: { '/echo': echo } })
    using client = await RawClient.ask(app.port, { path: '/echo', headers: { Connection: 'close' } })
    expect((await client.refusal()).body).toBe('GET /echo websocket')
    await server.close()
  })

  test('attaching and closing a hundred times leaves no listener behind', async () => {
    await using app = await application()
    const events = app.http.eventNames().map(name => [name, app.http.listenerCount(name as 'upgrade')])
    for (let count = 0; count < 100; count++) await attach(app.http, { routes: { '/echo': echo } }).close()
    expect(app.http.eventNames().map(name => [name, app.http.listenerCount(name as 'upgrade')])).toEqual(events)
  })

  test('when it is closed its sockets end, and the HTTP server goes on', async () => {
    await using app = await application()
    const server = attach(app.http, { routes: { '/echo': echo } })
    const socket = await openSocket(`${server.url}/echo`)
    expect(await server.close()).toMatchObject({ closed: 1, terminated: 0 })
    expect(await socket.closed).toMatchObject({ code: 1001, clean: true })
    expect(app.http.listening).toBe(true)
    expect(await (await fetch(`http://127.0.0.1:${app.port}/page`)).text()).toBe('GET /page')
    using client = await RawClient.ask(app.port, { path: '/echo' })
    expect((await client.answer()).status).toBe(200)
  })

  test('can be attached before the server listens', async () => {
    const http = createServer()
    const server = attach(http, { routes: { '/echo': echo } })
    expect([server.url, server.port]).toEqual([undefined, undefined])
    await using app = await application(http)
    expect(server.port).toBe(app.port)
    const socket = await openSocket(`${server.url}/echo`)
    await socket.close()
    await server.close()
  })

  test('refuses unknown options by name, and those of serve()', async () => {
    const http = createServer()
    for (const option of ['port', 'host', 'tls', 'request', 'headersTimeout', 'signal', 'maxMesage'])
      expect(() => attach(http, { routes: {}, [option]: undefined as never })).toThrow(
        expect.objectContaining({ code: 'ERR_USAGE', option }),
      )
    expect(http.listenerCount('upgrade')).toBe(0)
  })
})

describe('attach() beside other WebSocket servers', () => {
  test('each takes its own paths: two of hotline, and one of ws', async () => {
    await using app = await application()
    const one = attach(app.http, { routes: { '/one': { open: socket => void socket.send('one') } } })
    const two = attach(app.http, { routes: { '/two': { open: socket => void socket.send('two') } } })
    const ws = new WebSocketServer({ noServer: true })
    app.http.on('upgrade', (request, socket, head) => {
      if (request.url === '/ws') ws.handleUpgrade(request, socket, head, opened => opened.send('ws'))
    })
    for (const path of ['one', 'two', 'ws']) {
      const socket = await openSocket(`${one.url}/${path}`)
      expect(await first(socket)).toBe(path)
      await socket.close()
    }
    await Promise.all([one.close(), two.close()])
    ws.close()
  })

  test('another listener has a request untouched, with what came behind it', async () => {
    await using app = await application()
    const server = attach(app.http, { routes: { '/echo': echo } })
    const seen = new Log<string>()
    app.http.on('upgrade', (request, socket, head) => {
      if (request.url !== '/raw') return
      seen.push(head.toString())
      socket.on('data', chunk => seen.push(String(chunk))).on('end', () => socket.end())
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    })
    using client = await RawClient.connect(app.port)
    const { requestText } = await import('../support/raw.ts')
    client.write(`${requestText({ path: '/raw', headers: { Upgrade: 'chat' } })}early`)
    await client.answer()
    client.write('late')
    await seen.until('both', all => all.join('') === 'earlylate')
    await server.close()
  })
})

describe('attach() on node:https', () => {
  test('opens lines over TLS, and says so in its URL and its requests', async () => {
    const { cert, key } = await certificate()
    const opened = new Log<unknown>()
    await using app = await application(createSecureHttpServer({ cert, key }))
    const server = attach(app.http, {
      routes: {
        '/echo': { ...echo, open: socket => void opened.push(socket.request.encrypted, socket.request.url.protocol) },
      },
    })
    expect(server.url).toBe(`wss://127.0.0.1:${app.port}`)
    const socket = await openSocket(`wss://localhost:${app.port}/echo`, { tls: { ca: cert } })
    await socket.send('x'.repeat(100_000))
    expect(await first(socket)).toHaveLength(100_000)
    expect(opened.all).toEqual([true, 'wss:'])
    await server.close()
  })
})

describe('attach() on node:http2', () => {
  test('opens lines for clients of HTTP/1.1 when it allows them, and leaves HTTP/2 alone', async () => {
    const { cert, key } = await certificate()
    const http = createSecureServer({ cert, key, allowHTTP1: true }, (_request, response) => response.end('page'))
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    const server = attach(http, { routes: { '/echo': echo } })
    expect(server.url).toBe(`wss://127.0.0.1:${port}`)

    const socket = await openSocket(`wss://localhost:${port}/echo`, { tls: { ca: cert } })
    await socket.send('hello')
    expect(await first(socket)).toBe('hello')

    const session = http2Connect(`https://localhost:${port}`, { ca: cert })
    const stream = session.request({ ':path': '/page' })
    expect(await within('the page', text(stream))).toBe('page')
    session.close()

    using refused = await RawClient.connect(port, { ca: cert, ALPNProtocols: ['http/1.1'] })
    const { requestText } = await import('../support/raw.ts')
    refused.write(requestText({ path: '/other' }))
    expect((await refused.refusal()).status).toBe(404)

    expect(await server.close()).toMatchObject({ closed: 1, terminated: 0 })
    http.close()
    await within('the end', once(http, 'close'))
  })
})

test('a request of node:http to a route without an upgrade is the application’s', async () => {
  await using app = await application()
  const server = attach(app.http, { routes: { '/echo': echo } })
  const answer = await new Promise<string>((resolve, reject) => {
    httpRequest({ port: app.port, host: '127.0.0.1', path: '/echo', agent: false }, response => resolve(text(response)))
      .on('error', reject)
      .end()
  })
  expect(answer).toBe('GET /echo')
  await server.close()
})
