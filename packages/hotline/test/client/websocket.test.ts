/** Of the WebSocket class, what a page cannot see: the wire, the errors behind the events, Node's own side. */
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CloseEvent, ErrorEvent } from '../../src/client/events.ts'
import { WebSocket } from '../../src/client/websocket.ts'
import { ClosedError, HandshakeError, ProtocolError, WebSocketError } from '../../src/errors.ts'
import { nodeRuntime } from '../../src/runtime/node/runtime.ts'
import { certificate } from '../support/certificate.ts'
import { close, fate, fateOf, message, open } from './fate.ts'
import { BINARY, CLOSE, closeFrame, type Frame, frame, Peer, TEXT, type Wire } from './peer.ts'

const echo = (wire: Wire): void => void wire.accept().echo()

afterEach(() => {
  vi.restoreAllMocks()
})

describe('on the wire', () => {
  test('the request is what RFC 6455 §4.1 wants and nothing more', async () => {
    await using peer = await Peer.listen(wire => void wire.accept(['Sec-WebSocket-Protocol: two']).echo())
    const url = `${peer.url}/chat/room?name=a%20b`
    const socket = await open(url, {}, ['one', 'two'])
    await close(socket)
    const [wire] = peer.wires
    expect(
      wire?.head.replace(/(?<=Key: ).*/, key => (/^[A-Za-z0-9+/]{22}==$/.test(key) ? 'key' : `wrong: ${key}`)),
    ).toBe(
      [
        'GET /chat/room?name=a%20b HTTP/1.1',
        `Host: 127.0.0.1:${peer.port}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: key',
        'Sec-WebSocket-Protocol: one, two',
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      ].join('\r\n'),
    )
  })

  test('each handshake has a key of its own', async () => {
    await using peer = await Peer.listen(wire => wire.answer(403, ['Content-Length: 0']))
    for (let i = 0; i < 20; i++) await fate(peer.url)
    expect(new Set(peer.wires.map(wire => wire.header('Sec-WebSocket-Key'))).size).toBe(20)
  })

  test('cookies that a server sets are not sent back', async () => {
    await using peer = await Peer.listen(wire => void wire.accept(['Set-Cookie: a=b; Path=/']).echo())
    await close(await open(peer.url))
    await close(await open(peer.url))
    expect(peer.wires.map(wire => wire.header('Cookie'))).toEqual([undefined, undefined])
  })

  test('credentials of the URL become Authorization, and are in no line of the request besides', async () => {
    await using peer = await Peer.listen(echo)
    const rows: readonly (readonly [userInfo: string, pair: string])[] = [
      ['user:secret', 'user:secret'],
      ['user', 'user:'],
      [':secret', ':secret'],
      ['us%65r:p%40ss%3A', 'user:p@ss:'],
      ['%C3%A4:%e2%82%ac', 'ä:€'],
      ['100%:%zz', '100%:%zz'],
    ]
    for (const [userInfo] of rows) await close(await open(peer.url.replace('//', `//${userInfo}@`)))
    const sent = peer.wires.map(wire => wire.header('Authorization'))
    expect(sent).toEqual(rows.map(([, pair]) => `Basic ${Buffer.from(pair).toString('base64')}`))
    expect(peer.wires.every(wire => wire.header('Host') === `127.0.0.1:${peer.port}`)).toBe(true)
  })

  test('every frame of a client is masked, with a key that is new each time', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const socket = new WebSocket(peer.url)
    const wire = await arriving
    const frames: Frame[] = []
    const count = 10_000
    wire.accept([], frame(0x89, 'ping')).onframe = one => {
      frames.push(one)
      if (one.first === CLOSE) wire.socket.end(closeFrame(1000))
    }
    socket.onopen = () => {
      for (let i = 0; i < count; i++) socket.send('same')
      socket.send(new Uint8Array(70_000))
      socket.close()
    }
    await fateOf(socket)
    expect(frames.length).toBe(count + 3)
    expect(frames.every(({ key }) => key.length === 8)).toBe(true)
    expect(frames.filter(({ payload }) => payload.equals(Buffer.from('same'))).length).toBe(count)
    // Random keys of 32 bits: two of 10 000 are the same once in a hundred runs, five never.
    expect(new Set(frames.map(({ key }) => key)).size).toBeGreaterThan(count - 3)
    // The bits are spread: no byte of the key stands still.
    for (let at = 0; at < 8; at += 2) expect(new Set(frames.map(({ key }) => key.slice(at, at + 2))).size).toBe(256)
  })

  test('a ping is answered with its payload', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const opening = open(peer.url)
    const wire = (await arriving).accept([], frame(0x89, 'are you there?'))
    expect(await wire.next()).toMatchObject({ first: 0x8a, payload: Buffer.from('are you there?') })
    wire.echo()
    await close(await opening)
  })

  test('wss is ws over TLS, in the url and in the origin of a message too', async () => {
    const tls = await certificate()
    await using peer = await Peer.listen(echo, { tls })
    const socket = await open(`${peer.url}/path`, { tls: { ca: tls.cert } })
    expect(socket.url).toBe(`wss://127.0.0.1:${peer.port}/path`)
    const coming = new Promise<MessageEvent>(resolve => {
      socket.onmessage = resolve
    })
    socket.send('secret')
    expect(await coming).toMatchObject({ data: 'secret', origin: `wss://127.0.0.1:${peer.port}` })
    await close(socket)
    await peer.empty()
  })

  test('an address of IPv6 is dialled, and named in brackets', async () => {
    await using peer = await Peer.listen(echo, { host: '::1' })
    const socket = await open(peer.url)
    socket.send('six')
    expect(await message(socket)).toBe('six')
    await close(socket)
    expect(peer.wires[0]?.header('Host')).toBe(`[::1]:${peer.port}`)
  })
})

