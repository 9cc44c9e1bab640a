/** The opening handshake as a client sees it, with servers that do everything wrong. RFC 6455 §4.1 */
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openSocket } from '../../src/client/open.ts'
import { WebSocket } from '../../src/client/websocket.ts'
import { HandshakeError, TimeoutError } from '../../src/errors.ts'
import { certificate } from '../support/certificate.ts'
import { close, failure, fate, fateOf, message, open } from './fate.ts'
import { acceptFor, frame, Peer, TEXT, type Wire } from './peer.ts'

const UPGRADE = 'Upgrade: websocket'
const CONNECTION = 'Connection: Upgrade'
const accept = (wire: Wire): string => `Sec-WebSocket-Accept: ${acceptFor(wire.header('Sec-WebSocket-Key') ?? '')}`

interface Expected {
  readonly code?: string
  readonly status?: number
  readonly says: RegExp
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly cause?: RegExp
}

type Row = readonly [name: string, answer: (wire: Wire) => void, expected: Expected]

const refusals: readonly Row[] = [
  // §4.1, the client must validate: (1) the status
  [
    'status 200',
    wire => wire.answer(200, ['Content-Length: 5'], Buffer.from('hello')),
    { status: 200, says: /status 200/, body: 'hello' },
  ],
  [
    'status 301 to another server',
    wire => wire.answer(301, ['Location: ws://127.0.0.1:1/', 'Content-Length: 0']),
    { status: 301, says: /status 301/, headers: { location: 'ws://127.0.0.1:1/' }, body: '' },
  ],
  [
    'status 401 with a reason',
    wire => wire.answer(401, ['WWW-Authenticate: Basic realm="x"', 'Content-Length: 13'], Buffer.from('sign in first')),
    { status: 401, says: /status 401/, headers: { 'www-authenticate': 'Basic realm="x"' }, body: 'sign in first' },
  ],
  [
    'status 503 with a field twice',
    wire => wire.answer(503, ['Retry-After: 3', 'Via: a', 'via: b', 'Content-Length: 0']),
    { status: 503, says: /status 503/, headers: { 'retry-after': '3', via: 'a, b' } },
  ],
  ['status 204', wire => wire.answer(204), { status: 204, says: /status 204/ }],
  [
    'a status 200 that claims to upgrade',
    wire => wire.answer(200, [UPGRADE, CONNECTION, accept(wire), 'Content-Length: 0']),
    { status: 200, says: /status 200/ },
  ],
  ...['1.0', '0.9', '2.0'].map(
    (version): Row => [
      `status 101 in HTTP/${version}`,
      wire => {
        const head = [`HTTP/${version} 101 Switching Protocols`, UPGRADE, CONNECTION, accept(wire), '', '']
        wire.socket.write(head.join('\r\n'))
      },
      { status: 101, says: new RegExp(`HTTP/${version.replace('.', '\\.')}`) },
    ],
  ),
  // (2) Upgrade
  ['no Upgrade', wire => wire.answer(101, [CONNECTION, accept(wire)]), { status: 101, says: /Upgrade: websocket/ }],
  [
    'another Upgrade',
    wire => wire.answer(101, ['Upgrade: h2c', CONNECTION, accept(wire)]),
    { status: 101, says: /Upgrade: websocket/ },
  ],
  [
    'two Upgrades',
    wire => wire.answer(101, [UPGRADE, 'Upgrade: h2c', CONNECTION, accept(wire)]),
    { status: 101, says: /Upgrade: websocket/ },
  ],
  // (3) Connection
  ['no Connection', wire => wire.answer(101, [UPGRADE, accept(wire)]), { status: 101, says: /Connection: Upgrade/ }],
  [
    'another Connection',
    wire => wire.answer(101, [UPGRADE, 'Connection: keep-alive', accept(wire)]),
    { status: 101, says: /Connection: Upgrade/ },
  ],
  ['status 101 and nothing else', wire => wire.answer(101), { status: 101, says: /Upgrade: websocket/ }],
  // (4) Sec-WebSocket-Accept
  [
    'no Sec-WebSocket-Accept',
    wire => wire.answer(101, [UPGRADE, CONNECTION]),
    { status: 101, says: /Sec-WebSocket-Accept/ },
  ],
  [
    'Sec-WebSocket-Accept for another key',
    wire => wire.answer(101, [UPGRADE, CONNECTION, `Sec-WebSocket-Accept: ${acceptFor('dGhlIHNhbXBsZSBub25jZQ==')}`]),
    { status: 101, says: /Sec-WebSocket-Accept/ },
  ],
  [
    'the key itself as Sec-WebSocket-Accept',
    wire => wire.answer(101, [UPGRADE, CONNECTION, `Sec-WebSocket-Accept: ${wire.header('Sec-WebSocket-Key')}`]),
    { status: 101, says: /Sec-WebSocket-Accept/ },
  ],
  [
    'Sec-WebSocket-Accept in another case',
    wire => wire.answer(101, [UPGRADE, CONNECTION, swapped(accept(wire))]),
    { status: 101, says: /Sec-WebSocket-Accept/ },
  ],
  [
    'Sec-WebSocket-Accept twice',
    wire => wire.answer(101, [UPGRADE, CONNECTION, accept(wire), accept(wire)]),
    { status: 101, says: /Sec-WebSocket-Accept/ },
  ],
  // (5) extensions, (6) subprotocols
  [
    'an extension',
    wire => wire.accept(['Sec-WebSocket-Extensions: x-compress']),
    { status: 101, says: /extensions that were not offered/ },
  ],
  [
    'a malformed extension',
    wire => wire.accept(['Sec-WebSocket-Extensions: ;']),
    { status: 101, says: /extensions that were not offered/ },
  ],
  [
    'a subprotocol',
    wire => wire.accept(['Sec-WebSocket-Protocol: chat']),
    { status: 101, says: /subprotocol that was not offered/ },
  ],
  // What is no answer of HTTP
  ['garbage', wire => wire.socket.end('hello\r\n\r\n'), { says: /not HTTP/, cause: /^HPE_/ }],
  ['frames instead of an answer', wire => wire.frame(TEXT, 'hello'), { says: /not HTTP/, cause: /^HPE_/ }],
  [
    'a line break in a field',
    wire => wire.answer(101, [UPGRADE, 'X: a\nb', CONNECTION, accept(wire)]),
    { says: /not HTTP/, cause: /^HPE_/ },
  ],
  [
    'a megabyte of header',
    wire => wire.answer(101, [UPGRADE, CONNECTION, accept(wire), `X: ${'x'.repeat(1_048_576)}`]),
    { says: /not HTTP/, cause: /^HPE_HEADER_OVERFLOW$/ },
  ],
  [
    '100 000 header fields',
    wire => wire.answer(101, [UPGRADE, CONNECTION, accept(wire), ...Array(100_000).fill('X: y')]),
    { says: /not HTTP/, cause: /^HPE_HEADER_OVERFLOW$/ },
  ],
  // No answer
  [
    'an answer that is cut off',
    wire => wire.socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgra'),
    { code: 'ERR_CONNECT', says: /cannot connect/, cause: /^ECONNRESET$/ },
  ],
  [
    'an end instead of an answer',
    wire => wire.socket.end(),
    { code: 'ERR_CONNECT', says: /cannot connect/, cause: /^ECONNRESET$/ },
  ],
  [
    'a reset instead of an answer',
    wire => wire.socket.resetAndDestroy(),
    { code: 'ERR_CONNECT', says: /cannot connect/, cause: /^ECONNRESET$/ },
  ],
]

