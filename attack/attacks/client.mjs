/** The other end: a client of hotline that is given hostile words by its program, and hostile answers by a server. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { createServer as createSecure } from 'node:tls'
import { deflated, zeros } from '../line/bombs.mjs'
import { bare, closing, FIN, frame, head, op, RSV1, repeat } from '../line/frame.mjs'
import { Lure, upgrade } from '../line/lure.mjs'
import { MIB, permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */
/** @typedef {import('../attacker.mjs').Attack} Attack */
/** @typedef {import('../targets/client.mjs').Order} Order */

const SILENCE = '{"error":"silence"}'

/** The client, which does what it is told. @param {Attack} it */
async function puppet(it) {
  const wire = connect(it.port, '127.0.0.1')
  wire.on('error', () => {})
  const lines = createInterface(wire)
  let hear = (/** @type {string} */ _line) => {}
  lines.on('error', () => {}).on('line', line => hear(line))
  wire.on('close', () => hear('{"error":"gone"}'))
  await once(wire, 'connect')
  return {
    /** Says what came of it: `done`, or the name of an error, or how the line ended. @param {Order} order */
    async tell(order) {
      const answer = new Promise(resolve => {
        hear = resolve
      })
      wire.write(`${JSON.stringify(order)}\n`)
      const { error, closed } = JSON.parse(await Promise.race([answer, it.sleep(15_000).then(() => SILENCE)]))
      return String(error ?? closed ?? 'done')
    },
    end: () => wire.destroy(),
  }
}

const shared = /** @type {const} */ ({
  side: 'client',
  full: { count: 4, seconds: 1.5 },
  quick: { count: 2, seconds: 0.2 },
})

const breaks = [
  '\r\nX-Injected: 1',
  '\nX-Injected: 1',
  '\r\n\r\nGET /smuggled HTTP/1.1\r\n',
  '\u560a\u560dX-Injected: 1',
  '\0X-Injected: 1',
  '\rX-Injected: 1',
]

/** Where a program may hand on what a stranger wrote. @type {((base: string, text: string) => Order['open'])[]} */
const places = [
  (base, text) => ({ url: `${base}/path${text}` }),
  (base, text) => ({ url: `${base}/?q=${text}` }),
  (base, text) => ({ url: base.replace('//', `//user${text}:word@`) }),
  (base, text) => ({ url: base, protocols: [`chat${text}`] }),
  (base, text) => ({ url: base, options: { headers: { Authorization: `Bearer ${text}` } } }),
  (base, text) => ({ url: base, options: { headers: { [`X-A${text}`]: '1' } } }),
  (base, text) => ({ url: base, options: { origin: `http://x${text}` } }),
]

/** @type {Plan} */
const lineBreaks = {
  ...shared,
  name: 'client-line-breaks',
  title: 'the client is given CR, LF and NUL in its URL, user, subprotocols, header names and values, origin',
  threats: [5],
  quick: { count: 2, seconds: 0.4 },
  permit: permits.none,
  outcomes: ['ERR_USAGE', 'SyntaxError', 'opened'],
  async run(it) {
    const lure = await Lure.listen(visit => visit.end(upgrade(visit)))
    const client = await puppet(it)
    for (let round = 0; round === 0 || !it.over; round++) {
      for (const place of places)
        for (const text of breaks) {
          const what = await client.tell({ open: /** @type {NonNullable<Order['open']>} */ (place(lure.url, text)) })
          it.tally(what === 'done' ? 'opened' : what)
          it.add('requests')
        }
    }
    for (const request of lure.requests) {
      if (/^X-Injected/im.test(request) || /^GET \/smuggled/m.test(request))
        it.fault(`a line of a stranger was sent: ${request}`)
      if (request.includes('\0') || /(^|[^\r])\n/.test(request)) it.fault('a lone LF or a NUL was sent')
    }
    client.end()
    lure.close()
  },
}

/** @typedef {import('../line/lure.mjs').Visit} Visit */

