import { describe, expect, test } from 'vitest'
import type { Field } from '../../../src/protocol/handshake/fields.ts'
import {
  acceptFields,
  type Offer,
  type Rejection,
  readRequest,
  wantsWebSocket,
} from '../../../src/protocol/handshake/server.ts'
import { ACCEPT, crypto, fields, KEY } from './support.ts'

/** The request of RFC 6455 §1.2, without its Origin. */
const base: readonly Field[] = [
  ['host', 'server.example.com'],
  ['upgrade', 'websocket'],
  ['connection', 'Upgrade'],
  ['sec-websocket-key', KEY],
  ['sec-websocket-version', '13'],
]
type Changes = Parameters<typeof fields>[1]
const request = (changes: Changes = {}, method = 'GET', httpVersion = '1.1'): Offer | Rejection =>
  readRequest({ method, httpVersion, fields: fields(base, changes) })

const nothing = { key: KEY, protocols: [], extensions: [] }

describe('a request', () => {
  test('like that of the standard is an offer', () => {
    const changes = {
      'sec-websocket-protocol': 'chat, superchat',
      'sec-websocket-extensions': 'mux; max-channels=4, foo',
    }
    expect(request(changes)).toEqual({
      key: KEY,
      protocols: ['chat', 'superchat'],
      extensions: [
        { name: 'mux', params: [['max-channels', '4']] },
        { name: 'foo', params: [] },
      ],
    })
  })

  // RFC 6455 §4.2.1
  const accepted: readonly (readonly [name: string, changes: Changes, more?: Partial<Offer>])[] = [
    ['with the least that is needed', {}],
    ['with WebSocket in other letters', { upgrade: 'WebSocket' }],
    ['with UPGRADE and WEBSOCKET in capitals', { upgrade: 'WEBSOCKET', connection: 'UPGRADE' }],
    ['with all in small letters', { upgrade: 'websocket', connection: 'upgrade' }],
    ['with a list of what to upgrade to', { upgrade: 'h2c, websocket' }],
    ['with a list in Connection, as Firefox sends it', { connection: 'keep-alive, Upgrade' }],
    ['with two Connection headers', { connection: ['keep-alive', 'Upgrade'] }],
    ['with two Upgrade headers', { upgrade: ['h2c', 'websocket'] }],
    ['with a body of no length', { 'content-length': '0' }],
    ['with names that objects have', { ['__proto__']: 'x', constructor: 'y' }],
    ['with subprotocols in two headers', { 'sec-websocket-protocol': ['a', 'b, c'] }, { protocols: ['a', 'b', 'c'] }],
    [
      'with extensions in two headers',
      { 'sec-websocket-extensions': ['a;b="c"', '__proto__'] },
      {
        extensions: [
          { name: 'a', params: [['b', 'c']] },
          { name: '__proto__', params: [] },
        ],
      },
    ],
  ]
  for (const [name, changes, more] of accepted)
    test(`${name} is an offer`, () => expect(request(changes)).toEqual({ ...nothing, ...more }))

  test('in HTTP/1.1 is an offer', () => expect(request({}, 'GET', '1.1')).toEqual(nothing))

  // RFC 6455 §4.2.1, §4.2.2, §4.4, §11.3
  const refused: readonly (readonly [name: string, status: number, changes: Changes])[] = [
    ['without Host', 400, { host: [] }],
    ['with two Host headers', 400, { host: ['a', 'b'] }],
    ['with the same Host twice', 400, { host: ['a', 'a'] }],
    ['without Upgrade', 426, { upgrade: [] }],
    ['with another Upgrade', 426, { upgrade: 'h2c' }],
    ['with something like websocket', 426, { upgrade: 'websockets' }],
    ['with websocket and a version', 426, { upgrade: 'websocket/13' }],
    ['without Connection', 400, { connection: [] }],
    ['with another Connection', 400, { connection: 'keep-alive' }],
    ['with Connection: close', 400, { connection: 'close' }],
    ['that announces a body', 400, { 'content-length': '1' }],
    ['that announces a body in a second header', 400, { 'content-length': ['0', '5'] }],
    ['that announces a length that is none', 400, { 'content-length': '' }],
    ['that announces chunks', 400, { 'transfer-encoding': 'chunked' }],
    ['without a version', 400, { 'sec-websocket-version': [] }],
    ['with two versions', 400, { 'sec-websocket-version': ['13', '13'] }],
    ['with an older version', 426, { 'sec-websocket-version': '8' }],
    ['with a newer version', 426, { 'sec-websocket-version': '14' }],
    ['with a list of versions', 426, { 'sec-websocket-version': '13, 8' }],
    ['with version 013', 426, { 'sec-websocket-version': '013' }],
    ['with an empty version', 426, { 'sec-websocket-version': '' }],
    ['without a key', 400, { 'sec-websocket-key': [] }],
    ['with two keys', 400, { 'sec-websocket-key': [KEY, 'AQIDBAUGBwgJCgsMDQ4PEA=='] }],
    ['with the same key twice', 400, { 'sec-websocket-key': [KEY, KEY] }],
    ['with an empty key', 400, { 'sec-websocket-key': '' }],
    ['with a key of 15 bytes', 400, { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25j' }],
    ['with a key of 17 bytes', 400, { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZWE=' }],
    ['with a key that has other characters', 400, { 'sec-websocket-key': KEY.replace('d', '*') }],
    ['with a key whose last bits are not 0', 400, { 'sec-websocket-key': KEY.replace('Q==', 'R==') }],
    ['with a subprotocol twice', 400, { 'sec-websocket-protocol': 'a, a' }],
    ['with a subprotocol that is no token', 400, { 'sec-websocket-protocol': 'a, b c' }],
    ['with an empty list of subprotocols', 400, { 'sec-websocket-protocol': '' }],
    ['with extensions without grammar', 400, { 'sec-websocket-extensions': 'a;;b' }],
    ['with an empty list of extensions', 400, { 'sec-websocket-extensions': '' }],
    ['with a quoted value that is no token', 400, { 'sec-websocket-extensions': 'a; b="c d"' }],
    ['with extensions of which the second header is wrong', 400, { 'sec-websocket-extensions': ['a', '"'] }],
  ]
  for (const [name, status, changes] of refused)
    test(`${name} is refused with ${status}`, () => {
      const rejection = request(changes)
      expect(rejection).toMatchObject({ status, reason: expect.stringMatching(/\w/) })
      expect(rejection).not.toHaveProperty('key')
    })

  test.each(['POST', 'HEAD', 'PUT', 'OPTIONS', 'CONNECT', 'get', ''])(
    'with the method %j is refused with 405',
    method => expect(request({}, method)).toMatchObject({ status: 405, fields: [['Allow', 'GET']] }),
  )

  test.each(['2.0', '2', '3.0', '9.9'])('in HTTP/%s is refused with 505', version =>
    expect(request({}, 'GET', version)).toMatchObject({ status: 505 }),
  )

  test.each(['1.0', '0.9', '1.2', '', 'x'])('in HTTP/%s is refused with 400', version =>
    expect(request({}, 'GET', version)).toMatchObject({ status: 400 }),
  )

  test('of another version is told which one there is', () =>
    expect(request({ 'sec-websocket-version': '8' })).toMatchObject({
      fields: expect.arrayContaining([['Sec-WebSocket-Version', '13']]),
    }))

  test('without a version is told which one there is', () =>
    expect(request({ 'sec-websocket-version': [] })).toMatchObject({ fields: [['Sec-WebSocket-Version', '13']] }))

  // RFC 9110 §15.5.22
  test('that is refused with 426 is told what to upgrade to', () => {
    const upgrade = [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
    ]
    for (const changes of [{ upgrade: [] }, { 'sec-websocket-version': '8' }])
      expect(request(changes)).toMatchObject({ status: 426, fields: expect.arrayContaining(upgrade) })
  })

  test('wants a WebSocket when it says so in any case and any list', () => {
    expect(wantsWebSocket(fields([['Upgrade', 'h2c, WebSocket']]))).toBe(true)
    expect(wantsWebSocket(fields([['Upgrade', 'h2c']]))).toBe(false)
    expect(wantsWebSocket(fields([]))).toBe(false)
  })
})

// RFC 6455 §4.2.2 (5)
describe('the answer', () => {
  const plain = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', ACCEPT],
  ]

  test('has the three fields of the standard', () => expect(acceptFields(KEY, {}, crypto)).toEqual(plain))

  test('names the subprotocol and the extensions only where they were chosen', () => {
    const protocol = ['Sec-WebSocket-Protocol', 'chat']
    const extensions = ['Sec-WebSocket-Extensions', 'foo; a=1']
    expect(acceptFields(KEY, { protocol: 'chat' }, crypto)).toEqual([...plain, protocol])
    expect(acceptFields(KEY, { extensions: 'foo; a=1' }, crypto)).toEqual([...plain, extensions])
    expect(acceptFields(KEY, { protocol: 'chat', extensions: 'foo; a=1' }, crypto)).toEqual([
      ...plain,
      protocol,
      extensions,
    ])
  })
})
