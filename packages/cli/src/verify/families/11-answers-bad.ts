/** Answers that open no line. RFC 6455 §4.1, §4.2.2, §9.1 */
import type { Outcome } from '../case.ts'
import { type Heads, raw, rejected, rejects, roles, START, tolerated, usual } from './11-pieces.ts'
import { echoes, group, send, text, txt, waits } from './pieces.ts'

export const statuses = rejected(
  'RFC 6455 §4.1',
  'Only 101 opens a line.',
  [200, 201, 204, 400, 401, 403, 404, 426, 500, 503].map(status => [
    `status ${status}`,
    { start: `HTTP/1.1 ${status} Other`, add: [['Content-Length', '0']] },
  ]),
)

export const fields = rejected(
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
export const older = group(
  {
    roles,
    clause: 'RFC 9110 §15.2',
    why: 'HTTP/1.0 has no 101, nor has HTTP/2: what says so does not know what it says.',
  },
  ['1.0', '0.9', '2.0'].map(version => ({
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

export const unasked = rejected(
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

const NO_HTTP = 'What is no HTTP opens nothing.'

/** Lines that are no fields: RFC 9112 §5.1 asks only servers to refuse them. */
const noFields = (heads: Heads) =>
  tolerated('lenient', 'RFC 9112 §5: it passes over a line that is no field', 'RFC 9112 §5', NO_HTTP, heads)

/** A client may put a space for what must not be in a value. */
const noValues = (heads: Heads) =>
  tolerated('pass', 'it puts a space for it, or passes over it', 'RFC 9110 §5.5, RFC 9112 §2.2', NO_HTTP, heads)

export const broken = [
  ...rejected('RFC 9112 §4', NO_HTTP, [['no status line', { raw: 'nonsense\r\n\r\n' }]]),
  ...noFields([
    ['a line without a colon', raw(START, 'nonsense', ...usual)],
    ['a name with a space in it', raw(START, 'X Spaced: 1', ...usual)],
  ]),
  ...noValues([['a zero in a value', raw(START, 'X-Zero: a\0b', ...usual)]]),
  ...tolerated('pass', 'its limit is above this size', 'RFC 9110 §5.4', 'How long a head may be, each client says.', [
    ['a head of 256 KiB', { set: { 'X-Huge': 'x'.repeat(262_144) } }],
  ]),
]

export const more = rejected('RFC 6455 §4.1', 'Only 101 opens a line, and no other status brings it later.', [
  ...[301, 302, 307, 308].map(
    status =>
      [
        `status ${status}`,
        {
          start: `HTTP/1.1 ${status} Elsewhere`,
          add: [
            ['Location', '/elsewhere'],
            ['Content-Length', '0'],
          ],
        },
      ] as const,
  ),
  ...[405, 407, 410, 429, 502, 504].map(
    status => [`status ${status}`, { start: `HTTP/1.1 ${status} Other`, add: [['Content-Length', '0']] }] as const,
  ),
  ['status 200 with a body', { start: 'HTTP/1.1 200 OK', add: [['Content-Length', '5']], body: 'Hello' }],
  [
    'status 400 with a body in chunks',
    { start: 'HTTP/1.1 400 No', add: [['Transfer-Encoding', 'chunked']], body: '5\r\nHello\r\n0\r\n\r\n' },
  ],
])

export const proofs = rejected(
  'RFC 6455 §4.1',
  'The proof is compared as it is, sign by sign: what is nearly right was made by something else.',
  [
    ['the right Sec-WebSocket-Accept in small letters', { set: { 'Sec-WebSocket-Accept': '{lower}' } }],
    ['the Sec-WebSocket-Accept of the key with its space', { set: { 'Sec-WebSocket-Accept': '{untrimmed}' } }],
    ['the right Sec-WebSocket-Accept without its padding', { set: { 'Sec-WebSocket-Accept': '{unpadded}' } }],
    ['the key itself for a Sec-WebSocket-Accept', { set: { 'Sec-WebSocket-Accept': '{key}' } }],
    ['Upgrade: websocket, h2c', { set: { Upgrade: 'websocket, h2c' } }],
    ['Upgrade: h2c, websocket', { set: { Upgrade: 'h2c, websocket' } }],
    ['an empty Upgrade', { set: { Upgrade: '' } }],
    ['an empty Connection', { set: { Connection: '' } }],
    ['Connection: close', { set: { Connection: 'close' } }],
    ['Connection: x-upgrade', { set: { Connection: 'x-upgrade' } }],
    ['Upgrade in the place of Connection', { set: { Connection: 'websocket', Upgrade: 'Upgrade' } }],
  ],
)

export const choices = rejected(
  'RFC 6455 §4.1, §9.1, §11.3.4',
  'What was not asked for, or is said twice, cannot be agreed to.',
  [
    ['an empty subprotocol', { set: { 'Sec-WebSocket-Protocol': '' } }],
    [
      'subprotocols in two fields',
      {
        add: [
          ['Sec-WebSocket-Protocol', 'x-one'],
          ['Sec-WebSocket-Protocol', 'x-two'],
        ],
      },
    ],
    [
      'extensions in two fields',
      {
        add: [
          ['Sec-WebSocket-Extensions', 'x-one'],
          ['Sec-WebSocket-Extensions', 'x-two'],
        ],
      },
    ],
    ['an extension that was not offered beside nothing', { set: { 'Sec-WebSocket-Extensions': 'x-one; a=1; b' } }],
    ...['permessage-deflate;', ';', 'permessage-deflate; =8', 'permessage-deflate; a="', 'permessage deflate'].map(
      value => [`the answer ${value}, which is no list`, { set: { 'Sec-WebSocket-Extensions': value } }] as const,
    ),
    ...[
      'permessage-deflate; server_max_window_bits=',
      'permessage-deflate; server_max_window_bits=08',
      'permessage-deflate; client_max_window_bits=7',
      'permessage-deflate; client_no_context_takeover=1',
      'permessage-deflate; client_no_context_takeover; client_no_context_takeover',
      'permessage-deflate; server_max_window_bits=10; server_max_window_bits=10',
      'permessage-bzip2',
    ].map(value => [`the answer ${value}`, { set: { 'Sec-WebSocket-Extensions': value } }] as const),
  ],
)

export const endless = group(
  { roles, clause: 'RFC 6455 §10.4', why: 'A head without an end is memory without an end.' },
  [
    { title: 'a head of 256 KiB that does not end', answer: { raw: `${START}\r\nX-Huge: ${'x'.repeat(262_144)}` } },
    {
      title: 'ten thousand fields that do not end',
      answer: { raw: `${START}\r\n${'X-Field: value\r\n'.repeat(10_000)}` },
    },
  ].map(draft => ({
    ...draft,
    steps: [],
    outcomes: [...rejects, waits('it waits for the end of a head that has none')],
  })),
)

const statusLines = rejected('RFC 9112 §2.2, §4', NO_HTTP, [
  ['a status of two digits', raw('HTTP/1.1 10 Switching', ...usual)],
  ['a status of four digits', raw('HTTP/1.1 1010 Switching', ...usual)],
  ['a status that is no number', raw('HTTP/1.1 abc Switching', ...usual)],
  ['HTTP in small letters', raw('http/1.1 101 Switching Protocols', ...usual)],
  ['another protocol', raw('ICY 101 Switching Protocols', ...usual)],
  ['frames instead of an answer', { raw: '\x81\x05Hello' }],
  ['a page instead of an answer', { raw: '<!doctype html><title>Hello</title>\r\n\r\n' }],
])

export const garbled = [
  ...noFields([
    ['a space before the colon', raw(START, 'X-Spaced : 1', ...usual)],
    ['an empty name', raw(START, ': 1', ...usual)],
  ]),
  ...noValues([['a lone CR in a value', raw(START, 'X-Return: a\rb', ...usual)]]),
  ...statusLines.map(draft =>
    draft.title === 'frames instead of an answer'
      ? { ...draft, outcomes: [...draft.outcomes, waits('it waits for the end of a line that is no status line')] }
      : draft,
  ),
]
