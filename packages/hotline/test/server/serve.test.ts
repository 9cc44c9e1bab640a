import { once } from 'node:events'
import { createServer } from 'node:net'
import * as tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { HandshakeError, serve, UsageError } from '../../src/server/index.ts'
import { certificate } from '../support/certificate.ts'
import { within } from '../support/deadline.ts'
import { RawClient, requestText } from '../support/raw.ts'
import { listening } from './support.ts'

const routes = { '/': {} }

describe('serve()', () => {
  test('listens on 127.0.0.1 unless it is told otherwise, on a free port for 0', async () => {
    await using it = await listening({ routes })
    expect(it.url).toBe(`ws://127.0.0.1:${it.port}`)
    expect(it.port).toBeGreaterThan(0)
    await using other = await listening({ routes, host: 'localhost' })
    const socket = await openSocket(other.url)
    await socket.close()
  })

  test('listens on an address of version 6, where there is one', async ({ skip }) => {
    const probe = createServer().listen(0, '::1')
    const has6 = await Promise.race([once(probe, 'listening').then(() => true), once(probe, 'error').then(() => false)])
    probe.close()
    skip(!has6, 'this machine has no ::1')
    await using it = await listening({ routes, host: '::1' })
    expect(it.url).toBe(`ws://[::1]:${it.port}`)
    const socket = await openSocket(it.url)
    await socket.close()
  })

  test('answers what is not for WebSocket with 426, or as the option says', async () => {
    await using it = await listening({ routes })
    const answer = await fetch(`http://127.0.0.1:${it.port}/`)
    expect([answer.status, answer.headers.get('upgrade'), await answer.text()]).toEqual([
      426,
      'websocket',
      'this is a WebSocket server\n',
    ])
    await using other = await listening({ routes, request: (_request, response) => response.end('page') })
    expect(await (await fetch(`http://127.0.0.1:${other.port}/`)).text()).toBe('page')
  })

  // Node tells the fourth renegotiation in ten minutes as an error of the socket, which stays open.
  test('ends a line whose peer renegotiates TLS again and again', async () => {
    await using it = await listening({ routes, tls: await certificate() })
    const socket = tls.connect({ port: it.port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
    const closed = once(socket, 'close').then(() => 'closed')
    await once(socket, 'secureConnect')
    socket.on('error', () => {}).resume()
    socket.write(requestText())
    let times = 0
    for (; times < 20 && !socket.destroyed; times++) {
      await Promise.race([new Promise(resolve => socket.renegotiate({}, resolve)), closed])
    }
    socket.destroy()
    expect(times).toBeLessThan(6)
  })

  test('rejects with ERR_CONNECT and the cause when the port is in use', async () => {
    await using it = await listening({ routes })
    const failed = serve({ port: it.port, routes })
    await expect(failed).rejects.toThrow(HandshakeError)
    await expect(failed).rejects.toMatchObject({
      code: 'ERR_CONNECT',
      cause: { code: 'EADDRINUSE' },
      message: expect.stringContaining(`cannot listen on 127.0.0.1:${it.port}`),
    })
  })

  test('rejects with ERR_CONNECT when there is no such address', async () => {
    await expect(serve({ port: 0, host: '192.0.2.1', routes })).rejects.toMatchObject({
      code: 'ERR_CONNECT',
      cause: { code: 'EADDRNOTAVAIL' },
    })
  })

  test('survives that the system cannot give it a connection', async () => {
    await using it = await listening({ routes })
    it.server.http.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    const socket = await openSocket(it.url)
    await socket.close()
  })
})

describe('an option that is unknown or wrong is refused by name', () => {
  const wrong: readonly [option: string, options: object][] = [
    ['maxMesage', { maxMesage: 1 }],
    ['routes', { routes: undefined }],
    ['routes', { routes: 5 }],
    ['routes', { routes: { echo: {} } }],
    ['routes', { routes: { '/': 'echo' } }],
    ['routes', { routes: { '/': null } }],
    ['port', { port: -1 }],
    ['port', { port: 65_536 }],
    ['port', { port: '80' }],
    ['port', { port: 1.5 }],
    ['host', { host: '' }],
    ['host', { host: 5 }],
    ['tls', { tls: 'yes' }],
    ['tls', { tls: { cert: 'not a certificate', key: 'not a key' } }],
    ['request', { request: 'page' }],
    ['headersTimeout', { headersTimeout: 0 }],
    ['signal', { signal: {} }],
    ['maxMessage', { maxMessage: 0 }],
    ['maxMessage', { maxMessage: '1MiB' }],
    ['highMark', { highMark: Number.NaN }],
    ['maxQueued', { maxQueued: -1 }],
    ['closeTimeout', { closeTimeout: 0 }],
    ['writeTimeout', { writeTimeout: Number.POSITIVE_INFINITY }],
    ['idleTimeout', { idleTimeout: -1 }],
    ['heartbeat', { heartbeat: true }],
    ['heartbeat', { heartbeat: { interval: 5 } }],
    ['protocols', { protocols: 'chat' }],
    ['protocols', { protocols: ['a b'] }],
    ['protocols', { protocols: ['a', 'a'] }],
    ['origin', { origin: 'https://example.com' }],
    ['origin', { origin: ['example.com'] }],
    ['requireOrigin', { requireOrigin: 'yes' }],
    ['refuseBy', { refuseBy: 'silence' }],
    ['acceptTimeout', { acceptTimeout: 0 }],
    ['report', { report: true }],
    ['trustProxy', { trustProxy: 'yes' }],
    ['trustProxy', { trustProxy: ['nonsense'] }],
    ['trustProxy', { trustProxy: -1 }],
    ['maxHeaders', { maxHeaders: 0 }],
    ['maxSockets', { maxSockets: -1 }],
    ['maxMesage', { routes: { '/': { maxMesage: 1 } } }],
    ['port', { routes: { '/': { port: 1 } } }],
    ['maxMessage', { routes: { '/': { maxMessage: 0 } } }],
    ['message', { routes: { '/': { message: 'x' } } }],
    ['run', { routes: { '/': { run: async () => {}, message: () => {} } } }],
    ['onmessage', { routes: { '/': { onmessage: () => {} } } }],
  ]
  test.each(wrong)('%s, in %o', async (option, options) => {
    const failed = serve({ port: 0, routes, ...options } as never)
    await expect(failed).rejects.toThrow(UsageError)
    await expect(failed).rejects.toMatchObject({ code: 'ERR_USAGE', option })
  })
})

describe('signal', () => {
  test('closes the server when it is aborted, and is let go when the server has closed', async () => {
    const controller = new AbortController()
    const server = await serve({ port: 0, routes, signal: controller.signal })
    const socket = await openSocket(server.url as string)
    controller.abort()
    expect(server.draining).toBe(true)
    expect(await socket.closed).toMatchObject({ code: 1001, clean: true })
    await server.close()
  })

  test('that is aborted already, or while it listens, leaves nothing open', async () => {
    await expect(serve({ port: 0, routes, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    const controller = new AbortController()
    const listening = serve({ port: 0, routes, signal: controller.signal })
    controller.abort()
    const server = await listening
    expect(server.draining).toBe(true)
    await server.close()
    expect(server.http.listening).toBe(false)
  })
})

describe('tls', () => {
  test('opens lines over TLS, by HTTP/1.1 whatever else the client offers', async () => {
    const { cert, key } = await certificate()
    await using it = await listening({ routes, tls: { cert, key } })
    expect(it.url).toBe(`wss://127.0.0.1:${it.port}`)
    using client = await RawClient.connect(it.port, { ca: cert, ALPNProtocols: ['h2', 'http/1.1'] })
    expect((client.socket as tls.TLSSocket).alpnProtocol).toBe('http/1.1')
    client.write(requestText())
    expect((await client.answer()).status).toBe(101)
  })

  test('refuses a client that speaks nothing but HTTP/2', async () => {
    const { cert, key } = await certificate()
    await using it = await listening({ routes, tls: { cert, key } })
    const socket = tls.connect({
      port: it.port,
      host: '127.0.0.1',
      ca: cert,
      servername: 'localhost',
      ALPNProtocols: ['h2'],
    })
    await expect(within('the refusal', once(socket, 'secureConnect'))).rejects.toThrow(/alert|ECONNRESET/i)
    socket.destroy()
  })

  test('a client that speaks no TLS is cut, and the next one is served', async () => {
    const { cert, key } = await certificate()
    await using it = await listening({ routes, tls: { cert, key } })
    using plain = await RawClient.connect(it.port)
    plain.write(requestText())
    await plain.ended()
    const socket = await openSocket(`wss://localhost:${it.port}`, { tls: { ca: cert } })
    await socket.close()
  })

  test('with a key that does not belong to the certificate is refused', async () => {
    const { cert } = await certificate()
    const { generateKeyPairSync } = await import('node:crypto')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    await expect(serve({ port: 0, routes, tls: { cert, key } })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      option: 'tls',
    })
  })

  test('a handshake that stands still is cut after headersTimeout', async () => {
    const { cert, key } = await certificate()
    await using it = await listening({ routes, tls: { cert, key }, headersTimeout: 100 })
    using plain = await RawClient.connect(it.port)
    plain.write(Buffer.from([0x16, 0x03, 0x01]))
    await plain.ended()
  })
})
