/** Requests that are wrong or strange, and the status of each; what hostile ones cost is seen in attack/. RFC 6455 §4.2.1 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ServerSocket } from '../../src/server/index.ts'
import { RawClient, type RequestParts, requestText } from '../support/raw.ts'
import { listening } from './support.ts'

let it: Awaited<ReturnType<typeof listening>>
beforeAll(async () => {
  const echo = { message: (socket: ServerSocket, message: string | Uint8Array) => socket.send(message) }
  const origin = ['https://good.example']
  it = await listening({ routes: { '/echo': echo, '/echo/:name': echo }, protocols: ['chat'], origin })
})
afterAll(() => it[Symbol.asyncDispose]())
afterEach(async () => {
  expect(it.reported).toEqual([])
  using next = await RawClient.open(it.port, { path: '/echo' })
  next.send('81 01 41')
  await next.frames(1)
})

/** The answer to bytes, in pieces of this size. */
async function answerTo(bytes: string | Buffer, piece = Number.POSITIVE_INFINITY) {
  using client = await RawClient.connect(it.port)
  const all = Buffer.from(bytes as string, 'latin1')
  for (let at = 0; at < all.length; at += piece) {
    client.write(all.subarray(at, at + piece))
    if (piece !== Number.POSITIVE_INFINITY) await new Promise(setImmediate)
  }
  const answer = await client.answer()
  if (answer.status !== 101) await client.ended()
  return answer
}

const echo = (headers: RequestParts['headers'] = {}, more: RequestParts = {}): string =>
  requestText({ path: '/echo', headers, ...more })

