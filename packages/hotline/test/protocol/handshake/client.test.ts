import { describe, expect, test } from 'vitest'
import { HandshakeError } from '../../../src/errors.ts'
import { type Request, readResponse, requestFields } from '../../../src/protocol/handshake/client.ts'
import { parseExtensions } from '../../../src/protocol/handshake/extensions.ts'
import { type Field, Fields } from '../../../src/protocol/handshake/fields.ts'
import { acceptFields, readRequest } from '../../../src/protocol/handshake/server.ts'
import { ACCEPT, crypto, fields, KEY } from './support.ts'

const asked: Request = { key: KEY, protocols: [], extensions: [] }
const askedMore: Request = {
  key: KEY,
  protocols: ['chat', 'superchat'],
  extensions: [
    { name: 'foo', params: [['level', '1']] },
    { name: 'bar', params: [] },
  ],
}

// RFC 6455 §4.1 (5) to (11)
describe('the request', () => {
  test('has the fields of the standard, and no more than was asked for', () =>
    expect(requestFields(asked)).toEqual([
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', KEY],
    ]))

  test('lists subprotocols and extensions in the order of preference', () =>
    expect(requestFields(askedMore).slice(4)).toEqual([
      ['Sec-WebSocket-Protocol', 'chat, superchat'],
      ['Sec-WebSocket-Extensions', 'foo; level=1, bar'],
    ]))

  test.each([
    ['little', asked],
    ['much', askedMore],
  ])('that asks for %s is read by the server as it was meant, and the answer by the client', (_, request) => {
    const sent = new Fields([['Host', 'example.com'], ...requestFields(request)])
    expect(readRequest({ method: 'GET', httpVersion: '1.1', fields: sent })).toEqual(request)
    const answer = new Fields(acceptFields(request.key, {}, crypto))
    expect(readResponse({ status: 101, fields: answer }, request, crypto)).toEqual({ protocol: '', extensions: [] })
  })
})

const base: readonly Field[] = [
  ['upgrade', 'websocket'],
  ['connection', 'Upgrade'],
  ['sec-websocket-accept', ACCEPT],
]
type Changes = Parameters<typeof fields>[1]
const read = (request: Request, changes: Changes = {}, status = 101) =>
  readResponse({ status, fields: fields(base, changes) }, request, crypto)

