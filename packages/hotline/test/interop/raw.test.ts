/** Bytes by hand, in both roles: what stands on the wire is compared with RFC 6455 §5.2 octet by octet, without our code. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openSocket, WebSocket } from '../../src/client/index.ts'
import { serve } from '../../src/server/index.ts'
import { Log, within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'
import { bytes, sizes } from './conversation.ts'

/** The header of an unmasked frame. */
function header(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, length])
  if (length < 65_536) return Buffer.from([first, 126, length >> 8, length & 255])
  const long = Buffer.alloc(10)
  long.set([first, 127])
  long.writeUInt32BE(length, 6)
  return long
}

const plain = (first: number, payload: Uint8Array | string): Buffer => {
  const body = Buffer.from(payload as string)
  return Buffer.concat([header(first, body.length), body])
}

function masked(
  first: number,
  payload: Uint8Array | string,
  key: readonly number[] = [0xde, 0xad, 0xbe, 0xef],
): Buffer {
  const body = Buffer.from(payload as string)
  const head = header(first, body.length)
  head[1] = (head[1] as number) | 0x80
  return Buffer.concat([head, Buffer.from(key), body.map((byte, at) => byte ^ (key[at % 4] as number))])
}

/** The bytes that came over a socket. */
class Received {
  readonly log = new Log<number>()
  #bytes = Buffer.alloc(0)
  #chunks: Buffer[] = []
  #size = 0

  constructor(socket: Socket) {
    socket.on('data', chunk => {
      this.#chunks.push(chunk)
      this.#size += chunk.length
      this.log.push(chunk.length)
    })
  }

