/** The opening handshake as a client reads it. RFC 6455 §4.1, §4.2.2 */
import type { Head, Outcome } from '../case.ts'
import { answers, echoes, family, group, ping, send, text, txt } from './pieces.ts'

const roles = ['client'] as const
type Heads = readonly (readonly [string, Head])[]

const opened = (clause: string, why: string, heads: Heads) =>
  group(
    { roles, clause, why },
    heads.map(([title, answer]) => ({ title, answer, steps: [send(text('Hello'))], outcomes: echoes(txt('Hello')) })),
  )

const rejects: Outcome[] = [
  { verdict: 'pass', end: { how: 'rejected' } },
  {
    verdict: 'lenient',
    end: { how: 'closed', by: 'peer', codes: 'any' },
    note: '§4.1: it sends a Close frame on a line that was never open',
  },
]

const rejected = (clause: string, why: string, heads: Heads) =>
  group(
    { roles, clause, why },
    heads.map(([title, answer]) => ({ title, answer, steps: [], outcomes: rejects })),
  )

const usual = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: {accept}']
const raw = (...lines: string[]): Head => ({ raw: [...lines, '', ''].join('\r\n') })
const START = 'HTTP/1.1 101 Switching Protocols'

const grammar = opened(
  'RFC 6455 §4.1, RFC 9112 §4',
  'Names and tokens have no case, fields no order, and the words behind a status mean nothing.',
  [
    ['names in lower case', raw(START, 'upgrade: websocket', 'connection: upgrade', 'sec-websocket-accept: {accept}')],
    ['names in upper case', raw(START, 'UPGRADE: websocket', 'CONNECTION: Upgrade', 'SEC-WEBSOCKET-ACCEPT: {accept}')],
    ['fields in reverse order', raw(START, ...usual.toReversed())],
    [
      'no space before the values',
      raw(START, 'Upgrade:websocket', 'Connection:Upgrade', 'Sec-WebSocket-Accept:{accept}'),
    ],
    ['spaces around the values', raw(START, ...usual.map(line => `${line.replace(': ', ':   ')}  `))],
    ['another reason phrase', { start: 'HTTP/1.1 101 Web Socket Protocol Handshake' }],
    ['an empty reason phrase', { start: 'HTTP/1.1 101 ' }],
    ['Upgrade: WebSocket', { set: { Upgrade: 'WebSocket' } }],
    ['Upgrade: WEBSOCKET', { set: { Upgrade: 'WEBSOCKET' } }],
    ['Connection: upgrade', { set: { Connection: 'upgrade' } }],
    ['Connection: keep-alive, Upgrade', { set: { Connection: 'keep-alive, Upgrade' } }],
    [
      'fields that nobody knows',
      {
        add: [
          ['Server', 'suite'],
          ['__proto__', 'polluted'],
          ['Set-Cookie', 'a=1'],
        ],
      },
    ],
    ['fifty more fields', { add: Array.from({ length: 50 }, (_, index) => [`X-${index}`, 'value'] as const) }],
    ['a field of 4 KiB', { set: { 'X-Long': 'x'.repeat(4096) } }],
    ['the answer, byte by byte', { chop: 1 }],
    ['the answer, three bytes at a time', { chop: 3 }],
  ],
)

const early = group(
  { roles, clause: 'RFC 6455 §4.1', why: 'A server may speak at once: what comes with the answer must not be lost.' },
  [
    { title: 'a frame with the answer', answer: { early: [text('early')] }, steps: [], outcomes: echoes(txt('early')) },
    {
      title: 'three frames with the answer',
      answer: { early: [text('one'), text('two'), text('three')] },
      steps: [],
      outcomes: echoes(txt('one'), txt('two'), txt('three')),
    },
    {
      title: 'answer and frames, byte by byte',
      answer: { early: [text('one'), text('two')], chop: 1 },
      steps: [],
      outcomes: echoes(txt('one'), txt('two')),
    },
    {
      title: 'a Ping with the answer',
      answer: { early: [ping('early')] },
      steps: [send(text('later'))],
      outcomes: answers({ messages: [txt('later')], pongs: ['early'] }),
    },
  ],
)

