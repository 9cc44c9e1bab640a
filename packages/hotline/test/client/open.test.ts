/** openSocket: the same line as the WebSocket class, as an object that waits. */
import { describe, expect, test, vi } from 'vitest'
import { ClientSocket, type OpenOptions, openSocket } from '../../src/client/open.ts'
import { ClosedError, HandshakeError, UsageError } from '../../src/errors.ts'
import { within } from '../support/deadline.ts'
import { failure } from './fate.ts'
import { BINARY, CLOSE, closeFrame, frame, Peer, TEXT, type Wire } from './peer.ts'
import { play } from './whatwg/scenes.ts'

const echo = (wire: Wire): void => void wire.accept().echo()

async function all(socket: ClientSocket): Promise<unknown[]> {
  const messages: unknown[] = []
  for await (const message of socket) messages.push(message)
  return messages
}

describe('reading', () => {
  test('for await gives the messages in order, those with the answer first, and ends when the line is closed', async () => {
    await using peer = await Peer.listen(wire => {
      wire.accept([], frame(TEXT, 'one'), frame(BINARY, 'two'), frame(TEXT, ''), closeFrame(1000)).onframe = () =>
        wire.socket.end()
    })
    const socket = await openSocket(peer.url)
    expect(await all(socket)).toEqual(['one', new Uint8Array(Buffer.from('two')), ''])
    expect(await socket.closed).toMatchObject({ code: 1000, clean: true })
  })

  test('a loop that is left and begun again misses nothing', async () => {
    await using peer = await Peer.listen(wire => void wire.accept([], frame(TEXT, '1'), frame(TEXT, '2')).echo())
    await using socket = await openSocket(peer.url)
    const seen: unknown[] = []
    for (let i = 0; i < 2; i++)
      for await (const message of socket) {
        seen.push(message)
        break
      }
    expect(seen).toEqual(['1', '2'])
  })

  test('a lost line ends the loop, and closed says why', async () => {
    await using peer = await Peer.listen(wire => void wire.accept([], frame(TEXT, 'last')).socket.end())
    const socket = await openSocket(peer.url)
    expect(await all(socket)).toEqual(['last'])
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false, error: { code: 'ERR_CONNECTION' } })
    expect(socket.state).toBe('closed')
  })

  test('who does not read slows the server down, and loses nothing', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const opening = openSocket(peer.url, { highMark: 1000 })
    const wire = (await arriving).accept()
    const socket = await opening
    const count = 32_000
    for (let i = 0; i < count; i++) wire.frame(TEXT, 'x'.repeat(1000))
    await standstill(wire)
    expect(wire.socket.writableLength).toBeGreaterThan(16_000_000)
    wire.close(1000)
    wire.onframe = () => wire.socket.end()
    expect((await within('all messages', all(socket))).length).toBe(count)
  })

  /** Fulfilled when nothing has left for many turns of the event loop, which both ends share. */
  async function standstill({ socket }: Wire): Promise<void> {
    for (let turns = 0, before = -1; turns < 2000; turns++) {
      if (socket.writableLength !== before) turns = 0
      before = socket.writableLength
      await new Promise(resolve => setImmediate(resolve))
    }
  }
})

