/** A client behind a proxy: which one the environment names, and the tunnel through it. RFC 9110 §9.3.6 */
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openSocket } from '../../src/client/open.ts'
import { HandshakeError } from '../../src/errors.ts'
import { basicCredentials, messageOf, proxyFromEnvironment } from '../../src/runtime/node/proxy.ts'
import { type Certificate, certificate } from '../support/certificate.ts'
import { run } from './child.ts'
import { close, failure, fate, fateOf, message, open } from './fate.ts'
import { Peer, type Wire } from './peer.ts'

const echo = (wire: Wire): void => void wire.accept().echo()

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A proxy that opens tunnels, and notes what it is asked. */
class TunnelProxy implements AsyncDisposable {
  readonly url: string
  readonly requests: IncomingMessage[] = []
  /** Both ends of the tunnels. */
  readonly sockets = new Set<Socket>()
  readonly #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>, scheme: string) {
    this.#server = server
    this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('connection', socket => this.#note(socket))
    server.on('connect', (request, socket) => this.#connect(request, socket as Socket))
  }

  static async listen(tls?: Certificate): Promise<TunnelProxy> {
    const server = tls === undefined ? createServer() : createTlsServer(tls)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new TunnelProxy(server, tls === undefined ? 'http' : 'https')
  }

  /** Fulfilled when all tunnels are gone. */
  async empty(): Promise<void> {
    while (this.sockets.size > 0) await new Promise(resolve => setImmediate(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #note(socket: Socket): void {
    this.sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.sockets.delete(socket))
  }

  #connect(request: IncomingMessage, socket: Socket): void {
    this.requests.push(request)
    const { hostname, port } = new URL(`http://${request.url}`)
    const other = connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ''))
    this.#note(other)
    other.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(other).pipe(socket)
    })
    other.on('close', () => socket.destroy())
    socket.on('close', () => other.destroy())
  }
}