describe('is refused with the right status:', () => {
  const rows: readonly [name: string, status: number, request: string | Buffer][] = [
    ['garbage', 400, 'garbage\r\n\r\n'],
    ['more garbage', 400, Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * 7919) & 255))],
    ['the beginning of TLS', 400, Buffer.from('16030100c8010000c40303', 'hex')],
    ['the preface of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['frames without a request', 400, Buffer.from('818548656c6c6f0000000000', 'hex')],
    ['an empty method', 400, ' /echo HTTP/1.1\r\n\r\n'],
    ['a header of 1 MiB', 431, echo({ 'X-Big': 'x'.repeat(1_048_576) })],
    [
      'headers of 1 MiB',
      431,
      echo(Object.fromEntries(Array.from({ length: 1024 }, (_, at) => [`X-${at}`, 'x'.repeat(1024)]))),
    ],
    ['a target of 1 MiB', 431, echo({}, { path: `/${'x'.repeat(1_048_576)}` })],
    ['200 header fields', 431, echo({ X: Array(200).fill('y') })],
    ['version 8', 426, echo({ 'Sec-WebSocket-Version': '8' })],
    ['version 14', 426, echo({ 'Sec-WebSocket-Version': '14' })],
    ['version 013', 426, echo({ 'Sec-WebSocket-Version': '013' })],
    ['no version', 400, echo({ 'Sec-WebSocket-Version': undefined })],
    ['two versions', 400, echo({ 'Sec-WebSocket-Version': ['13', '13'] })],
    ['no key', 400, echo({ 'Sec-WebSocket-Key': undefined })],
    ['an empty key', 400, echo({ 'Sec-WebSocket-Key': '' })],
    ['a key of 15 bytes', 400, echo({ 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') })],
    ['a key of 17 bytes', 400, echo({ 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') })],
    ['a key that is not base64', 400, echo({ 'Sec-WebSocket-Key': '!'.repeat(24) })],
    ['a key with its last bits set', 400, echo({ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' })],
    ['two keys', 400, echo({ 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'AAAAAAAAAAAAAAAAAAAAAA=='] })],
    ['a body with a length', 400, `${echo({ 'Content-Length': '5' })}hello`],
    ['a body in chunks', 400, `${echo({ 'Transfer-Encoding': 'chunked' })}5\r\nhello\r\n0\r\n\r\n`],
    ['a body of two lengths', 400, `${echo({ 'Content-Length': ['5', '6'] })}hello`],
    ['a length and chunks', 400, `${echo({ 'Content-Length': '5', 'Transfer-Encoding': 'chunked' })}0\r\n\r\n`],
    ['HTTP/1.0', 400, echo({}, { version: '1.0' })],
    ['HTTP/2.0 in words', 505, echo({}, { version: '2.0' })],
    ['HTTP/3.0 in words', 505, echo({}, { version: '3.0' })],
    ['HTTP/9.9', 505, echo({}, { version: '9.9' })],
    ['HTTP/0.9', 426, 'GET /echo\r\n\r\n'],
    ['POST', 405, echo({}, { method: 'POST' })],
    ['CONNECT', 405, echo({}, { method: 'CONNECT' })],
    ['lines that end with LF alone', 400, echo().replaceAll('\r\n', '\n')],
    ['a target with a fragment', 400, echo({}, { path: '/echo#fragment' })],
    ['a body, and a tab behind Upgrade', 400, `${echo({ Connection: 'Upgrade\t', 'Content-Length': '5' })}hello`],
    ['version 8, and a tab behind Upgrade', 426, echo({ Connection: 'Upgrade\t', 'Sec-WebSocket-Version': '8' })],
    ['HEAD', 405, echo({}, { method: 'HEAD' })],
    ['no Host', 400, echo({ Host: undefined })],
    ['an empty Host', 400, echo({ Host: '' })],
    ['two Hosts', 400, echo({ Host: ['a', 'b'] })],
    ['a Host with a path', 400, echo({ Host: 'a/b' })],
    ['another origin', 403, echo({ Origin: 'https://evil.example' })],
    ['an origin that begins alike', 403, echo({ Origin: 'https://good.example.evil.example' })],
    ['the origin null', 403, echo({ Origin: 'null' })],
    ['two origins', 403, echo({ Origin: ['https://good.example', 'https://evil.example'] })],
    ['no Connection: Upgrade', 426, echo({ Connection: 'keep-alive' })],
    ['no Upgrade', 426, echo({ Upgrade: undefined })],
    ['an empty subprotocol', 400, echo({ 'Sec-WebSocket-Protocol': '' })],
    ['a subprotocol twice', 400, echo({ 'Sec-WebSocket-Protocol': ['chat', 'chat'] })],
    ['a subprotocol that is no token', 400, echo({ 'Sec-WebSocket-Protocol': 'a b' })],
    ['subprotocols that are all empty', 400, echo({ 'Sec-WebSocket-Protocol': ' ,,' })],
    ['extensions that are all empty', 400, echo({ 'Sec-WebSocket-Extensions': ' ,,' })],
    ['an extension with an open quote', 400, echo({ 'Sec-WebSocket-Extensions': 'a; b="c' })],
    ['an extension whose quoted value is no token', 400, echo({ 'Sec-WebSocket-Extensions': 'a; b="c d"' })],
    ['a long list of semicolons', 400, echo({ 'Sec-WebSocket-Extensions': `a${';'.repeat(10_000)}` })],
    ['a NUL in a header', 400, echo({ 'X-Nul': 'a\0b' })],
    ['a folded header', 400, 'GET /echo HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n'],
    ['a space before the colon', 400, echo({ 'X ': 'y' })],
    ['a path that is no route', 404, echo({}, { path: '/nothing' })],
    ['a parameter that is not encoded properly', 404, echo({}, { path: '/echo/%ff' })],
    ['a target that is no path', 400, echo({}, { path: '*' })],
    ['the target of another scheme', 400, echo({}, { path: 'ftp://x/echo' })],
  ]
  test.each(rows)('%s: %i', async (_name, status, request) => {
    const answer = await answerTo(request)
    expect(answer.status).toBe(status)
    if (status === 426 && /version/i.test(_name)) expect(answer.headers['sec-websocket-version']).toBe('13')
    if (status === 405) expect(answer.headers['allow']).toBe('GET')
  })
})

describe('is accepted:', () => {
  const rows: readonly [name: string, request: string][] = [
    ['tokens in upper case', echo({ Upgrade: 'WEBSOCKET', Connection: 'UPGRADE' })],
    ['tokens in lower case', echo({ Upgrade: 'websocket', Connection: 'upgrade' })],
    ['names in upper case', echo().replace(/^[A-Za-z-]+(?=:)/gm, name => name.toUpperCase())],
    ['names in lower case', echo().replace(/^[A-Za-z-]+(?=:)/gm, name => name.toLowerCase())],
    ['a list of tokens', echo({ Connection: 'keep-alive, Upgrade', Upgrade: 'foo/1, websocket' })],
    ['blanks around values', echo({ Upgrade: '  websocket \t', Connection: '\tUpgrade' })],
    ['a tab behind the only token of Connection', echo({ Connection: 'Upgrade\t' })],
    ['tabs in a list of tokens', echo({ Connection: '\tkeep-alive\t,\tUpgrade\t' })],
    ['tabs around every value', echo().replace(/: (.*)\r\n/g, ':\t$1\t\r\n')],
    ['a good origin', echo({ Origin: 'https://good.example' })],
    ['a length of 0', echo({ 'Content-Length': '0' })],
    [
      'names that objects have',
      echo({ constructor: 'x', toString: 'y', hasOwnProperty: 'z' }).replace('constructor', '__proto__'),
    ],
    [
      'such subprotocols and extensions',
      echo({
        'Sec-WebSocket-Protocol': '__proto__, constructor',
        'Sec-WebSocket-Extensions': '__proto__; constructor=__proto__',
      }),
    ],
    [
      'empty subprotocols and extensions between others',
      echo({ 'Sec-WebSocket-Protocol': 'a,,b,', 'Sec-WebSocket-Extensions': ',a, ,b' }),
    ],
    ['an absolute target', echo({}, { path: 'http://127.0.0.1/echo' })],
    ['99 header fields', echo({ X: Array(94).fill('y') })],
    ['a list of 2000 extensions', echo({ 'Sec-WebSocket-Extensions': Array(2000).fill('a;b').join() })],
  ]
  test.each(rows)('%s', async (_name, request) => {
    const answer = await answerTo(request)
    expect(answer.status).toBe(101)
    expect(answer.headers['sec-websocket-protocol']).toBeUndefined()
    expect(answer.headers['sec-websocket-extensions']).toBeUndefined()
  })

  test('a request that comes byte by byte', async () => {
    expect((await answerTo(echo(), 1)).status).toBe(101)
  })
})