  async exactly(expected: Buffer): Promise<void> {
    await this.log.until(`${expected.length} bytes`, () => this.#size >= expected.length)
    this.#bytes = Buffer.concat([this.#bytes, ...this.#chunks.splice(0)])
    expect(this.#bytes.subarray(0, 64).toString('hex')).toBe(expected.subarray(0, 64).toString('hex'))
    expect(this.#bytes.equals(expected)).toBe(true)
    this.#bytes = Buffer.alloc(0)
    this.#size = 0
  }
}

describe('our server', () => {
  const routes = {
    '/': {
      message: (socket: { send(data: string | Uint8Array): unknown }, data: string | Uint8Array) => socket.send(data),
    },
  }

  /** A raw line to an echo. */
  async function echo() {
    const server = await serve({ port: 0, routes, maxMessage: 8 * 1_048_576, maxQueued: 64 * 1_048_576 })
    const client = await RawClient.open(server.port as number)
    client.socket.removeAllListeners('data')
    const received = new Received(client.socket)
    return {
      write: (...frames: Buffer[]) => void client.socket.write(Buffer.concat(frames)),
      client,
      received,
      [Symbol.asyncDispose]: async () => {
        client.socket.destroy()
        await server.close({ within: 500 })
      },
    }
  }

  test('echoes binary of every length of a header in the very octets', async () => {
    await using it = await echo()
    for (const size of sizes) {
      it.write(masked(0x82, bytes(size)))
      await it.received.exactly(plain(0x82, bytes(size)))
    }
  })

  test('echoes text of every length of UTF-8 in the very octets, split at every octet', async () => {
    await using it = await echo()
    for (const text of ['A', 'é', '€', '😀', '\ufeff', '\0', 'Aé€😀']) {
      const octets = Buffer.from(text)
      for (let at = 0; at <= octets.length; at++) {
        it.write(masked(0x01, octets.subarray(0, at)), masked(0x80, octets.subarray(at)))
        await it.received.exactly(plain(0x81, octets))
      }
    }
  })

  test('answers pings between fragments at once, in the order in which they came', async () => {
    await using it = await echo()
    it.write(masked(0x01, 'a'), masked(0x89, 'one'), masked(0x00, 'b'), masked(0x89, ''), masked(0x8a, 'not asked for'))
    await it.received.exactly(Buffer.concat([plain(0x8a, 'one'), plain(0x8a, '')]))
    it.write(masked(0x80, 'c'), masked(0x89, bytes(125)))
    await it.received.exactly(Buffer.concat([plain(0x81, 'abc'), plain(0x8a, bytes(125))]))
  })

  test('takes any masking key, one that masks nothing too', async () => {
    await using it = await echo()
    for (const key of [
      [0, 0, 0, 0],
      [255, 255, 255, 255],
      [1, 2, 3, 4],
      [0x80, 0, 0, 0],
    ]) {
      it.write(masked(0x81, 'some text of é', key), masked(0x82, bytes(1000), key))
      await it.received.exactly(Buffer.concat([plain(0x81, 'some text of é'), plain(0x82, bytes(1000))]))
    }
  })

  test('echoes a close frame in the very octets, and ends', async () => {
    for (const body of ['', '\x03\xe8', '\x0f\xa0bye', '\x03\xf6']) {
      await using it = await echo()
      it.write(masked(0x88, Buffer.from(body, 'latin1')))
      await it.received.exactly(plain(0x88, Buffer.from(body, 'latin1')))
      await it.client.ended()
    }
  })

  test('answers in one segment what came in one', async () => {
    await using it = await echo()
    const frames = Array.from({ length: 100 }, (_, at) => masked(0x81, `message ${at}`))
    it.write(...frames)
    await it.received.exactly(Buffer.concat(Array.from({ length: 100 }, (_, at) => plain(0x81, `message ${at}`))))
    expect(it.received.log.all).toHaveLength(1)
  })
})

/** A server of bytes: it answers the handshake by hand, and shows what comes. */
async function rawServer() {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const lines = new Log<{ socket: Socket; request: string; received: Log<Buffer> }>()
  server.on('connection', socket => {
    const received = new Log<Buffer>()
    let request = ''
    socket.on('error', () => {})
    socket.on('data', chunk => {
      if (request !== '') {
        received.push(chunk)
        return
      }
      request = String(chunk)
      const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request)?.[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      lines.push({ socket, request, received })
    })
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}`,
    line: async () => {
      await lines.until('a line', all => all.length > 0)
      const { socket, request, received } = lines.all.at(-1) as (typeof lines.all)[0]
      const all = (): Buffer => Buffer.concat(received.all)
      return { socket, request, received, all }
    },
    [Symbol.asyncDispose]: async () => {
      for (const { socket } of lines.all) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Reads a masked frame by hand. */
function unmask(frame: Buffer): { first: number; key: string; payload: Buffer; rest: Buffer } {
  const code = (frame[1] as number) & 127
  expect((frame[1] as number) & 128).toBe(128)
  const at = code < 126 ? 2 : code === 126 ? 4 : 10
  const length = code < 126 ? code : code === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2))
  const key = frame.subarray(at, at + 4)
  const payload = frame.subarray(at + 4, at + 4 + length).map((byte, i) => byte ^ (key[i % 4] as number))
  return {
    first: frame[0] as number,
    key: key.toString('hex'),
    payload: Buffer.from(payload),
    rest: frame.subarray(at + 4 + length),
  }
}

describe('our clients', () => {
  test('ask as RFC 6455 §4.1 says', async () => {
    await using server = await rawServer()
    const socket = await openSocket(`${server.url}/path?query=1`, {
      protocols: ['a', 'b'],
      origin: 'https://example.com',
    }).catch(error => error)
    const { request } = await server.line()
    const lines = request.split('\r\n')
    expect(lines[0]).toBe('GET /path?query=1 HTTP/1.1')
    expect(lines).toContain(`Host: ${new URL(server.url).host}`)
    expect(lines).toContain('Upgrade: websocket')
    expect(lines).toContain('Connection: Upgrade')
    expect(lines).toContain('Sec-WebSocket-Version: 13')
    expect(lines).toContain('Sec-WebSocket-Protocol: a, b')
    expect(lines).toContain('Origin: https://example.com')
    const key = lines.find(line => line.startsWith('Sec-WebSocket-Key: '))?.slice(19) ?? ''
    expect(Buffer.from(key, 'base64')).toHaveLength(16)
    expect(lines.some(line => /^(cookie|content-length|transfer-encoding)/i.test(line))).toBe(false)
    await socket.close?.()
  })

  test('mask every frame with a key of its own', async () => {
    await using server = await rawServer()
    const socket = await openSocket(server.url)
    const { received, all } = await server.line()
    for (let count = 0; count < 500; count++) await socket.send('the same text')
    await received.until('all', () => all().length === 500 * 19)
    const keys = new Set<string>()
    let rest = all()
    for (let count = 0; count < 500; count++) {
      const frame = unmask(rest)
      expect([frame.first, frame.payload.toString()]).toEqual([0x81, 'the same text'])
      keys.add(frame.key)
      rest = frame.rest
    }
    expect(keys.size).toBe(500)
    expect(rest).toHaveLength(0)
    socket.terminate()
  })

  test('send and read every length of a header in the very octets', async () => {
    await using server = await rawServer()
    const socket = await openSocket(server.url)
    const { socket: wire, received, all } = await server.line()
    const messages = socket[Symbol.asyncIterator]()
    for (const size of sizes) {
      received.all.length = 0
      const length = header(0, size).length + 4 + size
      await socket.send(bytes(size))
      await received.until('the frame', () => all().length >= length)
      const frame = unmask(all())
      expect([frame.first, frame.rest.length]).toEqual([0x82, 0])
      expect(frame.payload.equals(Buffer.from(bytes(size)))).toBe(true)
      wire.write(plain(0x82, bytes(size)))
      const { value } = await within('the message', messages.next())
      expect(Buffer.from(value as Uint8Array).equals(Buffer.from(bytes(size)))).toBe(true)
    }
    socket.terminate()
  })

  test('read frames byte by byte, behind the answer to the handshake too', async () => {
    await using server = await rawServer()
    const socket = await openSocket(server.url)
    const { socket: wire } = await server.line()
    const frames = Buffer.concat([plain(0x01, 'é'), plain(0x89, 'x'), plain(0x80, '€'), plain(0x82, bytes(300))])
    for (const byte of frames) {
      wire.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    const messages = socket[Symbol.asyncIterator]()
    expect((await messages.next()).value).toBe('é€')
    expect((await messages.next()).value).toEqual(bytes(300))
    socket.terminate()
  })

  test('fail a server that masks, with 1002', async () => {
    await using server = await rawServer()
    const socket = await openSocket(server.url)
    const { socket: wire, received, all } = await server.line()
    wire.write(masked(0x81, 'x'))
    wire.end()
    expect(await within('the end', socket.closed)).toMatchObject({
      code: 1002,
      clean: false,
      error: { code: 'ERR_PROTOCOL' },
    })
    await received.until('the close frame', () => all().length > 6)
    const { first, payload } = unmask(all())
    expect([first, payload.readUInt16BE(0)]).toEqual([0x88, 1002])
  })

  test('answer a close frame, and leave it to the server to end. RFC 6455 §7.1.1', async () => {
    for (const make of ['openSocket', 'WebSocket'] as const) {
      await using server = await rawServer()
      const closed =
        make === 'openSocket'
          ? openSocket(server.url).then(socket => socket.closed)
          : new Promise(resolve => new WebSocket(server.url).addEventListener('close', resolve))
      const { socket: wire, received, all } = await server.line()
      const ended = new Log<string>()
      wire.on('end', () => ended.push('end'))
      wire.write(plain(0x88, Buffer.from('\x0f\xa0bye', 'latin1')))
      await received.until('the answer', () => all().length === 11)
      expect(unmask(all())).toMatchObject({ first: 0x88, payload: Buffer.from('\x0f\xa0bye', 'latin1') })
      await new Promise(setImmediate)
      expect(ended.all).toEqual([])
      wire.end()
      expect(await within('the end', closed)).toMatchObject({ code: 4000, reason: 'bye' })
      await ended.until('our end', all => all.length === 1)
    }
  })
})