describe('what the environment says', () => {
  const proxy = 'http://proxy:8080'
  const rows: readonly (readonly [url: string, env: Record<string, string>, expected: string | undefined])[] = [
    ['ws://a.example', {}, undefined],
    ['ws://a.example', { HTTP_PROXY: proxy }, 'http://proxy:8080/'],
    ['ws://a.example', { http_proxy: proxy }, 'http://proxy:8080/'],
    ['ws://a.example', { HTTPS_PROXY: proxy }, undefined],
    ['wss://a.example', { HTTPS_PROXY: proxy }, 'http://proxy:8080/'],
    ['wss://a.example', { https_proxy: proxy }, 'http://proxy:8080/'],
    ['wss://a.example', { HTTP_PROXY: proxy }, undefined],
    ['ws://a.example', { ALL_PROXY: proxy }, 'http://proxy:8080/'],
    ['wss://a.example', { all_proxy: proxy }, 'http://proxy:8080/'],
    ['ws://a.example', { ALL_PROXY: 'http://all', HTTP_PROXY: proxy }, 'http://proxy:8080/'],
    ['ws://a.example', { http_proxy: 'http://lower', HTTP_PROXY: proxy }, 'http://lower/'],
    ['ws://a.example', { http_proxy: '', HTTP_PROXY: proxy }, 'http://proxy:8080/'],
    ['ws://a.example', { HTTP_PROXY: '' }, undefined],
    ['ws://a.example', { HTTP_PROXY: 'proxy:3128' }, 'http://proxy:3128/'],
    ['ws://a.example', { HTTP_PROXY: 'user:secret@proxy' }, 'http://user:secret@proxy/'],
    ['ws://a.example', { HTTP_PROXY: 'https://proxy' }, 'https://proxy/'],
    ['ws://a.example', { HTTP_PROXY: 'HTTP://proxy' }, 'http://proxy/'],
  ]

  test.each(rows)('%s with %j goes through %s', (url, env, expected) => {
    expect(proxyFromEnvironment(new URL(url), env)?.href).toBe(expected)
  })

  const exemptions: readonly (readonly [list: string, url: string, exempt: boolean])[] = [
    ['*', 'ws://a.example', true],
    ['a.example', 'ws://a.example', true],
    ['A.EXAMPLE', 'ws://a.example', true],
    ['a.example', 'ws://A.Example', true],
    ['example', 'ws://a.example', true],
    ['.example', 'ws://a.example', true],
    ['*.example', 'ws://a.example', true],
    ['*.example', 'ws://b.a.example', true],
    ['a.example', 'ws://b.a.example', true],
    ['a.example', 'ws://ba.example', false],
    ['.a.example', 'ws://ba.example', false],
    ['b.example', 'ws://a.example', false],
    ['a.example', 'ws://a.example.com', false],
    ['b.example,a.example', 'ws://a.example', true],
    [' b.example , a.example ', 'ws://a.example', true],
    ['b.example a.example', 'ws://a.example', true],
    [',,', 'ws://a.example', false],
    ['a.example:80', 'ws://a.example', true],
    ['a.example:443', 'ws://a.example', false],
    ['a.example:443', 'wss://a.example', true],
    ['a.example:8080', 'ws://a.example:8080', true],
    ['a.example:8080', 'ws://a.example:8081', false],
    ['*:8080', 'ws://a.example:8080', true],
    ['127.0.0.1', 'ws://127.0.0.1:8080', true],
    ['127.0.0.1:1', 'ws://127.0.0.1:8080', false],
    ['::1', 'ws://[::1]:8080', true],
    ['[::1]', 'ws://[::1]:8080', true],
    ['[::1]:8080', 'ws://[::1]:8080', true],
    ['[::1]:8081', 'ws://[::1]:8080', false],
    ['::2', 'ws://[::1]:8080', false],
    ['2001:db8::1', 'ws://[2001:db8::1]', true],
  ]

  test.each(exemptions)('NO_PROXY=%s and %s: exempt is %s', (list, url, exempt) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const found = proxyFromEnvironment(new URL(url), { ALL_PROXY: proxy, [name]: list })
      expect(found === undefined).toBe(exempt)
    }
  })

  test.each(['socks5://127.0.0.1:1080', 'http://', 'http://proxy:x', 'ftp://proxy'])(
    '%s is no proxy for us: nobody goes around it unnoticed',
    async value => {
      await using peer = await Peer.listen(echo)
      vi.stubEnv('ALL_PROXY', value)
      vi.stubEnv('NO_PROXY', '')
      const { error } = await fate(peer.url)
      expect(error).toBeInstanceOf(HandshakeError)
      expect(error).toMatchObject({ code: 'ERR_CONNECT', message: expect.stringMatching(/HTTP_PROXY or ALL_PROXY/) })
      expect(peer.sockets.size).toBe(0)
    },
  )

  test('HTTP_PROXY is used for ws, NO_PROXY and proxy: false keep from it, and the option goes before', async () => {
    await using peer = await Peer.listen(echo)
    await using named = await TunnelProxy.listen()
    await using given = await TunnelProxy.listen()
    vi.stubEnv('HTTP_PROXY', named.url)
    vi.stubEnv('http_proxy', '')
    vi.stubEnv('no_proxy', '')
    vi.stubEnv('NO_PROXY', '')
    const through = (): number[] => [named.requests.length, given.requests.length]
    await close(await open(peer.url))
    expect(through()).toEqual([1, 0])
    await close(await open(peer.url, { proxy: false }))
    expect(through()).toEqual([1, 0])
    await close(await open(peer.url, { proxy: given.url }))
    expect(through()).toEqual([1, 1])
    vi.stubEnv('NO_PROXY', '127.0.0.1')
    await close(await open(peer.url))
    expect(through()).toEqual([1, 1])
    expect(peer.wires.length).toBe(4)
  })

  test('HTTPS_PROXY is used for wss', async () => {
    const tls = await certificate()
    await using peer = await Peer.listen(echo, { tls })
    await using proxy = await TunnelProxy.listen()
    vi.stubEnv('HTTPS_PROXY', proxy.url)
    vi.stubEnv('NO_PROXY', '')
    await close(await open(peer.url, { tls: { ca: tls.cert } }))
    expect(proxy.requests.length).toBe(1)
  })
})

