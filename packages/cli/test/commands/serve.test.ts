/** `hotline serve` as a person runs it: options, the URL, signals, and each way of going wrong. */

import { once } from 'node:events'
import { connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { within } from '../../../hotline/test/support/deadline.ts'
import { RawClient } from '../../../hotline/test/support/raw.ts'
import { file } from '../support/files.ts'
import { logged, run, serving, untilLogged } from '../support/hotline.ts'
import { certificateFiles } from '../support/tls.ts'

/** Opens a line with the client of another implementation. */
async function open(url: string, options: ConstructorParameters<typeof WebSocket>[2] = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, options)
  await within(`a line to ${url}`, once(socket, 'open'))
  return socket
}

async function closed(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = await within('the end of a line', once(socket, 'close'))
  return [code, String(reason)]
}

/** The status with which a handshake is refused. */
async function refusal(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers })
  socket.on('error', () => {})
  const [, response] = await within('a refusal', once(socket, 'unexpected-response'))
  response.destroy()
  return response.statusCode
}

describe('listening', () => {
  test('prints its URL alone on one line of standard output, and the log elsewhere', async () => {
    await using server = await serving()
    await untilLogged(server, { msg: 'listening', url: server.url })
    server.process.kill('SIGTERM')
    const { code, stdout } = await server.ended()
    expect(stdout).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\n$/)
    expect(code).toBe(0)
  })

  test('on another address', async () => {
    await using server = await serving('--host', '::1')
    expect(server.url).toMatch(/^ws:\/\/\[::1\]:\d+$/)
    ;(await open(`${server.url}/echo`)).terminate()
  })

  test('on a port that somebody else has: one line that says what to do, and exit code 3', async () => {
    await using server = await serving()
    const { port } = new URL(server.url)
    expect(await run(['serve', '--port', port])).toEqual({
      code: 3,
      stdout: '',
      stderr: `hotline serve: port ${port} of 127.0.0.1 is in use; stop what listens there, or choose another with --port (0 picks a free one)\n`,
    })
  })

  test.each([
    ['192.0.2.1', 'hotline serve: 192.0.2.1 is not an address of this machine; choose another with --host\n'],
    ['no.such.host.invalid', 'choose another with --host\n'],
  ])('on %s, which is not ours: exit code 3', async (host, message) => {
    const { code, stdout, stderr } = await run(['serve', '--port', '0', '--host', host])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.split('\n')).toHaveLength(2)
  })
})

test.each([
  [[], 'permessage-deflate'],
  [['--no-deflate'], ''],
])('%j answers an offer to compress with "%s"', async (options, extensions) => {
  await using server = await serving(...options)
  const socket = await open(`${server.url}/echo`, { perMessageDeflate: true })
  expect(socket.extensions).toBe(extensions)
  socket.terminate()
})

describe('a wrong option', () => {
  test.each([
    [['--port', '70000'], 'it must be a port from 0 to 65535; 0 picks a free one'],
    [['--max-message', '12parsecs'], 'it must be a size from 1 byte to 512MB, such as 65536, 64KiB, 512k or 16MiB'],
    [['--max-message', '0'], 'it must be a size'],
    [['--origin', 'example.com'], "must list origins such as https://example.com, not 'example.com'"],
    [['--origin', 'https://example.com/path'], 'must list origins'],
    [['--log', 'xml'], 'Allowed choices are json, pretty'],
    [['--heartbeat', 'often'], 'it must be seconds'],
    [['--drain', '-1'], 'it must be seconds'],
    [
      ['--drain', '5', '--drain-spread', '4.5', '--drain-notice', '1'],
      '--drain 5 has no room for --drain-notice and --drain-spread, 5.5 seconds together',
    ],
    [['--host', ''], 'option host must be an address or a host name'],
    [['--tls-cert', 'cert.pem'], '--tls-cert needs --tls-key beside it'],
    [['--tls-key', 'key.pem'], '--tls-key needs --tls-cert beside it'],
    [['--tls-self-signed', '--tls-cert', 'cert.pem'], 'cannot be used with'],
  ])('%j is told in one line, with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await run(['serve', '--port', '0', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^hotline serve: [^\n]+\n$/)
  })
})