describe('sending', () => {
  test('takes text, bytes, a Blob and parts, in the order of the calls', async () => {
    await using peer = await Peer.listen(play)
    const socket = await openSocket(`${peer.url}/frames`)
    socket.send(new Blob(['blob']))
    socket.send('text')
    socket.send(Uint8Array.of(1))
    socket.send(['par', 'ts'])
    const closing = socket.close(3000, 'done')
    expect(await closing).toMatchObject({ code: 4999, reason: '88 0bb8646f6e65 after 5', clean: true })
  })

  test('waits for a server that does not read, and goes on when it does', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const opening = openSocket(peer.url)
    const wire = (await arriving).accept()
    wire.socket.pause()
    const socket = await opening
    const waiting = socket.send(new Uint8Array(32 * 1_048_576))
    let sent = false
    waiting.then(() => {
      sent = true
    })
    await new Promise(resolve => setImmediate(resolve))
    expect(sent).toBe(false)
    expect(socket.bufferedAmount).toBeGreaterThan(1_048_576)
    wire.echo().socket.resume()
    await within('the send', waiting)
    expect(socket.bufferedAmount).toBeLessThanOrEqual(65_536)
    await socket.close()
  })

  test('after the end rejects with a ClosedError', async () => {
    await using peer = await Peer.listen(echo)
    const socket = await openSocket(peer.url)
    await socket.close(4000, 'bye')
    const error = await failure(socket.send('late'))
    expect(error).toBeInstanceOf(ClosedError)
    expect(error).toMatchObject({ code: 'ERR_CLOSED', closeCode: 4000, reason: 'bye' })
  })
})

describe('the handshake', () => {
  test('is there to look at, both ways', async () => {
    await using peer = await Peer.listen(wire => void wire.accept(['Server: a', 'Via: b', 'via: c']).echo())
    await using socket = await openSocket(`${peer.url.replace('ws', 'http')}/room?x=1`, {
      headers: { 'X-Mine': 'yes' },
    })
    expect(socket).toBeInstanceOf(ClientSocket)
    expect(socket.url).toBe(`${peer.url}/room?x=1`)
    const { request, response } = socket.handshake
    expect(request.target).toBe('/room?x=1')
    expect(request.headers).toMatchObject({
      host: `127.0.0.1:${peer.port}`,
      'x-mine': 'yes',
      'sec-websocket-version': '13',
    })
    expect(response.status).toBe(101)
    expect(response.headers).toMatchObject({ server: 'a', via: 'b, c', upgrade: 'websocket' })
  })

  const offers: readonly (readonly [
    name: string,
    protocols: OpenOptions['protocols'],
    path: string,
    chosen: string,
  ])[] = [
    ['no subprotocol', undefined, '/chosen', ''],
    ['an empty list', [], '/chosen', ''],
    ['one', 'two', '/chosen?protocol=two', 'two'],
    ['a list', ['one', 'two'], '/chosen?protocol=two', 'two'],
    // RFC 6455 §4.1 lets a client go on without a subprotocol that it asked for. The WHATWG class may not.
    ['a list of which the server chose none', ['one', 'two'], '/chosen', ''],
  ]

  test.each(offers)('offers %s', async (_, protocols, path, chosen) => {
    await using peer = await Peer.listen(play)
    await using socket = await openSocket(peer.url + path, protocols === undefined ? {} : { protocols })
    expect(socket.protocol).toBe(chosen)
    expect(socket.extensions).toEqual([])
    const offered = protocols === undefined ? [] : [protocols].flat()
    expect(peer.wires[0]?.header('Sec-WebSocket-Protocol')).toBe(offered.length === 0 ? undefined : offered.join(', '))
  })

  test('with a subprotocol that was not offered fails', async () => {
    await using peer = await Peer.listen(play)
    const error = await failure(openSocket(`${peer.url}/chosen?protocol=three`, { protocols: 'one' }))
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error).toMatchObject({ status: 101, headers: { 'sec-websocket-protocol': 'three' } })
  })
})

