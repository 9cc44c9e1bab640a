/** `hotline connect` as scripts run it: pipes, options, exit codes, and each way of going wrong. */
import { once } from 'node:events'
import { createServer, type Server as TcpServer } from 'node:net'
import { type Handlers, refuse, type Server, type ServerSocket, serve } from 'hotline/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { Log } from '../../../hotline/test/support/deadline.ts'
import { file } from '../support/files.ts'
import { type Running, run, serving, start } from '../support/hotline.ts'
import { certificateFiles } from '../support/tls.ts'

let server: Server
let url: string
const requests = new Log<Readonly<Record<string, string | undefined>>>()
const peers = new Log<ServerSocket>()
const closes = new Log<readonly [code: number, reason: string]>()

/** Says the messages as soon as the line is open. */
const says = (...messages: (string | Uint8Array)[]): Handlers => ({
  open: async socket => {
    for (const message of messages) await socket.send(message)
  },
})

beforeAll(async () => {
  const echo: Handlers = {
    authorize: ({ headers }) => {
      requests.push(headers)
      return {}
    },
    open: socket => peers.push(socket),
    message: (socket, message) => socket.send(message),
    close: (_, { code, reason }) => closes.push([code, reason]),
  }
  server = await serve({
    port: 0,
    report: () => {},
    routes: {
      '/echo': { ...echo, origin: 'any', protocols: ['chat.2', 'chat.1'] },
      '/text': says('one', 'two', 'three'),
      '/json': says('{"a":[1,{}]}', 'no JSON'),
      '/bytes': says(new Uint8Array([104, 105, 0, 255]), new Uint8Array(0)),
      '/steering': says('\u001b[2J'),
      '/silent': {},
      '/large': says('x'.repeat(100_000)),
      '/normal': { open: socket => void socket.close(1000, 'done') },
      '/away': { open: socket => void socket.close(1001) },
      '/policy': { open: socket => void socket.close(1008, 'no\u001b[31m') },
      '/lines': { open: socket => void socket.close(4401, 'sign\nin') },
      '/talks': says(...Array<string>(300).fill('x'.repeat(1000))),
      '/lost': { open: socket => socket.terminate() },
      '/counted': {
        open: async socket => {
          await socket.send('only one')
          await socket.close(1011, 'broken')
        },
      },
      '/refused': { authorize: () => refuse(403, 'not you', { 'X-Why': 'because' }) },
      '/moved': { authorize: () => refuse(301, 'gone elsewhere', { Location: 'wss://example.com/' }) },
    },
  })
  url = server.url ?? ''
})
afterAll(() => server.close())

describe('sending', () => {
  test('--send sends each text in order, and --count waits for so many answers', async () => {
    const args = ['connect', `${url}/echo`, '--send', 'one', '-s', 'zwei ü 🐎', '--send', '', '--count', '3']
    expect(await run(args)).toEqual({ code: 0, stdout: 'one\nzwei ü 🐎\n\n', stderr: '' })
  })

  test('--send-binary and --send-file send bytes, in the order of the command line', async () => {
    const path = file('three.bin', Uint8Array.of(1, 2, 3))
    const args = ['--send-binary', 'de:ad', '--send', 'text', '--send-file', path, '--count', '3', '--json']
    const { stdout } = await run(['connect', `${url}/echo`, ...args])
    const messages = stdout.split('\n').filter(line => line.includes('"message"'))
    expect(messages.map(line => JSON.parse(line))).toEqual([
      { event: 'message', time: expect.any(String), type: 'binary', hex: 'dead' },
      { event: 'message', time: expect.any(String), type: 'text', data: 'text' },
      { event: 'message', time: expect.any(String), type: 'binary', hex: '010203' },
    ])
  })

  test('without --send, each line of standard input is a message', async () => {
    const { code, stdout } = await run(['connect', `${url}/echo`, '--count', '4'], 'one\ntwo\n\r\nlast without end')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\ntwo\n\nlast without end\n' })
  })

  test('lines are sent as they come, not at the end of the input', async () => {
    await using running = start(['connect', `${url}/echo`])
    running.type('first\n')
    await running.out.until('the answer', all => all.includes('first'))
    running.type('second\n')
    await running.out.until('the answer', all => all.includes('second'))
    expect((await running.end()).code).toBe(0)
  })

  test('many lines all arrive, and all answers are printed', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('')
    const { code, stdout } = await run(['connect', `${url}/echo`], lines)
    expect(code).toBe(0)
    expect(stdout).toBe(lines)
  })

  test('with --send, standard input is not read', async () => {
    expect((await run(['connect', `${url}/echo`, '--send', 'sent', '--count', '1'], 'typed\n')).stdout).toBe('sent\n')
  })
})