/** The value of a header line with the case of its letters turned. */
const swapped = (line: string): string =>
  line.replace(/(?<=: ).*/, value =>
    value.replace(/[a-z]/gi, letter => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase())),
  )

function check(error: unknown, { code = 'ERR_HANDSHAKE', status, says, headers = {}, body, cause }: Expected): void {
  expect(error).toBeInstanceOf(HandshakeError)
  const known = error as HandshakeError
  expect(known).toMatchObject({ code, message: expect.stringMatching(says) })
  expect(known.status).toBe(status)
  for (const [name, value] of Object.entries(headers)) expect(known.headers?.[name]).toBe(value)
  if (body !== undefined) expect(known.body).toBe(body)
  const { code: system } = (known.cause ?? {}) as NodeJS.ErrnoException
  if (cause === undefined) expect(known.cause).toBeUndefined()
  else expect(system).toMatch(cause)
}

for (const [name, answer, expected] of refusals) {
  test(`${name} gives a WebSocket an error and 1006 that say why, and leaves no connection`, async () => {
    await using peer = await Peer.listen(answer)
    const { events, error, close } = await fate(peer.url)
    expect(events).toEqual(['error', 'close'])
    check(error, expected)
    expect(close).toMatchObject({ code: 1006, reason: '', wasClean: false, error })
    await peer.empty()
    expect(peer.wires.length).toBe(1)
  })

  test(`${name} makes openSocket reject with the same, and leaves no connection`, async () => {
    await using peer = await Peer.listen(answer)
    check(await failure(openSocket(peer.url)), expected)
    await peer.empty()
    expect(peer.wires.length).toBe(1)
  })
}