describe('a tunnel', () => {
  test.each(['ws', 'wss'])('carries %s, with the credentials of the proxy for the proxy only', async scheme => {
    const tls = await certificate()
    await using peer = await Peer.listen(echo, scheme === 'wss' ? { tls } : {})
    await using proxy = await TunnelProxy.listen()
    const socket = await open(`${peer.url}/room`, {
      proxy: new URL(proxy.url.replace('//', '//us%40er:p%3Ass@')),
      tls: { ca: tls.cert },
      headers: { 'X-For-The-Server': 'secret' },
    })
    socket.send('hello')
    expect(await message(socket)).toBe('hello')
    const [wire] = peer.wires as [Wire]
    expect(Array.from(proxy.sockets, ({ localPort }) => localPort)).toContain(wire.socket.remotePort)
    await close(socket)
    const [request] = proxy.requests
    const authority = `127.0.0.1:${peer.port}`
    expect(request?.rawHeaders.filter((_, i) => i % 2 === 0)).toEqual(['Host', 'Proxy-Authorization', 'Connection'])
    expect([request?.url, request?.headers.host]).toEqual([authority, authority])
    expect(request?.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('us@er:p:ss').toString('base64')}`)
    expect(wire.head).toMatch(/^GET \/room HTTP\/1\.1\r\n/)
    expect(wire.header('Proxy-Authorization')).toBeUndefined()
    expect(wire.header('X-For-The-Server')).toBe('secret')
    await proxy.empty()
    await peer.empty()
    expect(peer.wires.length).toBe(1)
  })

  test('leads to an address of IPv6 in brackets', async () => {
    await using peer = await Peer.listen(echo, { host: '::1' })
    await using proxy = await TunnelProxy.listen()
    await close(await open(peer.url, { proxy: proxy.url }))
    expect(proxy.requests[0]?.url).toBe(`[::1]:${peer.port}`)
  })

  test('goes to a proxy over TLS too, for ws and for wss', async () => {
    const tls = await certificate()
    await using plain = await Peer.listen(echo)
    await using secure = await Peer.listen(echo, { tls })
    await using proxy = await TunnelProxy.listen(tls)
    // The proxy's certificate is judged by what the process trusts: a process of its own is told to trust ours.
    const { lines } = await run(
      `import { openSocket } from 'hotline/client'
      const [, plain, secure, proxy] = process.argv
      for (const url of [plain, secure]) {
        const socket = await openSocket(url, { proxy })
        await socket.send('through ' + new URL(url).protocol)
        const messages = socket[Symbol.asyncIterator]()
        console.log((await messages.next()).value)
        const sent = Array.from({ length: 100 }, (_, at) => String(at).repeat(20_000))
        for (const text of sent) socket.send(text)
        for (const text of sent) if ((await messages.next()).value !== text) throw new Error('it was changed on the way')
        await socket.close()
      }`,
      { arguments: [plain.url, secure.url, proxy.url], ca: tls.cert },
    )
    expect(lines).toEqual(['through ws:', 'through wss:'])
    expect(proxy.requests.length).toBe(2)
  })

  test('to a proxy whose certificate nobody knows does not come about', async () => {
    await using peer = await Peer.listen(echo)
    await using proxy = await TunnelProxy.listen(await certificate())
    const { error } = await fate(peer.url, { proxy: proxy.url })
    expect(error).toMatchObject({ code: 'ERR_CONNECT', message: expect.stringContaining(new URL(proxy.url).host) })
    expect(proxy.requests).toEqual([])
  })

  test('to a server whose certificate nobody knows is taken down', async () => {
    await using peer = await Peer.listen(echo, { tls: await certificate() })
    await using proxy = await TunnelProxy.listen()
    expect((await fate(peer.url, { proxy: proxy.url })).error).toMatchObject({ code: 'ERR_CONNECT' })
    await proxy.empty()
    await peer.empty()
  })

  test('to a server that refuses is taken down', async () => {
    await using peer = await Peer.listen(wire => wire.answer(403, ['Content-Length: 0']))
    await using proxy = await TunnelProxy.listen()
    expect((await fate(peer.url, { proxy: proxy.url })).error).toMatchObject({ status: 403, code: 'ERR_HANDSHAKE' })
    await proxy.empty()
  })

  test.each(['ws', 'wss'])('of %s is taken down when the attempt ends', async scheme => {
    const tls = await certificate()
    await using peer = await Peer.listen(() => {}, scheme === 'wss' ? { tls } : {})
    await using proxy = await TunnelProxy.listen()
    const options = { proxy: proxy.url, handshakeTimeout: 80, tls: { ca: tls.cert } }
    expect((await fate(peer.url, options)).error).toMatchObject({ code: 'ERR_TIMEOUT' })
    await proxy.empty()
  })

  test('is taken down when TLS does not even begin', async () => {
    await using peer = await Peer.listen()
    await using proxy = await TunnelProxy.listen()
    const options = { proxy: proxy.url, tls: { key: 'no key', cert: 'no certificate' } }
    expect((await fate(peer.url.replace('ws:', 'wss:'), options)).error).toMatchObject({ code: 'ERR_CONNECT' })
    await proxy.empty()
  })

  test('keeps what comes behind the answer of the proxy', async () => {
    const answer = 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'
    await using proxy = await Peer.listen(wire => wire.socket.write(answer))
    const { error } = await fate('ws://server.example/', { proxy: proxy.url.replace('ws', 'http') })
    expect(error).toMatchObject({ status: 503, code: 'ERR_HANDSHAKE' })
    await proxy.empty()
  })
})

describe('a proxy', () => {
  /** A server that answers every request for a tunnel in this way. */
  const proxyOf = async (answer: (wire: Wire) => void) => {
    const peer = await Peer.listen(answer)
    return Object.assign(peer, { proxy: peer.url.replace('ws://', 'http://user:secret@') })
  }

  const refusals: readonly (readonly [name: string, answer: (wire: Wire) => void, expected: object])[] = [
    [
      'that wants other credentials',
      wire => wire.answer(407, ['Proxy-Authenticate: Basic realm="x"', 'Content-Length: 0']),
      { status: 407, headers: { 'proxy-authenticate': 'Basic realm="x"' }, message: expect.stringContaining('407') },
    ],
    [
      'that cannot reach the server',
      wire => wire.answer(502, ['Content-Length: 4'], Buffer.from('oops')),
      { status: 502 },
    ],
    [
      'that redirects',
      wire => wire.answer(302, ['Location: http://127.0.0.1:1/', 'Content-Length: 0']),
      { status: 302 },
    ],
    ['that upgrades', wire => wire.answer(101, ['Upgrade: websocket', 'Connection: Upgrade']), {}],
    [
      'that answers with garbage',
      wire => wire.socket.end('hello\r\n\r\n'),
      { cause: { code: expect.stringMatching(/^HPE_/) } },
    ],
    ['that hangs up', wire => wire.socket.end(), { cause: { code: 'ECONNRESET' } }],
    ['that hangs up in the middle', wire => wire.socket.end('HTTP/1.1 200 O'), { cause: { code: 'ECONNRESET' } }],
  ]

  test.each(refusals)('%s gives ERR_CONNECT, and its secret is in no message', async (_, answer, expected) => {
    await using peer = await proxyOf(answer)
    const { events, error } = await fate('ws://server.example/', { proxy: peer.proxy, handshakeTimeout: 1000 })
    expect(events).toEqual(['error', 'close'])
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error).toMatchObject({ code: 'ERR_CONNECT', ...expected })
    expect(error?.message).toContain(`the proxy 127.0.0.1:${peer.port}`)
    expect(error?.message).not.toContain('secret')
    expect(await failure(openSocket('wss://server.example/', { proxy: peer.proxy }))).toMatchObject({
      code: 'ERR_CONNECT',
    })
    await peer.empty()
  })

  test('that is not there gives ERR_CONNECT with the reason', async () => {
    const gone = await Peer.listen()
    await gone[Symbol.asyncDispose]()
    for (const host of ['127.0.0.1', 'localhost']) {
      const { error } = await fate('ws://server.example/', { proxy: `http://${host}:${gone.port}` })
      expect(error).toMatchObject({
        code: 'ERR_CONNECT',
        message: expect.stringMatching(new RegExp(`the proxy ${host}:${gone.port} cannot be reached: .*ECONNREFUSED`)),
        cause: { code: 'ECONNREFUSED' },
      })
    }
  })

  test('that is silent costs no more than handshakeTimeout', async () => {
    await using peer = await proxyOf(() => {})
    const { error } = await fate('ws://server.example/', { proxy: peer.proxy, handshakeTimeout: 50 })
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', limit: { option: 'handshakeTimeout' } })
    await peer.empty()
  })

  test('is left when the signal is aborted', async () => {
    await using peer = await proxyOf(() => {})
    const controller = new AbortController()
    const rejecting = failure(openSocket('ws://server.example/', { proxy: peer.proxy, signal: controller.signal }))
    await peer.wire()
    controller.abort('enough')
    expect(await rejecting).toMatchObject({ code: 'ERR_ABORTED', cause: 'enough' })
    await peer.empty()
  })
})

