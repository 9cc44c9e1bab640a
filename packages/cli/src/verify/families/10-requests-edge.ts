/** Requests at the edge of what HTTP allows: forms of targets, hosts, bodies, sizes. RFC 9110, RFC 9112 */
import { behindStart, better, either, judged, raw, refused, usual } from './10-pieces.ts'
import { badKeys } from './10-requests-bad.ts'
import { hangsUp } from './pieces.ts'

const SEEN_TWICE = 'What two readers of HTTP read differently is how requests are smuggled past a proxy.'

/** Here the standard lets a server choose: to read it, or to refuse. */
export const choice = [
  ...judged('RFC 9112 §5.2', SEEN_TWICE, either(400), [
    ['a folded field', behindStart('X-Folded: a\r\n b')],
    ['a folded field, by a tab', behindStart('X-Folded: a\r\n\tb')],
  ]),
  ...judged(
    'RFC 9112 §2.2',
    SEEN_TWICE,
    [...either(400), hangsUp],
    [
      ['lines that end with LF alone', raw(usual, ': ', '\n')],
      ['a space before the first field', behindStart(' X-First: 1')],
    ],
  ),
  ...judged('RFC 6455 §4.1', 'Some write the scheme of the line where that of HTTP belongs.', either(400, 404), [
    ['a target of the scheme ws', { start: 'GET ws://{host}{path} HTTP/1.1' }],
  ]),
  ...judged('RFC 6455 §10.2', 'A server may know which pages it serves, and says so with 403.', either(403), [
    ['the origin of another host', { set: { Origin: 'http://elsewhere.example' } }],
    ['the origin null', { set: { Origin: 'null' } }],
  ]),
]

const LIMITS = 'A limit of lengths and counts is allowed; a request without end is not waited for.'

export const large = judged('RFC 9110 §5.4, RFC 6585 §5', LIMITS, either(400, 404, 413, 414, 431), [
  ['200 more fields', { add: Array.from({ length: 200 }, (_, index) => [`X-${index}`, 'value'] as const) }],
  ['2000 more fields', { add: Array.from({ length: 2000 }, (_, index) => [`X-${index}`, 'value'] as const) }],
  ['a target of 8000 bytes', { start: `GET {path}?${'x'.repeat(7990)} HTTP/1.1` }],
  ['a target of 64 KiB', { start: `GET {path}?${'x'.repeat(65_536)} HTTP/1.1` }],
  ['a name of 64 KiB', { add: [['X'.repeat(65_536), '1']] }],
  ['1000 subprotocols', { set: { 'Sec-WebSocket-Protocol': Array.from({ length: 1000 }, (_, n) => `p${n}`).join() } }],
  ['1000 extensions', { set: { 'Sec-WebSocket-Extensions': Array.from({ length: 1000 }, (_, n) => `x-${n}`).join() } }],
])

/** The body goes before the frames, or the request is refused; it is never read as frames. */
const aside = either(400, 411, 413, 417, 501)

export const bodies = judged(
  'RFC 9110 §7.8, RFC 9112 §6.3',
  'What was announced as a body is no frame: who reads it as one lets a page write frames with fetch().',
  aside,
  [
    ['a body of five bytes', { set: { 'Content-Length': '5' }, body: 'Hello' }],
    ['a body that is a frame', { set: { 'Content-Length': '11' }, body: '\x81\x85\0\0\0\0Hello' }],
    ['a body in chunks', { set: { 'Transfer-Encoding': 'chunked' }, body: '5\r\nHello\r\n0\r\n\r\n' }],
    ['an empty body in chunks', { set: { 'Transfer-Encoding': 'chunked' }, body: '0\r\n\r\n' }],
  ],
)

const lengths = refused(
  'RFC 9112 §6.1, §6.3',
  'Two lengths are two requests to two readers.',
  [400, 413, 501],
  [
    [
      'two lengths that differ',
      {
        add: [
          ['Content-Length', '5'],
          ['Content-Length', '6'],
        ],
        body: 'Hello!',
      },
    ],
    ['a length below zero', { set: { 'Content-Length': '-1' } }],
    ['a length with a sign', { set: { 'Content-Length': '+5' }, body: 'Hello' }],
    ['a length that is too large for any machine', { set: { 'Content-Length': '9'.repeat(30) } }],
    ['a coding of transfer that there is not', { set: { 'Transfer-Encoding': 'x-nonsense' } }],
  ],
)

export const strange = [
  ...refused(
    'RFC 9112 §3.2',
    'A Host that is none leads to a place that nobody meant.',
    [400],
    [
      ['a Host with a path', { set: { Host: 'example.com/echo' } }],
      ['a Host with a space in it', { set: { Host: 'example .com' } }],
      ['a Host with a name of a user', { set: { Host: 'user@example.com' } }],
      ['the same Host twice', { add: [['Host', '{host}']] }],
    ],
  ),
  ...judged(
    'RFC 9110 §4.2.1',
    'An address without a host leads nowhere.',
    better('it opens a line without a host', 400),
    [['an empty Host', { set: { Host: '' } }]],
  ),
  ...judged(
    'RFC 6455 §3, RFC 9112 §3.2',
    'A fragment never leaves the client: a target that has one is not right.',
    better('RFC 9112 §3.2: it should refuse what is no target', 400, 404),
    [['a target with a fragment', { start: 'GET {path}#fragment HTTP/1.1' }]],
  ),
  ...refused(
    'RFC 6455 §4.2.1',
    'A target is a path, or the whole address.',
    [400, 404, 405],
    [
      ['the target *', { start: 'GET * HTTP/1.1' }],
      ['a host for a target', { start: 'GET {host} HTTP/1.1' }],
      ['a target of another scheme', { start: 'GET ftp://{host}{path} HTTP/1.1' }],
    ],
  ),
  ...refused(
    'RFC 6455 §4.1',
    'Only GET opens a line.',
    [400, 404, 405, 426, 501, 505],
    [
      ...['PATCH', 'TRACE', 'CONNECT', 'GETX', 'WEBSOCKET'].map(
        method => [`method ${method}`, { start: `${method} {path} HTTP/1.1` }] as const,
      ),
    ],
  ),
  ...lengths,
  ...judged(
    'RFC 6455 §4.1',
    'Each subprotocol is a word, and stands once.',
    better('it takes what is no list of subprotocols', 400),
    [
      ['a subprotocol twice', { set: { 'Sec-WebSocket-Protocol': 'chat, chat' } }],
      ['a subprotocol with a space in it', { set: { 'Sec-WebSocket-Protocol': 'super chat' } }],
      ['a subprotocol with a sign in it', { set: { 'Sec-WebSocket-Protocol': 'chat@home' } }],
      ['an empty list of subprotocols', { set: { 'Sec-WebSocket-Protocol': '' } }],
    ],
  ),
  ...badKeys('The key is 16 bytes in base64, and stands alone.', [
    ['a key with a space in it', { set: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBs ZSBub25jZQ==' } }],
    ['a key with something behind', { set: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==x' } }],
    ['a key in the letters of URLs', { set: { 'Sec-WebSocket-Key': '__hlIHNhbXBsZSBub25jZQ==' } }],
    ['a key in hex', { set: { 'Sec-WebSocket-Key': '7468652073616d706c65206e6f6e6365' } }],
    ['a key in quotes', { set: { 'Sec-WebSocket-Key': '"dGhlIHNhbXBsZSBub25jZQ=="' } }],
    ['the same key twice', { add: [['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']] }],
  ]),
]
