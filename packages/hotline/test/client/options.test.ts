/** The options of a client: what each does, and that a wrong one is refused by name before anything is dialled. */
import { getEventListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openSocket } from '../../src/client/open.ts'
import { type ClientOptions, resolveClient } from '../../src/client/options.ts'
import { WebSocket } from '../../src/client/websocket.ts'
import { HandshakeError, LimitError, TimeoutError, UsageError, WebSocketError } from '../../src/errors.ts'
import { nodeRuntime } from '../../src/runtime/node/runtime.ts'
import { certificate } from '../support/certificate.ts'
import { close, failure, fate, fateOf, message, open } from './fate.ts'
import { CLOSE, closeFrame, frame, Peer, TEXT, type Wire } from './peer.ts'

const echo = (wire: Wire): void => void wire.accept().echo()

afterEach(() => {
  vi.restoreAllMocks()
})

/** Options that are wrong, the option that the error names, and what its message has to say. */
const WRONG: readonly (readonly [options: unknown, option: string, says: RegExp])[] = [
  [null, 'options', /options of WebSocket/],
  ['chat', 'options', /options of WebSocket/],
  [{ timeout: 5 }, 'timeout', /no option timeout/],
  [{ toString: 1 }, 'toString', /no option toString/],
  [{ headers: 'x' }, 'headers', /headers/],
  [{ headers: new Headers({ a: 'b' }) }, 'headers', /headers/],
  [{ headers: new Map([['a', 'b']]) }, 'headers', /headers/],
  [{ headers: [['a', 'b']] }, 'headers', /headers/],
  [{ headers: { Connection: 'close' } }, 'headers', /header Connection .* belongs to the handshake/],
  [{ headers: { upgrade: 'h2c' } }, 'headers', /header upgrade .* belongs to the handshake/],
  [{ headers: { 'Content-Length': '5' } }, 'headers', /header Content-Length .* belongs to the handshake/],
  [{ headers: { 'transfer-encoding': 'chunked' } }, 'headers', /header transfer-encoding .* belongs to the handshake/],
  [{ headers: { 'Sec-WebSocket-Key': 'x' } }, 'headers', /header Sec-WebSocket-Key .* belongs to the handshake/],
  [{ headers: { 'sec-websocket-protocol': 'x' } }, 'headers', /header sec-websocket-protocol .* belongs/],
  [{ headers: { 'Sec-WebSocket-Extensions': 'x' } }, 'headers', /header Sec-WebSocket-Extensions .* belongs/],
  [{ headers: { 'Sec-WebSocket-Version': '8' } }, 'headers', /header Sec-WebSocket-Version .* belongs/],
  [{ headers: { 'X-A': 'b\r\nX-C: d' } }, 'headers', /header 'X-A' .* line breaks/],
  [{ headers: { 'X-A': 'b\nc' } }, 'headers', /header 'X-A'/],
  [{ headers: { 'X-A': 'b\0' } }, 'headers', /header 'X-A'/],
  [{ headers: { 'X-A': '€' } }, 'headers', /header 'X-A'/],
  [{ headers: { 'X-A': 7 } }, 'headers', /header 'X-A'/],
  [{ headers: { 'X-A': ['b'] } }, 'headers', /header 'X-A'/],
  [{ headers: { 'X A': 'b' } }, 'headers', /header 'X A'/],
  [{ headers: { 'X-A: b\r\nX-C': 'd' } }, 'headers', /token/],
  [{ headers: { '': 'b' } }, 'headers', /token/],
  [{ origin: 7 }, 'origin', /origin/],
  [{ origin: 'https://example.com\r\nX: y' }, 'origin', /origin/],
  [{ tls: true }, 'tls', /tls/],
  [{ tls: { rejectUnauthorised: false } }, 'rejectUnauthorised', /tls of WebSocket has no option rejectUnauthorised/],
  [{ tls: { rejectUnauthorized: 'false' } }, 'rejectUnauthorized', /true or false/],
  [{ tls: { host: 'example.com' } }, 'host', /no option host/],
  [{ tls: { method: 'POST' } }, 'method', /no option method/],
  [{ handshakeTimeout: 0 }, 'handshakeTimeout', /milliseconds from 1/],
  [{ handshakeTimeout: '5' }, 'handshakeTimeout', /milliseconds/],
  [{ handshakeTimeout: 2 ** 31 }, 'handshakeTimeout', /milliseconds/],
  [{ handshakeTimeout: Number.NaN }, 'handshakeTimeout', /milliseconds/],
  [{ proxy: 'socks5://127.0.0.1:1' }, 'proxy', /HTTP proxy/],
  [{ proxy: '127.0.0.1:8080' }, 'proxy', /HTTP proxy/],
  [{ proxy: '' }, 'proxy', /HTTP proxy/],
  [{ proxy: true }, 'proxy', /HTTP proxy/],
  [{ socketPath: '' }, 'socketPath', /Unix/],
  [{ socketPath: 7 }, 'socketPath', /Unix/],
  [{ signal: {} }, 'signal', /AbortSignal/],
  [{ maxMessage: 0 }, 'maxMessage', /maxMessage/],
  [{ maxMessage: '1MiB' }, 'maxMessage', /maxMessage/],
  [{ highMark: -1 }, 'highMark', /highMark/],
  [{ maxQueued: Number.NaN }, 'maxQueued', /maxQueued/],
  [{ closeTimeout: 0 }, 'closeTimeout', /closeTimeout/],
  [{ heartbeat: true }, 'heartbeat', /heartbeat/],
  [{ heartbeat: { interval: 5 } }, 'heartbeat', /heartbeat/],
]