test.each([
  ['http://user:secret@h/', 'user:secret'],
  ['http://user@h/', 'user:'],
  ['http://:secret@h/', ':secret'],
  ['http://%C3%A9:%ff%zz@h/', Buffer.concat([Buffer.from('é:'), Buffer.of(0xff), Buffer.from('%zz')])],
  ['http://h/', undefined],
])('the credentials of %s', (url, pair) => {
  const expected = pair === undefined ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`
  expect(basicCredentials(new URL(url))).toBe(expected)
})

test('the failures of several addresses are told together, and one without a sentence by its code', () => {
  const one = new Error('connect ECONNREFUSED ::1:1')
  const other = Object.assign(new Error(''), { code: 'ETIMEDOUT' })
  expect(messageOf(new AggregateError([one, other]))).toBe('connect ECONNREFUSED ::1:1; ETIMEDOUT')
})

describe('a proxy that goes', () => {
  test.each(['ws', 'wss'])('cuts a line of %s, which is an error and no exception', async scheme => {
    const tls = await certificate()
    await using peer = await Peer.listen(echo, scheme === 'wss' ? { tls } : {})
    await using proxy = await TunnelProxy.listen()
    const socket = await open(peer.url, { proxy: proxy.url, tls: { ca: tls.cert } })
    const end = fateOf(socket)
    for (const one of proxy.sockets) one.resetAndDestroy()
    expect(await end).toMatchObject({ events: ['error', 'close'], error: { code: 'ERR_CONNECTION' } })
  })

  test('cuts a line of TLS inside TLS, which is no exception either', async () => {
    const tls = await certificate()
    await using peer = await Peer.listen(echo, { tls })
    await using proxy = await TunnelProxy.listen(tls)
    const { lines, errors, code } = await run(
      `import { openSocket } from 'hotline/client'
      const socket = await openSocket(process.argv[1], { proxy: process.argv[2] })
      console.log('open')
      const { error } = await socket.closed
      console.log(error.code)`,
      {
        arguments: [peer.url, proxy.url],
        ca: tls.cert,
        online() {
          for (const one of proxy.sockets) one.resetAndDestroy()
        },
      },
    )
    expect(errors).toBe('')
    expect({ lines, code }).toEqual({ lines: ['open', 'ERR_CONNECTION'], code: 0 })
  })
})