describe('leaving', () => {
  test('with nothing else to do, when nothing has come for a second', async () => {
    expect(await run(['connect', `${url}/text`])).toEqual({ code: 0, stdout: 'one\ntwo\nthree\n', stderr: '' })
  })

  test('--count leaves with the message that makes it complete', async () => {
    expect(await run(['connect', `${url}/text`, '--count', '2'])).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' })
  })

  test('closes with 1000', async () => {
    closes.all.length = 0
    await run(['connect', `${url}/echo`, '--send', 'x', '--count', '1'])
    await closes.until('a close', all => all.length === 1)
    expect(closes.all).toEqual([[1000, '']])
  })

  test('--wait leaves so long after the last message was sent', async () => {
    const { code, stdout } = await run(['connect', `${url}/text`, '--wait', '0.2'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\ntwo\nthree\n' })
  })

  test('--wait with fewer messages than --count is exit code 1, and says how many came', async () => {
    expect(await run(['connect', `${url}/text`, '--count', '4', '--wait', '0.2'])).toEqual({
      code: 1,
      stdout: 'one\ntwo\nthree\n',
      stderr: 'hotline connect: 3 of 4 messages came within 0.2 s\n',
    })
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('--wait forever stays until %s, and closes the line', async signal => {
    closes.all.length = 0
    await using running = start(['connect', `${url}/echo`, '--send', 'x', '--wait', 'forever'])
    await running.out.until('the answer', all => all.length === 1)
    running.process.kill(signal)
    expect((await running.ended()).code).toBe(0)
    await closes.until('a close', all => all.length === 1)
    expect(closes.all).toEqual([[1000, '']])
  })

  test('a signal before --count is reached is exit code 1', async () => {
    await using running = start(['connect', `${url}/text`, '--count', '4'])
    await running.out.until('the third', all => all.includes('three'))
    running.process.kill('SIGTERM')
    expect(await running.ended()).toEqual({
      code: 1,
      stdout: 'one\ntwo\nthree\n',
      stderr: 'hotline connect: 3 of 4 messages came before the signal\n',
    })
  })

  test('a second signal cuts a line that does not close', async () => {
    const silent = await silentServer()
    await using running = start(['connect', silent.url, '--wait', 'forever', '--verbose'])
    await running.err.until('the handshake', all => all.includes('< HTTP/1.1 101'))
    running.process.kill('SIGTERM')
    await silent.closing
    running.process.kill('SIGTERM')
    expect((await running.ended()).code).toBe(0)
    silent.close()
  })

  test('a reader that has seen enough ends it quietly', async () => {
    await using running = start(['connect', `${url}/echo`, '--wait', 'forever'])
    running.type('x\n')
    await running.out.until('the answer', all => all.length === 1)
    running.process.stdout?.destroy()
    running.type('y\nz\n')
    expect(await running.ended()).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('how the server ends it', () => {
  test.each([
    ['/normal', 0, ''],
    ['/away', 0, ''],
    ['/policy', 1, 'hotline connect: the server closed with 1008 no\\x1b[31m\n'],
    ['/lost', 1, 'hotline connect: the line was lost: '],
  ])('%s is exit code %i', async (path, code, stderr) => {
    const ended = await run(['connect', url + path, '--wait', '5'])
    expect(ended.code).toBe(code)
    expect(ended.stderr.startsWith(stderr)).toBe(true)
    expect(ended.stderr.split('\n')).toHaveLength(stderr === '' ? 1 : 2)
  })

  test('before --count is reached is exit code 1, with both told', async () => {
    expect(await run(['connect', `${url}/counted`, '--count', '2'])).toEqual({
      code: 1,
      stdout: 'only one\n',
      stderr: 'hotline connect: 1 of 2 messages came before the server closed with 1011 broken\n',
    })
  })

  test('also while lines are typed', async () => {
    await using running = start(['connect', `${url}/echo`])
    running.type('x\n')
    await running.out.until('the answer', all => all.length === 1)
    peers.all.at(-1)?.close(4000, 'enough')
    expect(await running.ended()).toMatchObject({
      code: 1,
      stderr: 'hotline connect: the server closed with 4000 enough\n',
    })
  })
})

describe('showing', () => {
  test('text as it came, byte for byte, when it is no terminal', async () => {
    expect((await run(['connect', `${url}/steering`, '--count', '1'])).stdout).toBe('\u001b[2J\n')
  })

  test('bytes as a hex dump', async () => {
    expect((await run(['connect', `${url}/bytes`, '--count', '2'])).stdout).toBe(
      `00000000  68 69 00 ff${' '.repeat(39)}|hi..|\n\n`,
    )
  })

  test('--pretty lays out JSON, and leaves the rest', async () => {
    const { stdout } = await run(['connect', `${url}/json`, '--count', '2', '--pretty'])
    expect(stdout).toBe('{\n  "a": [\n    1,\n    {}\n  ]\n}\nno JSON\n')
  })

  test('--json is one object for each event', async () => {
    const { stdout } = await run(['connect', `${url}/text`, '--count', '1', '--json'])
    const events = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
    expect(events).toEqual([
      {
        event: 'open',
        time,
        url: `${url}/text`,
        protocol: '',
        extensions: [{ name: 'permessage-deflate', params: expect.any(Array) }],
      },
      { event: 'message', time, type: 'text', data: 'one' },
      { event: 'close', time, code: 1000, reason: '', clean: true },
    ])
  })

  test('--json tells a failure too, beside the line on standard error', async () => {
    const { code, stdout, stderr } = await run(['connect', `${url}/refused`, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'ERR_HANDSHAKE', status: 403, body: 'not you\n' })
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'hotline connect: the server refused with 403 Forbidden: not you\n',
    })
  })

  test('--verbose shows the handshake of both sides, and the end', async () => {
    const { stdout, stderr } = await run([
      'connect',
      `${url}/text?a=b`,
      '--count',
      '1',
      '--verbose',
      '-H',
      'X-Own: value',
    ])
    expect(stdout).toBe('one\n')
    for (const line of [
      `* ${url}/text?a=b`,
      '> GET /text?a=b HTTP/1.1',
      '> x-own: value',
      '> upgrade: websocket',
      '> sec-websocket-version: 13',
      '< HTTP/1.1 101',
      '< upgrade: websocket',
      'closed: 1000',
    ])
      expect(stderr.split('\n')).toContain(line)
  })

  test('--verbose shows the headers and the body of a refusal', async () => {
    const { stderr } = await run(['connect', `${url}/refused`, '--verbose'])
    for (const line of ['< HTTP/1.1 403', '< x-why: because', 'not you']) expect(stderr.split('\n')).toContain(line)
  })

  test('--ping shows the round-trip time, and leaves', async () => {
    const { code, stdout, stderr } = await run(['connect', `${url}/silent`, '--ping'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^pong after \d+\.\d ms\n$/)
  })

  test('--ping --json shows it on standard output', async () => {
    const { stdout } = await run(['connect', `${url}/silent`, '--ping', '--json'])
    expect(JSON.parse(stdout.split('\n')[1] ?? '')).toMatchObject({ event: 'pong', milliseconds: expect.any(Number) })
  })
})

describe('the request', () => {
  test('has the headers, the origin and the subprotocols that were asked for', async () => {
    requests.all.length = 0
    const { stdout } = await run([
      ...['connect', `${url}/echo`, '--send', 'x', '--count', '1', '--json'],
      ...['-H', 'Authorization: Bearer abc', '--header', 'Cookie: a=1', '-H', 'cookie: b=2'],
      ...['--origin', 'https://app.example', '-p', 'chat.1', '--protocol', 'chat.2'],
    ])
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ event: 'open', protocol: 'chat.2' })
    expect(requests.all).toMatchObject([
      {
        authorization: 'Bearer abc',
        cookie: 'a=1; b=2',
        origin: 'https://app.example',
        'sec-websocket-protocol': 'chat.1, chat.2',
      },
    ])
  })

  test('for a subprotocol that the server does not have is told', async () => {
    const { code, stderr } = await run(['connect', `${url}/text`, '--count', '1', '--protocol', 'other'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'the server chose none of the subprotocols\n' })
  })

  test('takes http:// for ws://', async () => {
    expect((await run(['connect', `${url.replace('ws', 'http')}/text`, '--count', '1'])).stdout).toBe('one\n')
  })

  test('--max-message bounds what is received', async () => {
    expect(await run(['connect', `${url}/large`, '--count', '1', '--max-message', '64KiB'])).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('(maxMessage: 65536)'),
    })
  })
})

describe('TLS', () => {
  let secure: Running & { readonly url: string }
  let cert: string
  beforeAll(async () => {
    const files = await certificateFiles()
    cert = files.cert
    secure = await serving('--tls-cert', files.cert, '--tls-key', files.key)
  })
  afterAll(() => secure[Symbol.asyncDispose]())

  const hello = ['--send', 'hello', '--count', '1']

  test('a certificate that nobody trusts is refused, and the line says what can be done', async () => {
    expect(await run(['connect', `${secure.url}/echo`, ...hello])).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'hotline connect: the certificate of 127.0.0.1 is not trusted; name its authority with --ca, or trust anybody with --insecure\n',
    })
  })

  test.each([
    ['--ca', () => ['--ca', cert]],
    ['--insecure', () => ['--insecure']],
  ])('%s trusts it', async (_, options) => {
    expect(await run(['connect', `${secure.url}/echo`, ...hello, ...options()])).toEqual({
      code: 0,
      stdout: 'hello\n',
      stderr: '',
    })
  })

  test('--ca with something else than a certificate is exit code 2', async () => {
    const path = file('no.pem', 'not a certificate')
    expect(await run(['connect', `${secure.url}/echo`, '--ca', path])).toEqual({
      code: 2,
      stdout: '',
      stderr: `hotline connect: --ca ${path} is not a certificate in PEM\n`,
    })
  })

  test('ws:// to a server of wss://, and the other way round, are told apart', async () => {
    const { code, stderr } = await run(['connect', `${secure.url.replace('wss', 'ws')}/echo`])
    expect([code, stderr]).toEqual([3, expect.stringContaining('perhaps it wants wss://')])
    const other = await run(['connect', url.replace('ws', 'wss')])
    expect([other.code, other.stderr]).toEqual([3, expect.stringContaining('perhaps it wants ws://')])
  })
})

describe('what cannot be connected to is one line and exit code 3', () => {
  test('a port that nobody listens on', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as { port: number }
    closed.close()
    expect(await run(['connect', `ws://127.0.0.1:${port}/`])).toEqual({
      code: 3,
      stdout: '',
      stderr: `hotline connect: nothing listens on 127.0.0.1:${port}; is the server running?\n`,
    })
  })

  test('a name that does not exist', async () => {
    const { code, stderr } = await run(['connect', 'ws://no.such.host.invalid/'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^hotline connect: (there is no host named|the name) no\.such\.host\.invalid[^\n]+\n$/)
  })

  test('a redirection says where to', async () => {
    expect((await run(['connect', `${url}/moved`])).stderr).toBe(
      'hotline connect: the server refused with 301 Moved Permanently, to wss://example.com/: gone elsewhere\n',
    )
  })

  test('a server that says nothing, after --timeout', async () => {
    const mute: TcpServer = createServer(() => {})
    await once(mute.listen(0, '127.0.0.1'), 'listening')
    const { port } = mute.address() as { port: number }
    expect(await run(['connect', `ws://127.0.0.1:${port}/`, '--timeout', '0.2'])).toEqual({
      code: 3,
      stdout: '',
      stderr: `hotline connect: no answer from 127.0.0.1:${port} within 0.2 s (--timeout)\n`,
    })
    mute.close()
  })
})

test('a pong that does not come, within --timeout, is exit code 1', async () => {
  const peer = new WebSocketServer({ port: 0, autoPong: false })
  await once(peer, 'listening')
  const { port } = peer.address() as { port: number }
  expect(await run(['connect', `ws://127.0.0.1:${port}/`, '--ping', '--timeout', '0.3'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'hotline connect: no pong within 0.3 s (--timeout)\n',
  })
  peer.close()
})

test.each([
  ['/lost', 'the line was lost: '],
  ['/policy', 'the server closed with 1008 no\\x1b[31m\n'],
  ['/lines', 'the server closed with 4401 sign in\n'],
  ['/normal', 'no pong came before the server closed with 1000 done\n'],
])('a line to %s that ends before the pong is exit code 1 at once', async (path, line) => {
  const { code, stdout, stderr } = await run(['connect', url + path, '--ping', '--timeout', '3600'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.startsWith(`hotline connect: ${line}`)).toBe(true)
  expect(stderr).toMatch(/^[^\n]+\n$/)
})

test.each([
  [[], 300],
  [['--count', '2'], 2],
])('a pong that stands behind much else is awaited: --ping %j', async (options, lines) => {
  const { code, stdout, stderr } = await run(['connect', `${url}/talks`, '--ping', ...options])
  expect({ code, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, lines })
  expect(stderr).toMatch(/^pong after \d+\.\d ms\n$/)
})

describe('a wrong command line is one line and exit code 2', () => {
  test.each([
    [['example.com'], "'example.com' is not a URL"],
    [['ftp://example.com'], 'the URL must begin with ws:, wss:, http: or https:, not ftp:'],
    [['ws://example.com/#here'], 'the URL must not have a fragment'],
    [['ws://x', '--count', '0'], 'it must be a number from 1 on'],
    [['ws://x', '--wait', 'long'], 'it must be seconds'],
    [['ws://x', '--timeout', '0'], 'it must be seconds'],
    [['ws://x', '--send-binary', 'xyz'], 'it must be pairs of hexadecimal digits'],
    [['ws://x', '--send-file', '/no/such'], 'cannot read --send-file /no/such: there is no such file'],
    [['ws://x', '--ca', '/no/such'], 'cannot read --ca /no/such: there is no such file'],
    [['ws://x', '--header', 'nonsense'], 'it must be a name and a value'],
    [['ws://x', '-H', 'Upgrade: h2c'], 'header Upgrade belongs to the handshake'],
    [['ws://x', '-p', 'two words'], 'subprotocols must be different tokens'],
    [['ws://x', '--max-message', 'big'], 'it must be a size'],
    [['ws://x', '--json', '--pretty'], 'cannot be used with'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(['connect', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^hotline connect: [^\n]+\n$/)
  })
})

/** Opens lines and then never answers anything. */
async function silentServer(): Promise<{ url: string; closing: Promise<unknown>; close(): void }> {
  const peer = new WebSocketServer({ port: 0 })
  await once(peer, 'listening')
  const { port } = peer.address() as { port: number }
  const closing = once(peer, 'connection').then(async ([socket]) => {
    const wire = socket._socket
    wire.removeAllListeners('data')
    await once(wire, 'data')
  })
  return { url: `ws://127.0.0.1:${port}/`, closing, close: () => peer.close() }
}