describe('what is refused', () => {
  test('goes no further: a redirect is not followed, and nothing is sent to where it points', async () => {
    await using other = await Peer.listen(wire => void wire.accept().echo())
    await using peer = await Peer.listen(wire =>
      wire.answer(302, [`Location: ${other.url.replace('ws', 'http')}/`, 'Content-Length: 0']),
    )
    const url = peer.url.replace('//', '//user:secret@')
    const { error } = await fate(url, { headers: { Cookie: 'secret' } })
    expect(error).toMatchObject({ status: 302 })
    await peer.empty()
    expect(other.wires).toEqual([])
    expect(other.sockets.size).toBe(0)
  })

  test('keeps 4 KiB of a body, and does not wait for the rest', async () => {
    await using peer = await Peer.listen(wire =>
      wire.answer(403, ['Content-Length: 1000000000'], Buffer.alloc(100_000, 'x')),
    )
    const { error } = await fate(peer.url)
    expect((error as HandshakeError).body).toBe('x'.repeat(4096))
    await peer.empty()
  })

  test('says what came of a body that stops, when the time is over', async () => {
    await using peer = await Peer.listen(wire => wire.answer(403, ['Content-Length: 100'], Buffer.from('because')))
    const { error } = await fate(peer.url, { handshakeTimeout: 400 })
    expect(error).toMatchObject({ code: 'ERR_HANDSHAKE', status: 403, body: 'because' })
    await peer.empty()
  })

  test('has fields with names that mean something to JavaScript, as they are', async () => {
    await using peer = await Peer.listen(wire =>
      wire.answer(403, ['__proto__: a', 'constructor: b', 'Content-Length: 0']),
    )
    const { headers } = (await fate(peer.url)).error as HandshakeError
    expect(Object.entries(headers ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['content-length', '0'],
    ])
  })

  test('is silent when nobody listens: no exception, no unhandled rejection', async () => {
    await using peer = await Peer.listen(wire => wire.answer(403, ['Content-Length: 0']))
    new WebSocket(peer.url)
    await peer.wire()
    await peer.empty()
  })
})

