/** Before the line is open: requests that do not end, headers without end, names that are traps. RFC 6455 §4, RFC 9112 */
import { request } from '../line/line.mjs'
import { permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */
/** @typedef {import('../attacker.mjs').Attack} Attack */

const HEAD = request().slice(0, -2)

/** Where a request can stop: without a byte, in its first line, in a header, before the empty line. */
const STOPS = [0, 9, 60, HEAD.length]

/** @type {Plan} */
const halfOpen = {
  name: 'half-open',
  title: 'handshakes that stop without a byte, in the request line, in a header, before the end',
  threats: [8, 1],
  full: { count: 10_000, seconds: 13 },
  quick: { count: 400, seconds: 0.2 },
  watched: 5,
  permit: permits.asking,
  outcomes: ['408', 'cut', 'held'],
  async run(it) {
    await it.times(it.count, async index => {
      const line = await it.raw()
      const stop = STOPS[index % STOPS.length]
      if (stop > 0) await line.write(HEAD.slice(0, stop))
    })
    it.add('at once', it.count)
    await it.sleep(Math.max(it.left, 0))
  },
}

/** @type {Plan} */
const slowHeaders = {
  name: 'slow-headers',
  title: 'a header field now and then, for ever, on each connection',
  threats: [8],
  full: { count: 1000, seconds: 13 },
  quick: { count: 50, seconds: 0.3 },
  watched: 4,
  permit: permits.asking,
  outcomes: ['408', '431', 'cut', 'held', 'reset'],
  async run(it) {
    const lines = await it.times(it.count, async () => {
      const line = await it.raw()
      await line.write(HEAD)
      return line
    })
    while (!it.over) {
      for (const line of lines) if (line.open) await line.write('X-Slow: 1\r\n')
      it.add('fields', lines.length)
      await it.sleep(300)
    }
  },
}

const long = 'a'.repeat(4_000)
/** Requests that a limit or the grammar stops. @type {[name: string, text: string][]} */
const floods = [
  ['200 fields', HEAD + Array.from({ length: 200 }, (_, at) => `X-${at}: 1\r\n`).join('')],
  ['20 000 fields', HEAD + 'A:1\r\n'.repeat(20_000)],
  ['a field of 1 MiB', `${HEAD}X: ${'a'.repeat(1_048_576)}\r\n`],
  ['a name of 32 KiB', `${HEAD}${'x'.repeat(32_768)}: 1\r\n`],
  ['a path of 32 KiB', `GET /${'a'.repeat(32_768)} HTTP/1.1\r\n${HEAD.slice(HEAD.indexOf('\r\n') + 2)}`],
  ['spaces without end', `${HEAD}X:${' '.repeat(100_000)}1\r\n`],
  ['the same field 200 times', HEAD + 'Sec-WebSocket-Protocol: a\r\n'.repeat(200)],
]

/** @type {Plan} */
const headerFlood = {
  name: 'header-flood',
  title: 'requests with more header than anybody needs',
  threats: [4],
  full: { count: 16, seconds: 1.5 },
  quick: { count: 7, seconds: 0 },
  permit: permits.asking,
  outcomes: ['101', '431', '400', 'reset', 'cut'],
  run: it =>
    it.again(it.count, async index => {
      const line = await it.raw()
      const [, text] = floods[index % floods.length]
      await line.write(`${text}\r\n`)
      await line.until(() => line.status !== 0, 5_000)
      // Blanks before a value are no value: the request is right.
      if (line.status === 101) it.settle(line, '101')
      else await it.ends([line])
      it.add('requests')
    }),
}

/** Values that cost a careless parser its time or its head; each is a legal field of HTTP. @type {(readonly [name: string, value: string])[]} */
const lists = [
  ['Sec-WebSocket-Extensions', 'permessage-deflate,'.repeat(700)],
  ['Sec-WebSocket-Extensions', `permessage-deflate${'; a=1'.repeat(2_000)}`],
  ['Sec-WebSocket-Extensions', `permessage-deflate; a="${'\\"'.repeat(5_000)}"`],
  ['Sec-WebSocket-Extensions', `permessage-deflate; a="${'\\'.repeat(9_999)}`],
  ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits; '.repeat(200)],
  ['Sec-WebSocket-Extensions', `a${' '.repeat(12_000)}b`],
  ['Sec-WebSocket-Extensions', ','.repeat(12_000)],
  ['Sec-WebSocket-Protocol', `${long},${long},${long}`],
  ['Sec-WebSocket-Protocol', 'a,'.repeat(6_000)],
  ['Sec-WebSocket-Protocol', `a${'\t'.repeat(12_000)}`],
  ['Connection', 'upgrade,'.repeat(1_500)],
  ['Upgrade', `${'x/1,'.repeat(3_000)}websocket`],
]

/** @type {Plan} */
const longLists = {
  name: 'long-lists',
  title: 'lists of extensions, subprotocols and tokens as long as a header may be, quotes and blanks without end',
  threats: [4],
  full: { count: 12, seconds: 1.5 },
  quick: { count: 12, seconds: 0 },
  permit: permits.asking,
  outcomes: ['101', '400', '426', '431'],
  run: it =>
    it.again(it.count, async index => {
      const line = await it.line({ headers: [lists[index % lists.length]] })
      it.add('requests')
      if (line.status === 101) it.settle(line, '101')
      else await it.ends([line])
    }),
}

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']
/** @type {(readonly (readonly [string, string])[])[]} */
const traps = names.flatMap(name => [
  [['Sec-WebSocket-Extensions', `${name}; ${name}=${name}`]],
  [['Sec-WebSocket-Extensions', `permessage-deflate; ${name}`]],
  [['Sec-WebSocket-Extensions', `permessage-deflate; ${name}=1; ${name}=2`]],
  [['Sec-WebSocket-Protocol', `${name}, ${name}`]],
  [['Sec-WebSocket-Protocol', name]],
  [[name, 'polluted']],
])

/** @type {Plan} */
const trapNames = {
  name: 'trap-names',
  title: 'extensions, parameters, subprotocols, fields, paths and rooms named __proto__ and the like',
  threats: [4],
  full: { count: 8, seconds: 1 },
  quick: { count: 4, seconds: 0.1 },
  permit: permits.open,
  outcomes: ['101', '400', '404'],
  run: it =>
    it.again(it.count, async index => {
      const name = names[index % names.length]
      const path = index % 3 === 0 ? `/rooms/${name}?${name}=${name}` : index % 3 === 1 ? '/echo' : `/${name}`
      const line = await it.line({ path, headers: traps[index % traps.length] })
      it.add('requests')
      // An extension or subprotocol that nobody serves must not be agreed on.
      // The server of ws agrees on the first subprotocol unless it is told which it has.
      if (it.victim === 'hotline' && names.some(trap => line.head.includes(trap)))
        it.fault(`the answer names what the server cannot know: ${line.head}`)
      if (line.status === 101) it.settle(line, '101')
      else await it.ends([line])
    }),
}

export const handshake = [halfOpen, slowHeaders, headerFlood, longLists, trapNames]