describe('a wrong option is refused by name, and nothing is dialled', () => {
  const rows = WRONG.map(row => [JSON.stringify(row[0]), ...row] as const)

  test.each(rows)('%s by the WebSocket class, which throws', (_, options, option, says) => {
    const make = (): unknown => new WebSocket('ws://127.0.0.1:1', [], options as ClientOptions)
    expect(make).toThrow(UsageError)
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_USAGE', option, message: expect.stringMatching(says) }))
  })

  test.each(rows)('%s by openSocket, which rejects', async (_, options, option) => {
    const error = await failure(openSocket('ws://127.0.0.1:1', options as ClientOptions))
    expect(error).toMatchObject({ name: 'UsageError', code: 'ERR_USAGE', option })
  })

  test('undefined is the default of each option', () => {
    const names = ['headers', 'origin', 'tls', 'handshakeTimeout', 'proxy', 'socketPath', 'signal', 'maxMessage']
    const undefinedOnes = Object.fromEntries(names.map(name => [name, undefined]))
    expect(resolveClient(undefinedOnes, 'x')).toEqual(resolveClient({}, 'x'))
  })
})

describe('headers and origin', () => {
  test('are sent as they are', async () => {
    await using peer = await Peer.listen(echo)
    const headers = { Cookie: 'a=b; c=d', 'x-latin': 'é', 'X-Empty': '', 'X-Tab': 'a\tb' }
    await close(await open(peer.url, { headers, origin: 'https://example.com' }))
    const [{ head }] = peer.wires as [Wire]
    for (const line of ['Cookie: a=b; c=d', 'x-latin: é', 'X-Empty: ', 'X-Tab: a\tb', 'Origin: https://example.com'])
      expect(head.split('\r\n')).toContain(line)
  })

  test('may say another Host, Origin and Authorization, each once', async () => {
    await using peer = await Peer.listen(echo)
    const headers = { host: 'example.com', ORIGIN: 'null', authorization: 'Bearer x' }
    const url = peer.url.replace('//', '//user:secret@')
    await close(await open(url, { headers, origin: 'https://example.com' }))
    const names = (peer.wires[0] as Wire).head
      .split('\r\n')
      .slice(1)
      .map(line => line.split(':')[0]?.toLowerCase())
    for (const [name, value] of Object.entries(headers)) {
      expect((peer.wires[0] as Wire).header(name)).toBe(value)
      expect(names.filter(other => other === name.toLowerCase()).length).toBe(1)
    }
  })

  test('no Origin and no User-Agent is sent by itself', async () => {
    await using peer = await Peer.listen(echo)
    await close(await open(peer.url))
    expect(peer.wires[0]?.header('Origin')).toBeUndefined()
    expect(peer.wires[0]?.header('User-Agent')).toBeUndefined()
  })
})

