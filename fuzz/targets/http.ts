/** Raw requests to a server of node:http with a route, over a connection in memory, with early data, in any pieces. RFC 9112, RFC 6455 §4.2 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { Duplex } from 'node:stream'
import type { Socket } from '../../packages/hotline/src/connection/socket.ts'
import { resolveServer } from '../../packages/hotline/src/server/options.ts'
import { Server } from '../../packages/hotline/src/server/server.ts'
import { frame, join, latin1, pieces, type Split, someSplit, utf8, WHOLE } from '../engine/bytes.ts'
import { disturb, extensionList, fieldsOf, KEY, line, protocolList } from '../engine/headers.ts'
import { Random } from '../engine/random.ts'
import { content } from '../engine/stream.ts'
import { claim, Finding, type Target } from '../engine/target.ts'
import { readFrames, type Told } from '../reference/frames.ts'
import { isPlainToken, isPlainValue, judgeRequest } from '../reference/headers.ts'

/** What a server of hotline or of node:http may answer. */
const STATUSES = [101, 400, 403, 404, 405, 408, 413, 414, 426, 431, 501, 505]

/** A connection whose other end is the test. */
class Peer extends Duplex {
  readonly #received: Uint8Array[] = []
  readonly remoteAddress = '127.0.0.1'
  bytesWritten = 0

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytesWritten += chunk.length
    this.#received.push(new Uint8Array(chunk))
    done()
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  get received(): Uint8Array {
    return join(this.#received)
  }
}

const http = createServer((_request, response) => response.writeHead(404).end('no\n'))
const routes = {
  '/': async (socket: Socket) => {
    for await (const message of socket) await socket.send(message)
  },
}
const options = {
  routes,
  closeTimeout: 50,
  heartbeat: false as const,
  report: (error: unknown) => {
    throw new Finding('nothing of the application fails', [String(error)])
  },
}
new Server(http, resolveServer(options, 'attach'), 'ws', { finish() {}, cut() {}, done: Promise.resolve() })

/** Turns of the loop in which everything is said. */
const TURNS = 12

/** Sends bytes in pieces and gives what was answered. */
async function ask(bytes: Uint8Array, split: Split): Promise<Uint8Array> {
  const peer = new Peer()
  peer.on('error', () => {})
  http.emit('connection', peer)
  for (const piece of pieces(bytes, split)) {
    if (peer.destroyed || peer.readableEnded) break
    peer.push(piece)
    await new Promise(setImmediate)
  }
  for (let turn = 0; turn < TURNS; turn++) await new Promise(setImmediate)
  const { received } = peer
  peer.push(null)
  await new Promise(setImmediate)
  peer.destroy()
  return received
}

interface Answer {
  readonly status: number
  readonly fields: readonly (readonly [string, string])[]
  readonly rest: Uint8Array
}

/** The first answer, which must be one: a status that is known, and lines that hold one field each. */
function readAnswer(bytes: Uint8Array): Answer | undefined {
  if (bytes.length === 0) return undefined
  const text = latin1(bytes)
  const end = text.indexOf('\r\n\r\n')
  claim(end > 0, 'an answer has a head', text.slice(0, 300))
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const [, status = ''] = /^HTTP\/1\.1 (\d{3}) [A-Za-z ]*$/.exec(first) ?? []
  claim(STATUSES.includes(Number(status)), 'an answer has a status that is known', first)
  const fields = fieldsOf(lines)
  claim(fields.length === lines.length, 'each line of an answer is a field', lines)
  for (const [name, value] of fields)
    claim(isPlainToken(name) && isPlainValue(value), 'a field of an answer is right', name, value)
  return { status: Number(status), fields, rest: bytes.subarray(end + 4) }
}

/** What was agreed to was asked for, and what follows are frames. RFC 6455 §4.2.2 */
function checkUpgrade({ fields, rest }: Answer, bytes: Uint8Array): void {
  // Of what may stand before a request, Node's parser takes a lone CR too. RFC 9112 §2.2
  const head = latin1(bytes).split('\r\n\r\n', 1)[0] ?? ''
  const [first = '', ...lines] = head.replace(/^[\r\n]+/, '').split(/\r?\n/)
  const [method = '', , version = ''] = first.split(' ')
  const judged = judgeRequest(method, version.replace('HTTP/', ''), fieldsOf(lines))
  claim(typeof judged === 'object', 'only a right request is accepted', first, lines, judged)
  const accept = createHash('sha1').update(`${judged.key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const value = (name: string): string | undefined => fields.find(field => field[0].toLowerCase() === name)?.[1]
  claim(value('sec-websocket-accept') === accept, 'the key is answered', value('sec-websocket-accept'))
  const told = readFrames(rest, {
    masked: false,
    maxMessage: 1 << 26,
    compression: value('sec-websocket-extensions') !== undefined,
  })
  claim(told.at(-1)?.[0] !== 'fail', 'what follows an upgrade are frames', told)
}

const saidIn = ({ rest }: Answer): Told[] => readFrames(rest, { masked: false, maxMessage: 1 << 26, compression: true })

/** Where the line was closed at once, messages right before have no echo any more; else all is the same. */
function same(some: readonly Told[], others: readonly Told[]): boolean {
  const [one, other] = [some.at(-1), others.at(-1)]
  if (one?.[0] !== 'close' && other?.[0] !== 'close') return JSON.stringify(some) === JSON.stringify(others)
  return JSON.stringify(one) === JSON.stringify(other)
}

export const rawRequest: Target = {
  name: 'http',
  about:
    'raw requests and early frames to a server of node:http: answers that are HTTP, upgrades that were asked for, any pieces',
  longest: 4000,

  make(random: Random) {
    const lines = [
      line(random, 'Host', 'example.com'),
      line(random, 'Upgrade', 'websocket'),
      line(random, 'Connection', 'Upgrade'),
      line(random, 'Sec-WebSocket-Version', '13'),
      line(random, 'Sec-WebSocket-Key', KEY),
    ]
    if (random.oneIn(3)) lines.push(line(random, 'Sec-WebSocket-Protocol', protocolList(random)))
    if (random.oneIn(3)) lines.push(line(random, 'Sec-WebSocket-Extensions', extensionList(random)))
    if (random.oneIn(6))
      lines.push(line(random, 'Origin', random.pick(['http://example.com', 'http://evil.com', 'null', 'x'])))
    const path = random.oneIn(6) ? random.pick(['/x', '/%', '//', '*', 'http://h/', '/?a b', '/%00']) : '/'
    const head = [`GET ${path} HTTP/1.1`, ...disturb(random, lines), '', ''].join('\r\n')
    const early = random.oneIn(2)
      ? []
      : frame({ first: 0x80 | random.pick([1, 2, 8, 9]), payload: content(random, 125), key: 7 })
    return join([utf8(head), early])
  },

  async run(input) {
    const random = new Random(input.length, input[input.length >> 1] ?? 0)
    const split = someSplit(random).map(size => size * 9)
    const [whole, chopped] = [await ask(input, WHOLE), await ask(input, split)]
    const [answer, other] = [readAnswer(whole), readAnswer(chopped)]
    claim(
      answer?.status === other?.status,
      'pieces of another shape get the same answer',
      answer?.status,
      other?.status,
    )
    if (answer?.status !== 101 || other === undefined) return
    checkUpgrade(answer, input)
    const [some, all] = [saidIn(answer), saidIn(other)]
    claim(same(some, all), 'early frames are answered as later ones', some, all)
  },
}