const statuses = rejected(
  'RFC 6455 §4.1',
  'Only 101 opens a line.',
  [200, 201, 204, 400, 401, 403, 404, 426, 500, 503].map(status => [
    `status ${status}`,
    { start: `HTTP/1.1 ${status} Other`, add: [['Content-Length', '0']] },
  ]),
)

const fields = rejected(
  'RFC 6455 §4.1',
  'The answer proves that it was meant for a WebSocket client, and for this request: anything else is a cache or an attack.',
  [
    ['no Upgrade', { set: { Upgrade: null } }],
    ['Upgrade: h2c', { set: { Upgrade: 'h2c' } }],
    ['Upgrade: websockets', { set: { Upgrade: 'websockets' } }],
    ['no Connection', { set: { Connection: null } }],
    ['Connection: keep-alive', { set: { Connection: 'keep-alive' } }],
    ['Connection: upgraded', { set: { Connection: 'upgraded' } }],
    ['no Sec-WebSocket-Accept', { set: { 'Sec-WebSocket-Accept': null } }],
    ['an empty Sec-WebSocket-Accept', { set: { 'Sec-WebSocket-Accept': '' } }],
    ['the Sec-WebSocket-Accept of another key', { set: { 'Sec-WebSocket-Accept': 'Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=' } }],
    ['a Sec-WebSocket-Accept with something behind', { set: { 'Sec-WebSocket-Accept': '{accept}x' } }],
  ],
)

/** The standard asks a client only for the status. */
const older = group(
  { roles, clause: 'RFC 9110 §15.2', why: 'HTTP/1.0 has no 101: what says so is no server that knows what it says.' },
  ['1.0', '0.9'].map(version => ({
    title: `status 101 of HTTP/${version}`,
    answer: { start: `HTTP/${version} 101 Switching Protocols` },
    steps: [send(text('Hello'))],
    outcomes: [
      ...rejects,
      ...echoes(txt('Hello')).map(
        outcome => ({ ...outcome, verdict: 'lenient', note: 'it opens the line' }) satisfies Outcome,
      ),
    ],
  })),
)

const unasked = rejected(
  'RFC 6455 §4.1, §9.1',
  'What was not asked for cannot be agreed to: the client would speak a language that it does not know.',
  [
    ['a subprotocol that was not asked for', { set: { 'Sec-WebSocket-Protocol': 'x-never-asked-for' } }],
    ['two subprotocols', { set: { 'Sec-WebSocket-Protocol': 'x-one, x-two' } }],
    ['the subprotocol __proto__', { set: { 'Sec-WebSocket-Protocol': '__proto__' } }],
    ['an extension that was not offered', { set: { 'Sec-WebSocket-Extensions': 'x-never-offered' } }],
    ['the extension __proto__', { set: { 'Sec-WebSocket-Extensions': '__proto__' } }],
    ...[
      'permessage-deflate; x-unknown',
      'permessage-deflate; server_max_window_bits=7',
      'permessage-deflate; server_max_window_bits=16',
      'permessage-deflate; server_max_window_bits',
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; client_max_window_bits=99',
      'permessage-deflate; server_no_context_takeover=1',
      'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
      'permessage-deflate, permessage-deflate',
    ].map(value => [`the answer ${value}`, { set: { 'Sec-WebSocket-Extensions': value } }] as const),
  ],
)

const broken = rejected('RFC 9112 §4, §5', 'What is no HTTP opens nothing.', [
  ['no status line', { raw: 'nonsense\r\n\r\n' }],
  ['a line without a colon', raw(START, 'nonsense', ...usual)],
  ['a name with a space in it', raw(START, 'X Spaced: 1', ...usual)],
  ['a zero in a value', raw(START, 'X-Zero: a\0b', ...usual)],
  ['a head of 256 KiB', { set: { 'X-Huge': 'x'.repeat(262_144) } }],
])

export const responses = family(11, 'The opening handshake: answers', [
  grammar,
  early,
  statuses,
  fields,
  unasked,
  broken,
  older,
])