const flood = 'X: 1\r\n'.repeat(100_000)
/** What a server may answer, and the frames behind it. @type {[name: string, answer: (visit: Visit) => Uint8Array | string][]} */
const answers = [
  [
    'another key',
    () => 'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n',
  ],
  ['fields without end', visit => upgrade(visit, flood)],
  ['a field of 4 MiB', visit => upgrade(visit, `X: ${'a'.repeat(4 * MIB)}\r\n`)],
  ['noise', () => Buffer.alloc(4096, 0x81)],
  ['HTTP/2', () => Buffer.from('000012040000000000', 'hex')],
  ['another place', visit => `HTTP/1.1 302 Found\r\nLocation: ${visit.elsewhere}\r\nContent-Length: 0\r\n\r\n`],
  ['an extension nobody asked for', visit => upgrade(visit, 'Sec-WebSocket-Extensions: __proto__\r\n')],
  [
    'a window of 99 bits',
    visit => upgrade(visit, 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99\r\n'),
  ],
  ['a parameter twice', visit => upgrade(visit, 'Sec-WebSocket-Extensions: permessage-deflate; a; a\r\n')],
  ['a subprotocol nobody asked for', visit => upgrade(visit, 'Sec-WebSocket-Protocol: constructor\r\n')],
  ['a body without end', () => `HTTP/1.1 403 No\r\nContent-Length: 999999999\r\n\r\n${'a'.repeat(2 * MIB)}`],
]

const D = 'Sec-WebSocket-Extensions: permessage-deflate\r\n'
/** Frames of a server behind a good answer. @type {[name: string, bytes: () => Buffer, fields?: string][]} */
const sent = [
  ['masked frames', () => frame(FIN | op.text, 'A')],
  ['2^63 bytes', () => Buffer.from('827f8000000000000000', 'hex')],
  ['a length above the limit', () => head(0x82, 2 ** 40, false)],
  ['reserved bits', () => bare(FIN | 0x20 | op.text, 'A')],
  ['a compressed message that was not agreed on', () => bare(FIN | RSV1 | op.text, 'A')],
  ['text that is no UTF-8', () => bare(op.text, Buffer.of(0xed, 0xa0))],
  ['empty fragments', () => Buffer.concat([bare(op.text), repeat(bare(op.more), 4096)])],
  [
    'pings by the thousand',
    () => Buffer.concat([repeat(bare(FIN | op.ping, 'a'), 20_000), bare(FIN | op.close, closing(1000))]),
  ],
  ['a close with 1005', () => bare(FIN | op.close, closing(1005))],
  ['a bomb of 200 MiB', () => bare(FIN | RSV1 | op.binary, zeros(200)), D],
  ['noise, compressed', () => bare(FIN | RSV1 | op.binary, Buffer.of(7, 255, 255, 255)), D],
  ['compressed text, then nothing', () => bare(RSV1 | op.text, deflated('hello')), D],
]

/** @type {Plan} */
const hostile = {
  ...shared,
  name: 'client-answers',
  title:
    'a server that answers wrongly, without end, with another place, and sends frames that lie, break rules or explode',
  threats: [2, 3, 4, 5, 7, 11, 12, 13],
  full: { count: 1, seconds: 2 },
  quick: { count: 1, seconds: 0 },
  // A client takes messages of 64 MiB: the buffer that grows, and the message.
  permit: { each: 128 * MIB, by: "a client's maxMessage twice (64 MiB each)" },
  outcomes: ['ERR_HANDSHAKE', 'ERR_CONNECT', 'ERR_PROTOCOL', 'ERR_UTF8', 'ERR_LIMIT', 'ERR_CONNECTION', '1000'],
  async run(it) {
    const elsewhere = await Lure.listen(visit => visit.end())
    let next = 0
    const good = sent.map(([name, bytes, fields = '']) => ({
      name,
      answer: (/** @type {Visit} */ visit) => Buffer.concat([Buffer.from(upgrade(visit, fields)), bytes()]),
    }))
    const all = [...answers.map(([name, answer]) => ({ name, answer })), ...good]
    const lure = await Lure.listen(visit => visit.end(all[next].answer({ ...visit, elsewhere: elsewhere.url })))
    const client = await puppet(it)
    for (let round = 0; round === 0 || !it.over; round++)
      for (next = 0; next < all.length; next++) {
        const options = { headers: { Authorization: 'Bearer secret' } }
        const opened = await client.tell({ open: { url: lure.url, options } })
        const end = opened === 'done' ? await client.tell({ closed: true }) : opened
        it.tally(end)
        it.add('answers')
        if (end === 'gone' || end === 'silence') it.fault(`${all[next].name}: ${end}`)
      }
    if (elsewhere.requests.some(text => /secret/.test(text))) it.fault('credentials were sent to another place')
    client.end()
    for (const one of [lure, elsewhere]) one.close()
  },
}

/** @type {Plan} */
const masks = {
  ...shared,
  name: 'client-masks',
  title:
    'the masking keys of thousands of frames: each masked, none twice, their bits even, none told by the one before',
  threats: [12, 6],
  full: { count: 1, seconds: 2 },
  quick: { count: 1, seconds: 0 },
  permit: permits.none,
  outcomes: ['sent', 'ERR_USAGE', 'TypeError'],
  async run(it) {
    /** @type {Buffer[]} */
    const wire = []
    const lure = await Lure.listen(visit => {
      visit.socket.write(upgrade(visit))
      visit.socket.on('data', bytes => wire.push(bytes))
    })
    const client = await puppet(it)
    const off = it.victim === 'ws' ? { perMessageDeflate: false } : { deflate: false, heartbeat: false }
    const opened = await client.tell({ open: { url: lure.url, options: off } })
    if (opened !== 'done') it.fault(`no line: ${opened}`)
    for (const send of ['number', 'nothing', 'nil', 'object', 'list', 'shared', 'bytes', 'view']) {
      const told = await client.tell({ send })
      it.tally(told === 'done' ? 'sent' : told)
    }
    for (let round = 0; round < 10; round++) await client.tell({ send: 'text', count: 1_000 })
    // All have left; a busy machine takes its time to bring them.
    for (let seen = -1; seen !== wire.length; await it.sleep(300)) seen = wire.length
    checkFrames(it, Buffer.concat(wire))
    client.end()
    lure.close()
  },
}

/** What may be sent for the values of targets/client.mjs: never as many bytes as a number says. RFC 6455 §10.3 */
const allowed = ['text', '4096', 'undefined', 'null', '[object Object]', '1,2,3', '\x07'.repeat(8), '\x01\x02\x03', '']

/** @param {Attack} it @param {Buffer} bytes */
function checkFrames(it, bytes) {
  const keys = new Set()
  let [frames, ones, near] = [0, 0, 0]
  let last = 0
  for (let at = 0; at + 6 <= bytes.length; frames++) {
    const length = bytes[at + 1] & 127
    if (!(bytes[at + 1] & 128) || length > 125)
      return it.fault('a frame without a mask, or longer than anything that was sent')
    const key = bytes.readUInt32BE(at + 2)
    const data = bytes.subarray(at + 6, at + 6 + length).map((byte, index) => byte ^ bytes[at + 2 + (index & 3)])
    if (!allowed.includes(Buffer.from(data).toString('latin1')))
      it.fault(`bytes that nobody sent: ${Buffer.from(data).toString('hex')}`)
    ones += bitsOf(key)
    near += bitsOf(key ^ last)
    keys.add((last = key))
    at += 6 + length
  }
  it.add('frames', frames)
  // Of 10 000 random keys of 32 bits, more than 5 twice or a half that is off by a hundredth is no chance: some 18 sigma.
  if (frames < 10_000) it.fault(`only ${frames} frames came`)
  if (frames - keys.size > 5) it.fault(`${frames - keys.size} masking keys were used twice`)
  for (const sum of [ones, near]) if (Math.abs(sum / (frames * 32) - 0.5) > 0.01) it.fault('masking keys are not even')
}

/** @param {number} value */
function bitsOf(value) {
  let count = 0
  for (let rest = value >>> 0; rest > 0; rest = Math.floor(rest / 2)) count += rest & 1
  return count
}

/** @type {Plan} */
const trust = {
  ...shared,
  name: 'client-trust',
  title: 'a server whose certificate nobody signed, one for another name, and one without TLS',
  threats: [5],
  full: { count: 1, seconds: 1 },
  quick: { count: 1, seconds: 0 },
  permit: permits.none,
  outcomes: [
    'ERR_CONNECT',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'EPROTO',
    'ECONNRESET',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  ],
  async run(it) {
    const { generate } = await import('selfsigned')
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'evil.example' }], { keyType: 'ec' })
    const secure = createSecure({ cert, key }, socket => socket.on('error', () => {}).end())
    const open = createServer(socket => socket.on('error', () => {}).end('HTTP/1.1 400 No\r\n\r\n'))
    const client = await puppet(it)
    for (const server of [secure, open]) {
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      const what = await client.tell({ open: { url: `wss://127.0.0.1:${port}` } })
      if (what === 'done') it.fault('opened a line to a server that nobody vouches for')
      it.tally(what)
      server.close()
    }
    client.end()
  },
}

export const client = [lineBreaks, hostile, masks, trust]