describe('a wrong certificate', () => {
  let good: { cert: string; key: string }
  let other: { cert: string; key: string }
  let sealed: string
  beforeAll(async () => {
    good = await certificateFiles()
    const { cert, private: key } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
    other = { cert: file('other.pem', cert), key: file('other-key.pem', key) }
    const { private: encrypted } = await generate(undefined, {
      keyType: 'ec',
      algorithm: 'sha256',
      passphrase: 'secret',
    })
    sealed = file('sealed.pem', encrypted)
  })
  const nothing = file('nothing.pem', 'nothing')

  test.each([
    ['no file', () => ['missing.pem', good.key], /^cannot read --tls-cert missing\.pem: there is no such file$/],
    ['no key file', () => [good.cert, 'missing.pem'], /^cannot read --tls-key missing\.pem: there is no such file$/],
    ['a folder', () => ['/', good.key], /^cannot read --tls-cert \/: it is a folder$/],
    ['no certificate', () => [nothing, good.key], /^--tls-cert \S+ is not a certificate in PEM$/],
    ['no key', () => [good.cert, nothing], /^--tls-key \S+ is not a private key in PEM without a passphrase$/],
    [
      'a key with a passphrase',
      () => [good.cert, sealed],
      /^--tls-key \S+ is not a private key in PEM without a passphrase$/,
    ],
    ['the key of another', () => [good.cert, other.key], /^--tls-key \S+ is not the key of the certificate \S+$/],
    ['both changed', () => [good.key, good.cert], /^--tls-cert \S+ is not a certificate in PEM$/],
  ])('%s is told in one line, with exit code 2', async (_, files, message) => {
    const [cert = '', key = ''] = files()
    const { code, stdout, stderr } = await run(['serve', '--port', '0', '--tls-cert', cert, '--tls-key', key])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.replace(/^hotline serve: |\n$/g, '')).toMatch(message)
  })
})

describe('TLS', () => {
  test('by a certificate and its key', async () => {
    const { cert, key } = await certificateFiles()
    await using server = await serving('--tls-cert', cert, '--tls-key', key)
    expect(server.url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/)
    const { stdout, code } = await run([
      'connect',
      `${server.url}/echo`,
      '--ca',
      cert,
      '--send',
      'hello',
      '--count',
      '1',
    ])
    expect({ stdout, code }).toEqual({ stdout: 'hello\n', code: 0 })
  })

  test('by a certificate of this run, for this machine', async () => {
    await using server = await serving('--tls-self-signed')
    const socket = await open(`${server.url}/echo`, { rejectUnauthorized: false })
    // ws does not publish its socket.
    const { _socket: wire } = socket as unknown as { _socket: TLSSocket }
    const { subjectaltname, valid_to } = wire.getPeerCertificate()
    expect(subjectaltname).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
    expect(Date.parse(valid_to)).toBeGreaterThan(Date.now())
    socket.terminate()
  })
})

describe('--max-message', () => {
  test.each(['/echo', '/rooms/a'])(
    '%s takes a message of that size, and closes with 1009 for a bigger one',
    async path => {
      await using server = await serving('--max-message', '64KiB')
      const socket = await open(server.url + path)
      socket.send(Buffer.alloc(65_536))
      const [message] = await within('the echo', once(socket, 'message'))
      expect(message).toHaveLength(65_536)
      socket.send(Buffer.alloc(65_537))
      expect(await closed(socket)).toEqual([1009, expect.stringContaining('maxMessage: 65536')])
    },
  )
})

describe('--origin', () => {
  const cases: [options: string[], welcome: string[], refused: string[]][] = [
    [[], ['OWN'], ['https://app.example', 'null']],
    [['--origin', 'any'], ['OWN', 'https://app.example', 'null'], []],
    [
      ['--origin', 'https://app.example'],
      ['https://app.example'],
      ['OWN', 'http://app.example', 'https://app.example.evil'],
    ],
    [
      ['--origin', 'same', '--origin', 'https://app.example'],
      ['OWN', 'https://app.example'],
      ['https://other.example'],
    ],
  ]
  test.each(cases)('%j', async (options, welcome, refused) => {
    await using server = await serving(...options)
    const headers = (origin: string) => ({ Origin: origin.replace('OWN', server.url.replace('ws', 'http')) })
    for (const origin of welcome) (await open(`${server.url}/echo`, { headers: headers(origin) })).terminate()
    for (const origin of refused) expect(await refusal(`${server.url}/echo`, headers(origin))).toBe(403)
    ;(await open(`${server.url}/echo`)).terminate()
  })
})