describe('what is received', () => {
  test.each([0, 1, 125, 126, 4096, 4097, 65_535, 65_536, 300_000])(
    'an ArrayBuffer of %i bytes is no larger than its message, in one frame or in three',
    async size => {
      await using peer = await Peer.listen()
      const arriving = peer.wire()
      const opening = open(peer.url)
      const wire = (await arriving).accept()
      const socket = await opening
      socket.binaryType = 'arraybuffer'
      const bytes = Buffer.alloc(size, 7)
      wire.frame(BINARY, bytes)
      expect(await message(socket)).toEqual(new Uint8Array(bytes).buffer)
      const third = Math.floor(size / 3)
      wire.socket.write(
        Buffer.concat([
          frame(0x02, bytes.subarray(0, third)),
          frame(0x00, bytes.subarray(third, 2 * third)),
          frame(0x80, bytes.subarray(2 * third)),
        ]),
      )
      expect(await message(socket)).toEqual(new Uint8Array(bytes).buffer)
      wire.echo()
      await close(socket)
    },
  )

  test('belongs to the receiver: two messages share no memory', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const opening = open(peer.url)
    const wire = (await arriving).accept()
    const socket = await opening
    socket.binaryType = 'arraybuffer'
    wire.socket.write(Buffer.concat([frame(BINARY, 'one'), frame(BINARY, 'two')]))
    const first = new Uint8Array((await message(socket)) as ArrayBuffer)
    first.fill(0)
    wire.frame(BINARY, 'two')
    expect(Buffer.from((await message(socket)) as ArrayBuffer).toString()).toBe('two')
    wire.echo()
    await close(socket)
  })
})

describe('errors', () => {
  test('an error event says why, and the close event says the same', async () => {
    await using peer = await Peer.listen(wire => wire.answer(401, ['Content-Length: 0']))
    const socket = new WebSocket(peer.url)
    const end = fateOf(socket)
    const event = await new Promise<ErrorEvent>(resolve => {
      socket.onerror = resolve
    })
    expect(event).toBeInstanceOf(ErrorEvent)
    expect(event.error).toBeInstanceOf(HandshakeError)
    expect(event.message).toBe(event.error?.message)
    expect(String(event)).toBe('[object ErrorEvent]')
    expect(await end).toMatchObject({ close: { error: event.error } })
  })

  test('a clean end has no error', async () => {
    await using peer = await Peer.listen(echo)
    const { error, close: closed } = await close(await open(peer.url))
    expect(error).toBeUndefined()
    expect(closed.error).toBeUndefined()
    expect(new CloseEvent('close').error).toBeUndefined()
  })

  const ends: readonly (readonly [name: string, act: (wire: Wire) => void, expected: object])[] = [
    ['an end without a close frame', wire => wire.socket.end(), { code: 'ERR_CONNECTION' }],
    [
      'a reset',
      wire => wire.socket.resetAndDestroy(),
      { code: 'ERR_CONNECTION', cause: expect.objectContaining({ code: 'ECONNRESET' }) },
    ],
    ['text that is not UTF-8', wire => wire.frame(TEXT, Buffer.of(0xff)), { code: 'ERR_UTF8', closeCode: 1007 }],
    [
      'a masked frame',
      wire => wire.socket.write(Buffer.of(0x81, 0x80, 1, 2, 3, 4)),
      { code: 'ERR_PROTOCOL', closeCode: 1002 },
    ],
    ['a close code that must not be sent', wire => wire.close(1005), { code: 'ERR_PROTOCOL', closeCode: 1002 }],
  ]

  test.each(ends)('%s is told as an error, with 1006', async (_, act, expected) => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const opening = open(peer.url)
    const wire = (await arriving).accept()
    const socket = await opening
    const end = fateOf(socket)
    wire.onframe = ({ first }) => {
      if (first === CLOSE) wire.socket.end()
    }
    act(wire)
    const { events, error, close: closed } = await end
    expect(events).toEqual(['error', 'close'])
    expect(error).toBeInstanceOf(WebSocketError)
    expect(error).toMatchObject(expected)
    expect(closed).toMatchObject({ code: 1006, reason: '', wasClean: false, error })
    await peer.empty()
  })

  test('the peer that broke the standard is told with which code', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const opening = fate(peer.url)
    const wire = (await arriving).accept([], frame(TEXT, Buffer.of(0xff)))
    const { first, payload } = await wire.next()
    expect([first, payload.readUInt16BE(0)]).toEqual([CLOSE, 1007])
    wire.socket.end()
    expect((await opening).error).toBeInstanceOf(ProtocolError)
  })

  test('a Blob that cannot be read is not left out quietly: the line goes, with the reason', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hotline-'))
    const path = join(folder, 'file')
    await writeFile(path, 'content')
    await using peer = await Peer.listen(echo)
    const socket = await open(peer.url)
    const blob = await openAsBlob(path)
    await writeFile(path, 'something else, which is longer')
    socket.send(blob)
    socket.send('behind it')
    const { events, error } = await fateOf(socket)
    expect(events).toEqual(['error', 'close'])
    expect(error).toMatchObject({ code: 'ERR_CONNECTION', message: expect.stringContaining('Blob') })
    expect(error?.cause).toMatchObject({ name: 'NotReadableError' })
    await rm(folder, { recursive: true })
  })
})