describe('a wrong argument is a UsageError that names it, not a DOMException', () => {
  const rows: readonly (readonly [url: unknown, options: unknown, option: string])[] = [
    ['not a URL', {}, 'url'],
    ['/relative', {}, 'url'],
    ['ftp://127.0.0.1/', {}, 'url'],
    ['ws://127.0.0.1/#', {}, 'url'],
    [undefined, {}, 'url'],
    [Symbol('url'), {}, 'url'],
    ['ws://127.0.0.1:1', { protocols: '' }, 'protocols'],
    ['ws://127.0.0.1:1', { protocols: ['a', 'a'] }, 'protocols'],
    ['ws://127.0.0.1:1', { protocols: 'a, b' }, 'protocols'],
    ['ws://127.0.0.1:1', { protocols: 7 }, 'protocols'],
    ['ws://127.0.0.1:1', { protocols: null }, 'protocols'],
    ['ws://127.0.0.1:1', { protocols: {} }, 'protocols'],
    ['ws://127.0.0.1:1', { protocols: [Symbol('p')] }, 'protocols'],
    ['ws://127.0.0.1:1', { protocol: 'a' }, 'protocol'],
    ['ws://127.0.0.1:1', null, 'options'],
  ]
  test.each(rows.map(row => [`${String(row[0])} ${JSON.stringify(row[1])}`, ...row] as const))(
    '%s',
    async (_, url, options, option) => {
      const error = await failure(openSocket(url as string, options as OpenOptions))
      expect(error).toBeInstanceOf(UsageError)
      expect(error).toMatchObject({ code: 'ERR_USAGE', option })
    },
  )

  test.each([
    [999, ''],
    [1005, ''],
    [1006, ''],
    [1015, ''],
    [5000, ''],
    [1000, 'é'.repeat(62)],
  ])('close(%i, %j)', async (code, reason) => {
    await using peer = await Peer.listen(echo)
    await using socket = await openSocket(peer.url)
    expect(() => socket.close(code, reason)).toThrow(UsageError)
    expect(socket.state).toBe('open')
  })

  test('send() of what is no message', async () => {
    await using peer = await Peer.listen(echo)
    await using socket = await openSocket(peer.url)
    for (const data of [null, undefined, 7, true, {}, Symbol('x'), new Uint8Array(new SharedArrayBuffer(1))])
      expect(() => socket.send(data as string)).toThrow(UsageError)
    await socket.send('still works')
  })
})

describe('closing', () => {
  test('tells both sides what was said', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const opening = openSocket(peer.url)
    const wire = (await arriving).accept()
    const socket = await opening
    const closing = socket.close(4001, 'enough')
    expect(socket.state).toBe('closing')
    const { first, payload } = await wire.next()
    expect([first, payload.readUInt16BE(0), payload.toString('utf8', 2)]).toEqual([CLOSE, 4001, 'enough'])
    wire.close(4002, 'so be it')
    wire.socket.end()
    expect(await closing).toEqual({
      code: 4002,
      reason: 'so be it',
      clean: true,
      sent: { code: 4001, reason: 'enough' },
      received: { code: 4002, reason: 'so be it' },
    })
    await peer.empty()
  })

  test('aborts the signal of the socket, and await using closes', async () => {
    await using peer = await Peer.listen(echo)
    let signal: AbortSignal
    {
      await using socket = await openSocket(peer.url)
      signal = socket.signal
      expect(signal.aborted).toBe(false)
    }
    expect(signal.aborted).toBe(true)
    await peer.empty()
  })

  test('terminate() cuts the wire', async () => {
    await using peer = await Peer.listen(echo)
    const socket = await openSocket(peer.url)
    socket.terminate()
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false })
    await peer.empty()
  })

  test('an unread line and its errors are nobody else’s business: nothing is printed, nothing is rejected', async () => {
    const print = vi.spyOn(console, 'error')
    await using peer = await Peer.listen(wire => void wire.accept([], frame(0xc1, 'wrong')).socket.end())
    const socket = await openSocket(peer.url)
    expect(await socket.closed).toMatchObject({ clean: false, error: { code: 'ERR_PROTOCOL', closeCode: 1002 } })
    expect(print).not.toHaveBeenCalled()
    print.mockRestore()
  })

  test('ping() measures a round trip', async () => {
    await using peer = await Peer.listen()
    const arriving = peer.wire()
    const opening = openSocket(peer.url)
    const wire = (await arriving).accept()
    wire.onframe = ({ first, payload }) => {
      if (first === 0x89) wire.frame(0x8a, payload)
      else wire.echo().socket.end(frame(first, payload))
    }
    await using socket = await opening
    expect(await socket.ping()).toBeGreaterThan(0)
    expect(socket.roundTripTime).toBeGreaterThan(0)
  })
})
