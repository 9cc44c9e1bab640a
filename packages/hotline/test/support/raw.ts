/** A client of bytes: it says what the test says, in whatever shape, and writes down what it is answered. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import * as tls from 'node:tls'
import { Receiver } from '../../src/protocol/receiver.ts'
import { portableCodec } from '../../src/protocol/text.ts'
import { fromPeer, Notes } from '../protocol/support.ts'
import type { Told } from '../vectors/vector.ts'
import { Log, within } from './deadline.ts'

/** The key of the example in RFC 6455 §1.3, and what it is answered. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

export interface RequestParts {
  readonly path?: string
  readonly method?: string
  readonly version?: string
  /** Header fields instead of the usual ones, by their names; undefined leaves one out, a list says it several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** A request for a WebSocket as a browser makes it, but for what the test wants different. */
export function requestText({ path = '/', method = 'GET', version = '1.1', headers = {} }: RequestParts = {}): string {
  const usual = {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
  }
  const lines = Object.entries({ ...usual, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map(one => `${name}: ${one}\r\n`),
  )
  return `${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n`
}

/** The head of an HTTP answer, and what of its body has come. */
export interface Answer {
  readonly status: number
  readonly reason: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type Event = Told | readonly ['head', number] | readonly ['end'] | readonly ['closed']

export class RawClient implements Disposable {
  readonly socket: Socket
  readonly log = new Log<Event>()
  readonly #notes = new Notes()
  readonly #receiver: Receiver
  #bytes = Buffer.alloc(0)
  #answer: Answer | undefined
  #size = 0

  private constructor(socket: Socket) {
    this.socket = socket
    this.#receiver = new Receiver({ role: 'client', maxMessage: 1 << 26, codec: portableCodec }, this.#notes)
    this.#notes.on = told => this.log.push(told)
    socket.on('data', chunk => this.#read(chunk))
    socket.on('end', () => this.log.push(['end']))
    socket.on('error', () => {})
    socket.on('close', () => this.log.push(['closed']))
  }

  static async connect(port: number, secure?: tls.ConnectionOptions): Promise<RawClient> {
    const where = { port, host: '127.0.0.1', allowHalfOpen: true }
    const socket = secure === undefined ? connect(where) : tls.connect({ ...where, servername: 'localhost', ...secure })
    const client = new RawClient(socket)
    await within('a connection', once(socket, secure === undefined ? 'connect' : 'secureConnect'))
    return client
  }

  /** Connects and asks for a WebSocket; the answer is not looked at. */
  static async ask(port: number, request: RequestParts = {}, behind = ''): Promise<RawClient> {
    const client = await RawClient.connect(port)
    client.write(requestText(request), behind)
    return client
  }

  /** Connects, and opens a line. */
  static async open(port: number, request: RequestParts = {}): Promise<RawClient> {
    const client = await RawClient.ask(port, request)
    const { status } = await client.answer()
    if (status !== 101) throw new Error(`answered with status ${status}`)
    return client
  }

  /** Writes text as it is, and then frames as hex, masked. */
  write(text: string | Uint8Array, frames = ''): void {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text
    this.socket.write(Buffer.concat([bytes, frames === '' ? Buffer.alloc(0) : fromPeer('server', frames)]))
  }

  /** Sends frames, `81 01 41 | 89 00`, masked. */
  send(frames: string): void {
    this.socket.write(fromPeer('server', frames))
  }

  /** The head of the answer, once it is there. */
  async answer(): Promise<Answer> {
    await this.log.until('an answer', all => this.#answer !== undefined || all.some(([name]) => name === 'closed'))
    if (this.#answer === undefined) throw new Error('closed without an answer')
    return this.#answer
  }

  /** The head and the whole body of an answer that ends the connection. */
  async refusal(): Promise<Answer> {
    const answer = await this.answer()
    await this.ended()
    return { ...answer, body: this.#bytes.toString('latin1') }
  }

  /** The frames that came. */
  get told(): readonly Told[] {
    return this.#notes.told
  }

  /** Bytes that came behind the head. */
  get size(): number {
    return this.#size
  }

  /** The code and reason of the server's close frame. */
  async close(): Promise<readonly [code: number, reason: string]> {
    const [, payload] = await this.log.find(
      'a close frame',
      (event): event is readonly ['close', string] => event[0] === 'close',
    )
    const bytes = Buffer.from(payload.replaceAll(' ', ''), 'hex')
    return bytes.length < 2 ? [1005, ''] : [bytes.readUInt16BE(0), bytes.subarray(2).toString()]
  }

  /** Fulfilled when so many frames have come. */
  frames(count: number): Promise<void> {
    return this.log.until(`${count} frames`, () => this.told.length >= count)
  }

  /** Fulfilled when the server has ended the connection, or cut it. */
  ended(): Promise<void> {
    return this.log.until('the end', all => all.some(([name]) => name === 'end' || name === 'closed'))
  }

  closed(): Promise<void> {
    return this.log.until('the close', all => all.some(([name]) => name === 'closed'))
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#answer?.status === 101) {
      this.#frames(chunk)
      return
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    const end = this.#bytes.indexOf('\r\n\r\n')
    if (this.#answer !== undefined || end < 0) return
    this.#answer = readHead(this.#bytes.subarray(0, end).toString('latin1'))
    this.#bytes = this.#bytes.subarray(end + 4)
    if (this.#answer.status === 101) this.#frames(this.#bytes)
    this.log.push(['head', this.#answer.status])
  }

  #frames(bytes: Buffer): void {
    this.#size += bytes.length
    const copy = Uint8Array.from(bytes)
    this.#receiver.receive(copy, 0, copy.length)
  }
}

function readHead(text: string): Answer {
  const [first = '', ...lines] = text.split('\r\n')
  const [, status, reason = ''] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(first) ?? []
  if (status === undefined) throw new Error(`not an HTTP answer: ${first}`)
  const headers = Object.fromEntries(
    lines.map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(status), reason, headers, body: '' }
}