describe('bufferedAmount', () => {
  test.each([1, 100, 65_536])('does not fall within a task, with a high mark of %i', async highMark => {
    await using peer = await Peer.listen(echo)
    const socket = await open(peer.url, { highMark })
    const sums: number[] = []
    for (let i = 1; i <= 100; i++) {
      socket.send('€'.repeat(300))
      sums.push(socket.bufferedAmount / i)
    }
    expect(new Set(sums)).toEqual(new Set([900]))
    await close(socket)
  })

  test('keeps what could not be sent when the peer that read nothing is gone', async () => {
    await using peer = await Peer.listen(wire => void wire.accept().socket.pause())
    const socket = await open(peer.url)
    const size = 64 * 1_048_576
    socket.send(new Uint8Array(size))
    socket.send('€')
    expect(socket.bufferedAmount).toBe(size + 3)
    const end = fateOf(socket)
    peer.wires[0]?.socket.resetAndDestroy()
    await end
    const left = socket.bufferedAmount
    expect(left).toBeGreaterThan(size / 2)
    socket.send('four')
    expect(socket.bufferedAmount).toBe(left + 4)
  })

  test('falls as the peer reads', async () => {
    await using peer = await Peer.listen(wire => void wire.accept().socket.pause())
    const socket = await open(peer.url)
    const size = 16 * 1_048_576
    socket.send(new Uint8Array(size))
    const wire = peer.wires[0] as Wire
    wire.echo().socket.resume()
    const seen = [socket.bufferedAmount]
    while (socket.bufferedAmount > 0) {
      await new Promise(resolve => setImmediate(resolve))
      if (socket.bufferedAmount !== seen.at(-1)) seen.push(socket.bufferedAmount)
    }
    expect(seen[0]).toBe(size)
    expect(seen.length).toBeGreaterThan(2)
    expect(seen).toEqual([...seen].sort((a, b) => b - a))
    await close(socket)
  })
})

describe('between the answer to the handshake and the open event', () => {
  /** Calls back when the open event has been queued and has not been fired. */
  function whenEstablished(act: () => void): void {
    const { clock } = nodeRuntime
    const { soon } = clock
    vi.spyOn(clock, 'soon').mockImplementationOnce(callback => {
      act()
      soon(callback)
    })
  }

  test('close() ends the connection, and there is no open event', async () => {
    await using peer = await Peer.listen(echo)
    const socket = new WebSocket(peer.url)
    whenEstablished(() => socket.close(3000))
    const { events, error, close: closed } = await fateOf(socket)
    expect(events).toEqual(['error', 'close'])
    expect(error).toBeInstanceOf(ClosedError)
    expect(closed.code).toBe(1006)
    await peer.empty()
  })

  test('an aborted signal ends the connection', async () => {
    await using peer = await Peer.listen(echo)
    const controller = new AbortController()
    const socket = new WebSocket(peer.url, [], { signal: controller.signal })
    whenEstablished(() => controller.abort('enough'))
    const { events, error } = await fateOf(socket)
    expect(events).toEqual(['open', 'error', 'close'])
    expect(error).toMatchObject({ code: 'ERR_ABORTED', cause: 'enough' })
    await peer.empty()
  })

  test('send() still throws', async () => {
    await using peer = await Peer.listen(echo)
    const socket = new WebSocket(peer.url)
    let outcome: unknown
    whenEstablished(() => {
      try {
        socket.send('early')
      } catch (error) {
        outcome = error
      }
    })
    await fateOf(Object.assign(socket, { onopen: () => socket.close() }))
    expect(outcome).toMatchObject({ name: 'InvalidStateError' })
  })
})