describe('tls', () => {
  test('ca trusts a certificate', async () => {
    const tls = await certificate()
    await using peer = await Peer.listen(echo, { tls })
    expect(await close(await open(peer.url, { tls: { ca: tls.cert } }))).toMatchObject({ close: { wasClean: true } })
  })

  test('rejectUnauthorized: false trusts everybody', async () => {
    await using peer = await Peer.listen(echo, { tls: await certificate() })
    await close(await open(peer.url, { tls: { rejectUnauthorized: false } }))
    expect(peer.wires.length).toBe(1)
  })

  test.each([
    ['a certificate that nobody knows', {}, /SELF_SIGNED|UNABLE_TO_VERIFY/],
    ['rejectUnauthorized: true', { rejectUnauthorized: true }, /SELF_SIGNED|UNABLE_TO_VERIFY/],
    ['an authority that is none', { ca: 'no certificate' }, /./],
    ['a key that is none', { key: 'no key', cert: 'no certificate' }, /./],
    ['a version that is none', { minVersion: 'TLSv9' as never }, /./],
  ])('%s gives ERR_CONNECT with the cause, and nothing of the request is sent', async (_, tls, causeCode) => {
    await using peer = await Peer.listen(echo, { tls: await certificate() })
    const { events, error } = await fate(peer.url, { tls })
    expect(events).toEqual(['error', 'close'])
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error).toMatchObject({ code: 'ERR_CONNECT', message: expect.stringContaining(`127.0.0.1:${peer.port}`) })
    expect((error as { cause: NodeJS.ErrnoException }).cause.code).toMatch(causeCode)
    expect(await failure(openSocket(peer.url, { tls }))).toMatchObject({ code: 'ERR_CONNECT' })
    await peer.empty()
    expect(peer.wires).toEqual([])
  })

  test('servername is what the server is asked for, and what its certificate has to be for', async () => {
    const tls = await certificate()
    await using peer = await Peer.listen(echo, { tls })
    const socket = await open(peer.url, { tls: { ca: tls.cert, servername: 'localhost' } })
    const [{ socket: seen }] = peer.wires as [Wire]
    expect((seen as TLSSocket & { servername: string }).servername).toBe('localhost')
    await close(socket)
    const { error } = await fate(peer.url, { tls: { ca: tls.cert, servername: 'example.com' } })
    expect(error).toMatchObject({ code: 'ERR_CONNECT', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
  })

  test('checkServerIdentity has the last word', async () => {
    const tls = await certificate()
    await using peer = await Peer.listen(echo, { tls })
    const cause = new Error('not that one')
    const { error } = await fate(peer.url, { tls: { ca: tls.cert, checkServerIdentity: () => cause } })
    expect(error).toMatchObject({ code: 'ERR_CONNECT', cause })
  })

  test('cert and key are shown to a server that asks', async () => {
    const { cert, key } = await certificate()
    await using peer = await Peer.listen(echo, {
      tls: { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true },
    })
    await close(await open(peer.url, { tls: { ca: cert, cert, key } }))
    expect(peer.wires.length).toBe(1)
    expect((await fate(peer.url, { tls: { ca: cert } })).error).toBeInstanceOf(WebSocketError)
    expect(peer.wires.length).toBe(1)
  })
})

describe('limits', () => {
  test('a message above maxMessage fails the line with 1009, and the error names the option', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const ending = fate(peer.url, { maxMessage: 5 })
    const wire = (await arriving).accept([], frame(TEXT, '12345'), frame(TEXT, '123456'))
    const { first, payload } = await wire.next()
    expect([first, payload.readUInt16BE(0)]).toEqual([CLOSE, 1009])
    expect(payload.toString('utf8', 2)).toContain('maxMessage: 5')
    wire.socket.end()
    const { events, error, close: closed } = await ending
    expect(events).toEqual(['open', 'message', 'error', 'close'])
    expect(error).toBeInstanceOf(LimitError)
    expect(error).toMatchObject({ code: 'ERR_LIMIT', closeCode: 1009, limit: { option: 'maxMessage', value: 5 } })
    expect(closed).toMatchObject({ code: 1006, error })
  })

  test('a server that does not answer close() is cut off after closeTimeout', async () => {
    await using peer = await Peer.listen(wire => wire.accept())
    const socket = await open(peer.url, { closeTimeout: 30 })
    const { events, error } = await close(socket)
    expect(events).toEqual(['error', 'close'])
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ limit: { option: 'closeTimeout', value: 30 } })
    await peer.empty()
  })

  test('a server that answers no ping is given up', async () => {
    await using peer = await Peer.listen(wire => wire.accept())
    const { events, error } = await fate(peer.url, { heartbeat: { interval: 10, timeout: 10 } })
    expect(events).toEqual(['open', 'error', 'close'])
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', limit: { option: 'heartbeat.timeout', value: 10 } })
    expect((await (peer.wires[0] as Wire).next()).first).toBe(0x89)
    await peer.empty()
  })

  test('what a server that reads nothing may cost is maxQueued: then the line fails, and bufferedAmount tells how much', async () => {
    await using peer = await Peer.listen(wire => void wire.accept().socket.pause())
    const options = { maxQueued: 8_000_000, highMark: 1000, closeTimeout: 30 }
    const socket = await open(peer.url, options)
    const end = fateOf(socket)
    for (let i = 0; i < 20; i++) socket.send(new Uint8Array(1_000_000))
    expect(socket.bufferedAmount).toBe(20_000_000)
    const { error } = await end
    expect(error).toMatchObject({ code: 'ERR_LIMIT', limit: { option: 'maxQueued', value: 8_000_000 } })
    expect(socket.bufferedAmount).toBeGreaterThan(10_000_000)
  })
})

