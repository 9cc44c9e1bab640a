/** The opening handshake, both roles, over header fields: against a second plain reading. RFC 6455 §4 */
import { createHash } from 'node:crypto'
import { HandshakeError } from '../../packages/hotline/src/errors.ts'
import { readResponse, requestFields } from '../../packages/hotline/src/protocol/handshake/client.ts'
import { Fields } from '../../packages/hotline/src/protocol/handshake/fields.ts'
import type { HandshakeCrypto } from '../../packages/hotline/src/protocol/handshake/key.ts'
import { acceptFields, readRequest } from '../../packages/hotline/src/protocol/handshake/server.ts'
import { chooseProtocol } from '../../packages/hotline/src/protocol/handshake/subprotocol.ts'
import { utf8 } from '../engine/bytes.ts'
import { ACCEPT, disturb, extensionList, fieldsOf, KEY, line, linesOf, protocolList } from '../engine/headers.ts'
import { claim, type Target } from '../engine/target.ts'
import { isPlainToken, isPlainValue, judgeAnswer, judgeRequest } from '../reference/headers.ts'

const crypto: HandshakeCrypto = {
  sha1: text => createHash('sha1').update(text).digest('base64'),
  randomBase64: size => Buffer.alloc(size).toString('base64'),
}

const STATUSES = [400, 405, 426, 505]

/** The first line is `GET 1.1`, the others are fields. */
export const request: Target = {
  name: 'request',
  about:
    'what a server makes of the fields of a request: a second reading after RFC 6455 §4.2.1; what it answers, a client takes',
  longest: 4000,

  make(random) {
    const lines = [
      line(random, 'Host', 'example.com'),
      line(random, 'Upgrade', 'websocket'),
      line(random, 'Connection', 'Upgrade'),
      line(random, 'Sec-WebSocket-Version', '13'),
      line(random, 'Sec-WebSocket-Key', KEY),
    ]
    if (random.oneIn(2)) lines.push(line(random, 'Sec-WebSocket-Protocol', protocolList(random)))
    if (random.oneIn(2)) lines.push(line(random, 'Sec-WebSocket-Extensions', extensionList(random)))
    if (random.oneIn(8))
      lines.push(`${random.pick(['Transfer-Encoding', 'Content-Length'])}: ${random.pick(['0', '5', 'x'])}`)
    const first = random.oneIn(8) ? random.pick(['POST 1.1', 'get 1.1', 'GET 1.0', 'GET 2.0', 'GET ']) : 'GET 1.1'
    return utf8([first, ...disturb(random, lines)].join('\n'))
  },

  run(input) {
    const [first = '', ...lines] = linesOf(input)
    const [method = '', httpVersion = ''] = first.split(' ')
    const given = fieldsOf(lines)
    const fields = new Fields(given)
    const wanted = judgeRequest(method, httpVersion, given)
    const got = readRequest({ method, httpVersion, fields })
    if ('status' in got) {
      claim(got.status === wanted, 'a request is refused as the second reading refuses it', got, wanted)
      claim(STATUSES.includes(got.status) && isPlainValue(got.reason), 'a refusal has a documented status')
      for (const [name, value] of got.fields)
        claim(isPlainToken(name) && isPlainValue(value), 'a refusal has right fields')
      return
    }
    claim(
      typeof wanted === 'object' && wanted.key === got.key,
      'a request is taken as the second reading takes it',
      got,
      wanted,
    )
    // What a server answers to it, the client that asked so takes.
    const protocol = chooseProtocol(got.protocols, ['chat', 'a'])
    const answer = new Fields(acceptFields(got.key, { protocol, extensions: got.extensions[0]?.name }, crypto))
    for (const [name, value] of answer) claim(isPlainToken(name) && isPlainValue(value), 'an answer has right fields')
    const agreement = readResponse({ status: 101, fields: answer }, got, crypto)
    claim(agreement.protocol === (protocol ?? ''), 'a client takes what our server answers')
    // And what a client would ask with the same, a server reads as the same.
    const again = readRequest({ method, httpVersion, fields: new Fields([['Host', 'h'], ...requestFields(got)]) })
    claim(JSON.stringify(again) === JSON.stringify(got), 'a server reads what our client asks', again, got)
  },
}

/** What the client had asked for. */
const ASKED = {
  key: KEY,
  protocols: ['chat', 'a', '__proto__'],
  extensions: [{ name: 'permessage-deflate', params: [] }],
}

/** The first line is the status, the others are fields. */
export const answer: Target = {
  name: 'answer',
  about: 'what a client makes of the fields of an answer: a second reading after RFC 6455 §4.1',
  longest: 4000,

  make(random) {
    const lines = [
      line(random, 'Upgrade', 'websocket'),
      line(random, 'Connection', 'Upgrade'),
      line(random, 'Sec-WebSocket-Accept', ACCEPT),
    ]
    if (random.oneIn(2))
      lines.push(line(random, 'Sec-WebSocket-Protocol', random.pick(['chat', 'a', 'b', 'chat, a', ''])))
    if (random.oneIn(2)) lines.push(line(random, 'Sec-WebSocket-Extensions', extensionList(random)))
    return utf8([random.oneIn(8) ? '200' : '101', ...disturb(random, lines)].join('\n'))
  },

  run(input) {
    const [first = '', ...lines] = linesOf(input)
    const given = fieldsOf(lines)
    const status = Number(first)
    const names = ASKED.extensions.map(({ name }) => name)
    const wanted = judgeAnswer(status, given, { ...ASKED, extensions: names })
    try {
      const { protocol } = readResponse({ status, fields: new Fields(given) }, ASKED, crypto)
      claim(wanted?.protocol === protocol, 'an answer is taken as the second reading takes it', protocol, wanted)
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      claim(wanted === undefined, 'an answer is refused as the second reading refuses it', error.message, wanted)
      claim(Object.getPrototypeOf(error.headers) === null, 'the fields of an answer have no prototype')
    }
  },
}
