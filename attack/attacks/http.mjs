/** HTTP that is not what it seems: pipelines, two lengths, bodies, garbage, line breaks, pages of other sites. RFC 9112 §11 */
import { request } from '../line/line.mjs'
import { permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */

/** @type {Plan} */
const pipeline = {
  name: 'pipelined',
  title: 'HTTP requests by the thousand in one go, an opening handshake behind them',
  threats: [4, 11],
  full: { count: 4, seconds: 1.5 },
  quick: { count: 2, seconds: 0 },
  permit: permits.unread,
  outcomes: ['200', '426', '400', 'cut', 'reset'],
  run: it =>
    it.again(it.count, async () => {
      const line = await it.raw()
      const many = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000)
      await line.write(`${many}${request()}`)
      it.add('requests', 1_001)
      await line.until(() => line.body.includes('101 Switching'), 5_000)
      it.settle(line, String(line.status))
    }),
}

const HEAD = request().slice(0, -2)
const inner = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
/** Requests that end in two places, by who reads them: none may be answered twice. @type {[name: string, text: string][]} */
const smuggled = [
  ['two lengths', `${HEAD}Content-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`],
  ['a length and chunks', `${HEAD}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`],
  ['chunks spelt oddly', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`],
  ['chunks behind a tab', `${HEAD}Transfer-Encoding:\tchunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${inner}`],
  ['a length with a sign', `${HEAD}Content-Length: +5\r\n\r\nhello${inner}`],
  ['a line break alone', `${HEAD.replaceAll('\r\n', '\n')}\n${inner}`],
  ['a folded field', `${HEAD}X: a\r\n b\r\n\r\n${inner}`],
  ['a space before the colon', `${HEAD}Content-Length : 5\r\n\r\nhello${inner}`],
  ['a body', `${HEAD}Content-Length: ${inner.length}\r\n\r\n${inner}`],
  [
    'a body in chunks',
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
  ],
  ['a request behind', `${HEAD}\r\n${inner}`],
]

/** @type {Plan} */
const smuggling = {
  name: 'smuggling',
  title: 'opening handshakes with two lengths, odd encodings, bodies, and a second request inside',
  threats: [4, 5],
  full: { count: 8, seconds: 1.5 },
  quick: { count: 11, seconds: 0 },
  permit: permits.open,
  outcomes: ['400', '404', '426', '501', '1002', 'cut'],
  run: it =>
    it.again(it.count, async index => {
      const [name, text] = smuggled[index % smuggled.length]
      const line = await it.raw()
      await line.write(text)
      it.add('requests')
      await it.ends([line], 2_000)
      const answers = `${line.head}${line.body}`.match(/HTTP\/1\.1 \d{3}/g)?.length ?? 0
      if (answers > 1) it.fault(`${name}: ${answers} answers to one request`)
      if (`${line.head}${line.body}`.includes('smuggled')) it.fault(`${name}: the request inside was answered`)
    }),
}

/** @type {Plan} */
const garbage = {
  name: 'garbage',
  title: 'bytes that are no HTTP: noise, TLS, HTTP/2 with prior knowledge, frames without a handshake',
  threats: [4, 11, 15],
  full: { count: 16, seconds: 1.5 },
  quick: { count: 8, seconds: 0.1 },
  permit: permits.asking,
  outcomes: ['400', '431', 'cut', 'reset'],
  run: it =>
    it.again(it.count, async index => {
      const noise = Buffer.from(Array.from({ length: 1 + it.random(2_000) }, () => it.random(256)))
      const kinds = [
        noise,
        Buffer.concat([Buffer.from('GET /echo HTTP/1.1\r\nHost: x\r\n'), noise, Buffer.from('\r\n\r\n')]),
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        Buffer.from('16030100a5010000a10303', 'hex'),
        Buffer.from('818537fa213d7f9f4d5158', 'hex'),
        Buffer.from('GET http://[ HTTP/1.1\r\nHost: [\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
      ]
      const line = await it.raw()
      await line.write(kinds[index % kinds.length])
      line.socket.end()
      it.add('requests')
      await it.ends([line])
    }),
}

const breaks = [
  '%0d%0aX-Injected:%201',
  '%0D%0A%0D%0A<b>',
  '%E5%98%8A%E5%98%8DX-Injected:1',
  '\u560a\u560dX-Injected',
  '\rX-Injected: 1',
]
/** Where a peer's words may come back in what a server says. @type {((text: string) => string)[]} */
const places = [
  text => request({ path: `/echo/${text}` }),
  text => request({ path: `/echo?${text}` }),
  text => request({ path: `/rooms/${text}` }),
  text => request({ headers: [['Origin', `http://127.0.0.1${text}`]] }),
  text => request({ headers: [['Sec-WebSocket-Protocol', `a${text}`]] }),
  text => request({ headers: [['Sec-WebSocket-Extensions', `permessage-deflate; a="${text}"`]] }),
  text => request({ path: '/refused', headers: [['X-Forwarded-Host', text]] }),
  text => `GET /echo HTTP/1.1\r\nHost: x${text}\r\nConnection: close\r\n\r\n`,
  text => `GET /seed-client.js?url=ws://x/${text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
]

/** @type {Plan} */
const lineBreaks = {
  name: 'line-breaks',
  title: 'CR and LF, plain, encoded and as other characters end in them, wherever a server might say them again',
  threats: [5],
  full: { count: 8, seconds: 1.5 },
  quick: { count: breaks.length * places.length, seconds: 0 },
  permit: permits.open,
  outcomes: ['101', '200', '400', '401', '403', '404', '426'],
  run: it =>
    it.again(it.count, async index => {
      const line = await it.raw()
      await line.write(Buffer.from(places[index % places.length](breaks[index % breaks.length]), 'utf8'))
      it.add('requests')
      await line.until(() => line.status !== 0, 2_000)
      if (/^X-Injected/im.test(line.head)) it.fault(`a field of the attacker is in the answer: ${line.head}`)
      if (line.status === 101) it.settle(line, '101')
      else await it.ends([line], 2_000)
    }),
}

/** Origins that are not the server's own: it is asked as 127.0.0.1. @param {number} port */
const foreign = port => [
  'http://evil.example',
  `http://127.0.0.1.evil.example:${port}`,
  `http://evil.example/127.0.0.1:${port}`,
  `http://127.0.0.1:${port}@evil.example`,
  `http://evil127.0.0.1:${port}`,
  `http://127.0.0.1:${port + 1}`,
  `http://127.0.0.1:${port}0`,
  'http://127.0.0.2',
  'http://localhost',
  'null',
  '',
  'file://',
  `ftp://127.0.0.1:${port}`,
  `javascript://127.0.0.1:${port}`,
  'http://127.0.0.1:99999',
  'http://127.0.0.1, http://evil.example',
  'http://evil.example http://127.0.0.1',
  'http://127.0.0.1%00.evil.example',
  'http://127.0.0.1#.evil.example',
  '*',
]

/** @type {Plan} */
const origins = {
  name: 'cross-site',
  title: 'origins of other sites, and those that look like the own one',
  threats: [9],
  full: { count: 8, seconds: 1 },
  quick: { count: 20, seconds: 0 },
  permit: permits.none,
  outcomes: ['403', '400'],
  only: 'ws has no check of the origin',
  run: it =>
    it.again(it.count, async index => {
      const all = foreign(it.port)
      const origin = all[index % all.length]
      const host = `127.0.0.1:${it.port}`
      const line = await it.line({ host, headers: [['Origin', origin]] })
      it.add('requests')
      if (line.status === 101) it.fault(`a page of ${origin || '(nothing)'} may connect`)
      await it.ends([line])
    }),
}

export const http = [pipeline, smuggling, garbage, lineBreaks, origins]