describe('what is accepted', () => {
  const answers: readonly (readonly [name: string, answer: (wire: Wire) => void])[] = [
    ['Upgrade in another case', wire => wire.answer(101, ['UPGRADE: WebSocket', CONNECTION, accept(wire)]).echo()],
    [
      'Connection as a list',
      wire => wire.answer(101, [UPGRADE, 'Connection: keep-alive, upgrade', accept(wire)]).echo(),
    ],
    [
      'Connection twice',
      wire => wire.answer(101, [UPGRADE, 'Connection: keep-alive', CONNECTION, accept(wire)]).echo(),
    ],
    [
      'blanks around a value',
      wire => wire.answer(101, [UPGRADE, CONNECTION, accept(wire).replace(': ', ':\t ').concat(' \t')]).echo(),
    ],
    [
      'no blank before a value',
      wire => wire.answer(101, ['Upgrade:websocket', 'Connection:Upgrade', accept(wire).replace(': ', ':')]).echo(),
    ],
    ['cookies and other fields', wire => wire.accept(['Set-Cookie: a=b', 'Server: x', 'Date: now']).echo()],
    [
      'an answer of 103 before',
      wire => {
        wire.answer(103, ['Link: </a>'])
        wire.accept().echo()
      },
    ],
    [
      'an answer in pieces',
      wire => {
        wire.socket.write('HTTP/1.1 101 Switching')
        setImmediate(() => wire.socket.write(` Protocols\r\n${UPGRADE}\r\n${CONNECTION}\r\n${accept(wire)}\r`))
        setImmediate(() => setImmediate(() => wire.socket.write('\n\r\n')))
        wire.echo()
      },
    ],
  ]

  test.each(answers)('%s', async (_, answer) => {
    await using peer = await Peer.listen(answer)
    const socket = await open(peer.url)
    socket.send('hello')
    expect(await message(socket)).toBe('hello')
    expect(await close(socket)).toMatchObject({ close: { wasClean: true } })
    await peer.empty()
  })

  test('a server that listens on one address of a name only', async () => {
    await using peer = await Peer.listen(wire => void wire.accept().echo())
    await close(await open(`ws://localhost:${peer.port}/`))
    expect(peer.wires[0]?.header('Host')).toBe(`localhost:${peer.port}`)
  })

  test('messages that come with the answer, and cut anywhere', async () => {
    await using peer = await Peer.listen(wire => {
      const whole = frame(TEXT, 'first')
      wire.accept([], whole.subarray(0, 3)).echo()
      setImmediate(() => wire.socket.write(whole.subarray(3)))
    })
    const socket = new WebSocket(peer.url)
    expect(await message(socket)).toBe('first')
    await close(socket)
  })
})