describe.skipIf(process.platform === 'win32')('socketPath', () => {
  test.each(['ws', 'wss'])('%s goes over a Unix domain socket, with host and path of the URL', async scheme => {
    const folder = await mkdtemp(join(tmpdir(), 'hotline-'))
    const path = join(folder, 'socket')
    const tls = await certificate()
    {
      await using peer = await Peer.listen(echo, { path, ...(scheme === 'wss' ? { tls } : {}) })
      const options = { socketPath: path, proxy: 'http://127.0.0.1:1', tls: { ca: tls.cert } }
      const socket = await open(`${scheme}://localhost/room?x`, options)
      socket.send('hello')
      expect(await message(socket)).toBe('hello')
      await close(socket)
      expect(peer.wires[0]?.head).toMatch(/^GET \/room\?x HTTP\/1\.1\r\nHost: localhost\r\n/)
    }
    await rm(folder, { recursive: true })
  })

  test('a path that leads nowhere gives ERR_CONNECT', async () => {
    const { error } = await fate('ws://localhost/', { socketPath: join(tmpdir(), 'hotline', 'nobody') })
    expect(error).toMatchObject({ code: 'ERR_CONNECT', cause: { code: 'ENOENT' } })
  })
})

describe('signal', () => {
  const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length
  const aborted = { code: 'ERR_ABORTED', cause: 'enough' }

  test('that is aborted already keeps the class and openSocket from dialling', async () => {
    await using peer = await Peer.listen(echo)
    const signal = AbortSignal.abort('enough')
    const { events, error, close: closed } = await fate(peer.url, { signal })
    expect(events).toEqual(['error', 'close'])
    expect(error).toMatchObject(aborted)
    expect(closed).toMatchObject({ code: 1006, error })
    expect(await failure(openSocket(peer.url, { signal }))).toMatchObject(aborted)
    expect(peer.sockets.size).toBe(0)
    expect(listeners(signal)).toBe(0)
  })

  test('ends an attempt', async () => {
    await using peer = await Peer.listen()
    const { abort, signal } = controls()
    const arriving = peer.wire()
    const ending = fate(peer.url, { signal })
    await arriving
    const rejecting = failure(openSocket(peer.url, { signal }))
    await peer.wire()
    abort()
    const { events, error } = await ending
    expect(events).toEqual(['error', 'close'])
    expect(error).toMatchObject(aborted)
    expect(await rejecting).toMatchObject(aborted)
    expect(listeners(signal)).toBe(0)
    await peer.empty()
  })

  test('may be a timeout', async () => {
    await using peer = await Peer.listen()
    const { error } = await fate(peer.url, { signal: AbortSignal.timeout(30) })
    expect(error).toMatchObject({ code: 'ERR_ABORTED', cause: { name: 'TimeoutError' } })
    await peer.empty()
  })

  test('cuts an open WebSocket', async () => {
    await using peer = await Peer.listen(echo)
    const { abort, signal } = controls()
    const socket = await open(peer.url, { signal })
    const end = fateOf(socket)
    abort()
    const { events, error } = await end
    expect(events).toEqual(['error', 'close'])
    expect(error).toMatchObject(aborted)
    expect(listeners(signal)).toBe(0)
    await peer.empty()
  })

  test('cuts an open socket of openSocket', async () => {
    await using peer = await Peer.listen(echo)
    const { abort, signal } = controls()
    const socket = await openSocket(peer.url, { signal })
    abort()
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false, error: aborted })
    expect(await failure(socket.send('x'))).toMatchObject({ code: 'ERR_CLOSED', cause: aborted })
    expect(listeners(signal)).toBe(0)
    await peer.empty()
  })

  test('is listened to no longer than the line is open, however it ends', async () => {
    await using peer = await Peer.listen(wire => {
      if (wire.target.pathname === '/refused') wire.answer(403, ['Content-Length: 0'])
      else wire.accept().echo()
    })
    const { abort, signal } = controls()
    await fate(`${peer.url}/refused`, { signal })
    await failure(openSocket(`${peer.url}/refused`, { signal }))
    expect(listeners(signal)).toBe(0)
    const socket = await open(peer.url, { signal })
    const other = await openSocket(peer.url, { signal })
    expect(listeners(signal)).toBe(2)
    await close(socket)
    await other.close()
    expect(listeners(signal)).toBe(0)
    abort()
    expect(socket.readyState).toBe(WebSocket.CLOSED)
  })

  test('is still listened to when an application fires a close event of its own', async () => {
    await using peer = await Peer.listen(echo)
    const { abort, signal } = controls()
    const socket = await open(peer.url, { signal })
    socket.dispatchEvent(new Event('close'))
    const end = fateOf(socket)
    abort()
    expect(await end).toMatchObject({ error: aborted })
  })

  test('that is aborted when the handshake is over and nobody knows yet is not missed', async () => {
    await using peer = await Peer.listen(echo)
    const first = controls()
    atTheEnd(first.abort)
    expect(await failure(openSocket(peer.url, { signal: first.signal }))).toMatchObject(aborted)
    const second = controls()
    atTheEnd(second.abort)
    const { events, error } = await fate(peer.url, { signal: second.signal })
    expect(events).toEqual(['error', 'close'])
    expect(error).toMatchObject(aborted)
    await peer.empty()
  })

  /** Calls back when the timer of the next handshake is cleared. */
  function atTheEnd(act: () => void): void {
    const { clock } = nodeRuntime
    const { setTimeout } = clock
    vi.spyOn(clock, 'setTimeout').mockImplementationOnce((callback, ms) => {
      const timer = setTimeout(callback, ms)
      return {
        clear() {
          timer.clear()
          act()
        },
      }
    })
  }

  function controls() {
    const controller = new AbortController()
    return { abort: () => controller.abort('enough'), signal: controller.signal }
  }
})

test('many sockets can share one signal without a warning', async () => {
  await using peer = await Peer.listen(echo)
  const warnings: unknown[] = []
  const warned = (warning: unknown): void => void warnings.push(warning)
  process.on('warning', warned)
  const { signal } = new AbortController()
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(peer.url, { signal })))
  await Promise.all(sockets.map(close))
  process.off('warning', warned)
  expect(warnings).toEqual([])
})

test('a close frame that comes with the answer closes a socket cleanly', async () => {
  await using peer = await Peer.listen(wire => {
    wire.accept([], closeFrame(1001, 'full')).onframe = () => wire.socket.end()
  })
  expect(await fate(peer.url)).toMatchObject({ events: ['open', 'close'], close: { code: 1001, reason: 'full' } })
})