test('--heartbeat pings a quiet peer', async () => {
  await using server = await serving('--heartbeat', '0.05')
  const socket = await open(`${server.url}/echo`)
  await within('a ping', once(socket, 'ping'))
  socket.terminate()
})

describe('the log', () => {
  test('tells who came and went, by code and duration, as JSON', async () => {
    await using server = await serving()
    const socket = await open(`${server.url}/rooms/a%20b?token=secret`)
    const opened = await untilLogged(server, { msg: 'opened', path: '/rooms/a%20b', address: '127.0.0.1' })
    socket.close(4000, 'bye')
    const line = await untilLogged(server, { msg: 'closed', code: 4000, reason: 'bye', clean: true })
    expect(line).toMatchObject({ path: '/rooms/a%20b', socket: opened['socket'], seconds: expect.any(Number) })
    expect(server.err.all.join()).not.toContain('secret')
  })

  test('--log pretty is for people', async () => {
    await using server = await serving('--log', 'pretty')
    await server.err.until('a line for people', lines => /^\[\d\d:\d\d:\d\d\] INFO: listening /.test(lines[0] ?? ''))
  })

  test('--quiet leaves out what is not a warning', async () => {
    await using server = await serving('--quiet')
    const socket = await open(`${server.url}/echo`)
    socket.close()
    await closed(socket)
    server.process.kill('SIGTERM')
    expect((await server.ended()).stderr).toBe('')
  })
})

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s drains: open lines close with 1012, and the exit code is 0',
    async signal => {
      await using server = await serving()
      const sockets = await Promise.all([open(`${server.url}/echo`), open(`${server.url}/rooms/a`)])
      const ends = sockets.map(closed)
      server.process.kill(signal)
      for (const end of ends) expect(await end).toEqual([1012, 'the server is closing, connect again'])
      expect((await server.ended()).code).toBe(0)
      expect(logged(server).at(-1)).toMatchObject({ msg: 'stopped', closed: 2, terminated: 0 })
    },
  )

  test('what is in flight is answered before', async () => {
    await using server = await serving()
    const socket = await open(`${server.url}/echo`)
    const messages: number[] = []
    socket.on('message', data => messages.push((data as Buffer).length))
    for (let size = 0; size < 100; size++) socket.send(Buffer.alloc(size * 1000))
    await within('the first echo', once(socket, 'message'))
    server.process.kill('SIGTERM')
    const [code] = await closed(socket)
    expect(code).toBe(1012)
    expect(messages).toEqual(messages.map((_, size) => size * 1000))
  })

  test.each([
    ['ws', []],
    ['wss', ['--tls-self-signed']],
  ])('a connection on which nothing is asked does not hold up %s://', async (_, options) => {
    await using server = await serving('--drain', '600', ...options)
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1')
    await within('a connection', once(idle, 'connect'))
    const gone = once(idle.resume(), 'close')
    ;(await open(`${server.url}/echo`, { rejectUnauthorized: false })).terminate()
    server.process.kill('SIGTERM')
    expect((await server.ended()).code).toBe(0)
    await within('its end', gone)
  })

  test('--drain bounds how long it takes, with a peer that does not answer', async () => {
    await using server = await serving('--drain', '0.2')
    using peer = await RawClient.open(Number(new URL(server.url).port), { path: '/echo' })
    server.process.kill('SIGTERM')
    expect((await server.ended()).code).toBe(0)
    expect(logged(server).at(-1)).toMatchObject({ msg: 'stopped', closed: 0, terminated: 1 })
    await peer.ended()
  })

  test('a second one cuts, and the exit code is 0', async () => {
    await using server = await serving('--drain', '600')
    using peer = await RawClient.open(Number(new URL(server.url).port), { path: '/echo' })
    server.process.kill('SIGTERM')
    expect(await peer.close()).toEqual([1012, 'the server is closing, connect again'])
    server.process.kill('SIGTERM')
    expect((await server.ended()).code).toBe(0)
    expect(logged(server).at(-1)).toMatchObject({ msg: 'stopped', closed: 0, terminated: 1 })
  })
})