/** A blank as good as a space, behind which Node does not see the upgrade. RFC 9110 §5.6.3 */
describe('a server that writes a tab behind Upgrade in Connection', () => {
  const answered = (wire: Wire, before = ''): Buffer =>
    Buffer.from([`${before}HTTP/1.1 101 Yes`, UPGRADE, `${CONNECTION}\t`, accept(wire), '', ''].join('\r\n'))

  test.each([
    ['in one chunk', Number.POSITIVE_INFINITY, ''],
    ['byte by byte', 1, ''],
    ['seven bytes at a time', 7, ''],
    ['behind 100 in the same chunk', Number.POSITIVE_INFINITY, 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('opens a line, and what it sent with the answer is not lost, %s', async (_, size, before) => {
    await using peer = await Peer.listen(async wire => {
      const all = Buffer.concat([answered(wire, before), frame(TEXT, 'a\r\n\r\nb'), frame(TEXT, 'second')])
      for (let at = 0; at < all.length; at += size) {
        wire.socket.write(all.subarray(at, at + size))
        await new Promise(setImmediate)
      }
    })
    const socket = await openSocket(peer.url)
    const messages = socket[Symbol.asyncIterator]()
    expect(await messages.next()).toMatchObject({ value: 'a\r\n\r\nb' })
    expect(await messages.next()).toMatchObject({ value: 'second' })
    socket.terminate()
  })
})

describe('a server that does not answer', () => {
  const limit = { option: 'handshakeTimeout', value: 50 }

  test.each([
    ['that is silent', () => {}],
    ['that sends half an answer', (wire: Wire) => wire.socket.write('HTTP/1.1 101 Switching Protocols\r\n')],
    ['that sends 103 only', (wire: Wire) => wire.answer(103)],
  ])('%s costs no more than handshakeTimeout', async (_, answer) => {
    await using peer = await Peer.listen(answer)
    const { events, error, close } = await fate(peer.url, { handshakeTimeout: 50 })
    expect(events).toEqual(['error', 'close'])
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', limit, message: expect.stringContaining('handshakeTimeout') })
    expect(close).toMatchObject({ code: 1006, error })
    expect(await failure(openSocket(peer.url, { handshakeTimeout: 50 }))).toMatchObject({ code: 'ERR_TIMEOUT', limit })
    await peer.empty()
  })

  test('and does not speak TLS either costs no more', async () => {
    await using peer = await Peer.listen()
    const { error } = await fate(peer.url.replace('ws:', 'wss:'), { handshakeTimeout: 50 })
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', limit })
    await peer.empty()
  })
})

describe('a server that is not there', () => {
  /** A port of this machine that nobody listens to. */
  async function freePort(host?: string): Promise<number> {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, host, resolve))
    const { port } = server.address() as { port: number }
    await new Promise(resolve => server.close(resolve))
    return port
  }

  test.each([
    ['a port that nobody listens to', async () => `ws://127.0.0.1:${await freePort()}/`, /ECONNREFUSED/],
    ['a name with several addresses', async () => `ws://localhost:${await freePort()}/`, /ECONNREFUSED/],
    ['a name that nobody has', async () => 'ws://nobody.invalid/', /ENOTFOUND|EAI_AGAIN/],
    ['a name that nobody has, over TLS', async () => 'wss://nobody.invalid/', /ENOTFOUND|EAI_AGAIN/],
  ])('%s', async (_, urlOf, says) => {
    const url = await urlOf()
    const { events, error, close } = await fate(url)
    expect(events).toEqual(['error', 'close'])
    check(error, { code: 'ERR_CONNECT', says, cause: says })
    expect(close).toMatchObject({ code: 1006, error })
    expect(await failure(openSocket(url))).toMatchObject({ code: 'ERR_CONNECT', message: expect.stringMatching(says) })
  })

  test('TLS to a server without it', async () => {
    const server = createServer(socket => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { error } = await fate(`wss://127.0.0.1:${(server.address() as { port: number }).port}/`)
    check(error, { code: 'ERR_CONNECT', says: /cannot connect/, cause: /^(EPROTO|ERR_SSL_|ECONNRESET)/ })
    await new Promise(resolve => server.close(resolve))
  })

  test('no TLS to a server that has it', async () => {
    await using peer = await Peer.listen(wire => wire.accept(), { tls: await certificate() })
    const { error } = await fate(peer.url.replace('wss:', 'ws:'))
    expect(error).toBeInstanceOf(HandshakeError)
  })
})

describe('close() and the handshake', () => {
  test('an attempt that was given up leaves no connection', async () => {
    await using peer = await Peer.listen()
    const socket = new WebSocket(peer.url)
    await peer.wire()
    const { events, error, close: closed } = await close(socket)
    expect(events).toEqual(['error', 'close'])
    expect(error).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1006 })
    expect(closed).toMatchObject({ code: 1006, error })
    await peer.empty()
  })

  test('an attempt that is given up at once does not even connect', async () => {
    await using peer = await Peer.listen()
    const { events } = await close(new WebSocket(peer.url))
    expect(events).toEqual(['error', 'close'])
    expect(peer.sockets.size).toBe(0)
  })

  test('an answer that was on its way is not taken', async () => {
    const sockets: WebSocket[] = []
    await using peer = await Peer.listen(wire => {
      sockets[0]?.close()
      wire.accept().echo()
    })
    sockets.push(new WebSocket(peer.url))
    const { events, close } = await fateOf(sockets[0] as WebSocket)
    expect(events).toEqual(['error', 'close'])
    expect(close.code).toBe(1006)
    await peer.empty()
  })
})