// RFC 6455 §4.1, the list of what the client must validate, by its numbers.
describe('an answer', () => {
  const accepted: readonly (readonly [name: string, changes: Changes, agreement: object])[] = [
    ['with the least that is needed', {}, {}],
    ['with tokens in capitals', { upgrade: 'WEBSOCKET', connection: 'UPGRADE' }, {}],
    ['with Upgrade in a list of Connection', { connection: 'keep-alive, upgrade' }, {}],
    ['with one of the subprotocols', { 'sec-websocket-protocol': 'superchat' }, { protocol: 'superchat' }],
    [
      'with one of the extensions',
      { 'sec-websocket-extensions': 'bar; x="1"' },
      { extensions: parseExtensions('bar; x=1') },
    ],
    ['with both extensions', { 'sec-websocket-extensions': 'bar, foo' }, { extensions: parseExtensions('bar, foo') }],
  ]
  for (const [name, changes, agreement] of accepted)
    test(`${name} is accepted`, () =>
      expect(read(askedMore, changes)).toEqual({ protocol: '', extensions: [], ...agreement }))

  const refused: readonly (readonly [check: string, name: string, changes: Changes, says: RegExp])[] = [
    ['2', 'without Upgrade', { upgrade: [] }, /Upgrade: websocket/],
    ['2', 'with another Upgrade', { upgrade: 'h2c' }, /Upgrade: websocket/],
    ['2', 'with a list in Upgrade', { upgrade: 'websocket, h2c' }, /Upgrade: websocket/],
    ['2', 'with Upgrade twice', { upgrade: ['websocket', 'websocket'] }, /Upgrade: websocket/],
    ['3', 'without Connection', { connection: [] }, /Connection: Upgrade/],
    ['3', 'with another Connection', { connection: 'keep-alive' }, /Connection: Upgrade/],
    ['4', 'without Sec-WebSocket-Accept', { 'sec-websocket-accept': [] }, /Sec-WebSocket-Accept/],
    ['4', 'with the accept of another key', { 'sec-websocket-accept': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, /Accept/],
    ['4', 'with the accept in other letters', { 'sec-websocket-accept': ACCEPT.toLowerCase() }, /Accept/],
    ['4', 'with the key instead of the accept', { 'sec-websocket-accept': KEY }, /Accept/],
    ['4', 'with the accept twice', { 'sec-websocket-accept': [ACCEPT, ACCEPT] }, /Accept/],
    ['5', 'with an extension that was not offered', { 'sec-websocket-extensions': 'baz' }, /extensions/],
    ['5', 'with one more extension than was offered', { 'sec-websocket-extensions': 'foo, baz' }, /extensions/],
    ['5', 'with an extension in other letters', { 'sec-websocket-extensions': 'FOO' }, /extensions/],
    ['5', 'with extensions without grammar', { 'sec-websocket-extensions': 'foo;' }, /extensions/],
    ['5', 'with an empty list of extensions', { 'sec-websocket-extensions': '' }, /extensions/],
    ['5', 'with extensions in two headers', { 'sec-websocket-extensions': ['foo', 'bar'] }, /extensions/],
    ['6', 'with a subprotocol that was not offered', { 'sec-websocket-protocol': 'other' }, /subprotocol/],
    ['6', 'with a subprotocol in other letters', { 'sec-websocket-protocol': 'Chat' }, /subprotocol/],
    ['6', 'with both subprotocols', { 'sec-websocket-protocol': 'chat, superchat' }, /subprotocol/],
    ['6', 'with subprotocols in two headers', { 'sec-websocket-protocol': ['chat', 'chat'] }, /subprotocol/],
    ['6', 'with an empty subprotocol', { 'sec-websocket-protocol': '' }, /subprotocol/],
    ['6', 'with a subprotocol that objects have', { 'sec-websocket-protocol': '__proto__' }, /subprotocol/],
  ]
  for (const [check, name, changes, says] of refused)
    test(`${name} is refused (${check})`, () => {
      expect(() => read(askedMore, changes)).toThrow(HandshakeError)
      expect(() => read(askedMore, changes)).toThrow(says)
    })

  test.each(['1.0', '0.9', '1.2', '2.0', ''])('in HTTP/%s is refused (1)', httpVersion => {
    const answer = { status: 101, fields: fields(base) }
    expect(() => readResponse({ ...answer, httpVersion }, asked, crypto)).toThrow(HandshakeError)
    expect(() => readResponse({ ...answer, httpVersion }, asked, crypto)).toThrow(`HTTP/${httpVersion}`)
    expect(readResponse({ ...answer, httpVersion: '1.1' }, asked, crypto)).toMatchObject({ protocol: '' })
  })

  test.each([100, 200, 204, 301, 302, 307, 400, 401, 403, 404, 426, 500, 503, 0])(
    'with status %i is refused (1)',
    status => {
      expect(() => read(asked, {}, status)).toThrow(HandshakeError)
      expect(() => read(asked, {}, status)).toThrow(`status ${status} instead of 101`)
    },
  )

  test.each(['a subprotocol', 'an extension'])('with %s is refused when none was asked for', what => {
    const changes =
      what === 'a subprotocol' ? { 'sec-websocket-protocol': 'chat' } : { 'sec-websocket-extensions': 'foo' }
    expect(() => read(asked, changes)).toThrow(HandshakeError)
  })

  test('that is refused can be looked at: status, headers and body', () => {
    const refuse = (body?: string): unknown => {
      const answer = {
        status: 403,
        fields: new Fields([
          ['X-Why', 'no'],
          ['x-why', 'never'],
          ['__proto__', 'p'],
        ]),
      }
      try {
        return readResponse(body === undefined ? answer : { ...answer, body }, asked, crypto)
      } catch (error) {
        return error
      }
    }
    const error = refuse('forbidden') as HandshakeError
    expect(error).toMatchObject({ code: 'ERR_HANDSHAKE', status: 403, body: 'forbidden' })
    expect(Object.entries(error.headers ?? {})).toEqual([
      ['x-why', 'no, never'],
      ['__proto__', 'p'],
    ])
    expect(refuse()).toMatchObject({ status: 403, body: undefined })
  })
})
