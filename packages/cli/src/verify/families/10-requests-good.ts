/** Requests that open a line, however they are written. RFC 6455 §4.1, §4.2.1; RFC 9110, RFC 9112 */
import type { Head, Outcome } from '../case.ts'
import { behindStart, opened, raw, roles, usual } from './10-pieces.ts'
import { binary, echoes, group, ping, send, text, txt } from './pieces.ts'

const renamed = (rename: (name: string) => string): Head => raw(usual.map(([name, value]) => [rename(name), value]))

export const grammar = opened(
  'RFC 9110 §5.1, RFC 9112 §5',
  'Names have no case, fields no order, and space around values means nothing: proxies change all of it.',
  [
    ['names in lower case', renamed(name => name.toLowerCase())],
    ['names in upper case', renamed(name => name.toUpperCase())],
    [
      'names in mixed case',
      renamed(name => [...name].map((c, i) => (i % 2 ? c.toUpperCase() : c.toLowerCase())).join('')),
    ],
    ['fields in reverse order', raw(usual.toReversed())],
    ['no space before the values', raw(usual, ':')],
    ['tabs and spaces before the values', raw(usual, ': \t ')],
    ['spaces behind the values', raw(usual.map(([name, value]) => [name, `${value}  `]))],
    [
      'fields that nobody knows',
      {
        add: [
          ['X-Unknown', 'yes'],
          ['__proto__', 'polluted'],
          ['constructor', '1'],
        ],
      },
    ],
    ['fifty more fields', { add: Array.from({ length: 50 }, (_, index) => [`X-${index}`, 'value'] as const) }],
    ['a field of 4 KiB', { set: { 'X-Long': 'x'.repeat(4096) } }],
    [
      'cookies in two fields',
      {
        add: [
          ['Cookie', 'a=1'],
          ['Cookie', 'b=2'],
        ],
      },
    ],
    ['an empty field', { set: { 'X-Empty': '' } }],
    ['bytes above 0x7f in a value', { set: { 'X-Latin': 'caf\u00e9' } }],
    ['a target with a query', { start: 'GET {path}?a=1&b=%20 HTTP/1.1' }],
  ],
)

export const tokens = opened(
  'RFC 6455 §4.2.1',
  'Upgrade and Connection are lists of tokens without case; browsers and proxies write them in many ways.',
  [
    ...['WebSocket', 'WEBSOCKET', 'wEbSoCkEt'].map(
      value => [`Upgrade: ${value}`, { set: { Upgrade: value } }] as const,
    ),
    ...[
      'upgrade',
      'UPGRADE',
      'keep-alive, Upgrade',
      'Upgrade, keep-alive',
      'keep-alive,Upgrade',
      'keep-alive ,\tupgrade',
      'keep-alive, , Upgrade',
      'close, Upgrade',
      'Upgrade, HTTP2-Settings',
    ].map(value => [`Connection: ${value}`, { set: { Connection: value } }] as const),
    ['Connection twice', { add: [['Connection', 'keep-alive']] }],
    ['Connection twice, Upgrade last', { set: { Connection: 'keep-alive' }, add: [['Connection', 'Upgrade']] }],
  ],
)

export const pieces = opened(
  'RFC 6455 §4.2.1, RFC 9112 §2.2',
  'A request can come in any pieces.',
  [1, 2, 3, 7, 50].map(chop => [`the request, ${chop} byte${chop === 1 ? '' : 's'} at a time`, { chop }]),
)

export const early = group(
  {
    roles,
    clause: 'RFC 6455 §4.1',
    why: 'A client that cannot wait sends frames right behind its request; they must neither be lost nor read as HTTP.',
  },
  [
    {
      title: 'a frame right behind the request',
      request: { early: [text('early')] },
      steps: [],
      outcomes: echoes(txt('early')),
    },
    {
      title: 'three frames right behind the request',
      request: { early: [text('one'), text('two'), text('three')] },
      steps: [],
      outcomes: echoes(txt('one'), txt('two'), txt('three')),
    },
    {
      title: 'a frame right behind the request, and one after the answer',
      request: { early: [text('early')] },
      steps: [send(text('later'))],
      outcomes: echoes(txt('early'), txt('later')),
    },
    {
      title: 'a frame of 64 KiB right behind the request',
      request: { early: [binary({ fill: '!', size: 65_536 })] },
      steps: [],
      outcomes: echoes({ type: 'binary', payload: { fill: '!', size: 65_536 } }),
    },
    {
      title: 'request and frames, byte by byte',
      request: { early: [text('one'), text('two')], chop: 1 },
      steps: [],
      outcomes: echoes(txt('one'), txt('two')),
    },
    {
      title: 'a Ping right behind the request',
      request: { early: [ping('early')] },
      steps: [],
      outcomes: [{ verdict: 'pass', pongs: ['early'], end: { how: 'closed', by: 'suite', codes: [1000] } }],
    },
  ],
)

export const optional = opened(
  'RFC 6455 §4.2.2, §9.1',
  'What a server does not know it leaves out of its answer; what was not asked for must not stand there.',
  [
    ...['chat', 'chat, superchat', 'soap, wamp, mqtt', '__proto__', 'constructor', 'x'.repeat(200)].map(
      value => [`subprotocols: ${value.slice(0, 40)}`, { set: { 'Sec-WebSocket-Protocol': value } }] as const,
    ),
    [
      'subprotocols in two fields',
      {
        add: [
          ['Sec-WebSocket-Protocol', 'chat'],
          ['Sec-WebSocket-Protocol', 'superchat'],
        ],
      },
    ],
    ...[
      'x-unknown',
      'x-unknown; a; b=1; c="quoted"',
      'x-one, x-two',
      '__proto__',
      'constructor; a=1',
      'permessage-bzip2',
    ].map(value => [`extensions: ${value}`, { set: { 'Sec-WebSocket-Extensions': value } }] as const),
    [
      'extensions in two fields',
      {
        add: [
          ['Sec-WebSocket-Extensions', 'x-one'],
          ['Sec-WebSocket-Extensions', 'x-two'],
        ],
      },
    ],
  ],
)

/** Each field with blanks of one kind around it. */
const blank = (name: string, value: string): readonly [string, Head] => [
  `${name}: ${JSON.stringify(value)}`,
  {
    raw:
      raw(
        usual.map(field => (field[0] === name ? [name, value] : field)),
        ':',
      ).raw ?? '',
  },
]

export const tabs = opened(
  'RFC 9110 §5.5, §5.6.3',
  'A tab is a blank as good as a space, before and behind a value and each element of a list.',
  [
    ...usual.flatMap(([name, value]) => [
      blank(name, `\t${value}`),
      blank(name, `${value}\t`),
      blank(name, ` \t ${value} \t `),
    ]),
    ...[
      'keep-alive\t,\tUpgrade',
      'keep-alive\t,\tUpgrade\t',
      '\tUpgrade\t,\tkeep-alive\t',
      'keep-alive,\tUpgrade\t,x',
    ].map(value => blank('Connection', value)),
  ],
)

const rotated = (by: number): Head => raw([...usual.slice(by), ...usual.slice(0, by)])
const twice = (name: string, value: string): Head => ({ add: [[name, value]] })

const EMPTY_LINE = 'an empty line before the request'
const noticesEmptyLine: Outcome[] = [
  { verdict: 'lenient', end: { how: 'refused', statuses: [400] }, note: 'RFC 9112 §2.2: it should pass over the line' },
  { verdict: 'lenient', end: { how: 'dropped' }, note: 'RFC 9112 §2.2: it should pass over the line' },
]

export const order = opened(
  'RFC 9110 §5.3, §7.8, RFC 9112 §2.2, §3.2.2',
  'What stands in a request may stand anywhere in it, and in the forms that proxies use.',
  [
    ...[1, 2, 3, 4].map(by => [`the order of the fields, turned by ${by}`, rotated(by)] as const),
    ['Upgrade: foo/1, websocket', { set: { Upgrade: 'foo/1, websocket' } }],
    ['Upgrade: websocket, foo', { set: { Upgrade: 'websocket, foo' } }],
    ['Upgrade twice', twice('Upgrade', 'foo')],
    ['a Content-Length of 0', twice('Content-Length', '0')],
    ['a target in the absolute form', { start: 'GET http://{host}{path} HTTP/1.1' }],
    ['a target in the absolute form, its scheme in capitals', { start: 'GET HTTP://{host}{path} HTTP/1.1' }],
    ['an empty query', { start: 'GET {path}? HTTP/1.1' }],
    [EMPTY_LINE, { raw: `\r\n${behindStart('X-First: 1').raw}` }],
    ['a name of 200 letters', twice('X'.repeat(200), '1')],
    ['every sign that a name can have', twice("X!#$%&'*+-.^_`|~0", '1')],
    ['a value of every sign that it can have', twice('X-Signs', '!"#$%&\'()*+,-./:;<=>?@[]^_`{|}~')],
  ],
).map(draft => (draft.title === EMPTY_LINE ? { ...draft, outcomes: [...draft.outcomes, ...noticesEmptyLine] } : draft))

export const otherKeys = opened(
  'RFC 6455 §4.2.2',
  'The proof is made anew from each key: one that was learnt by heart proves nothing.',
  [
    ['a key of zeros', 'AAAAAAAAAAAAAAAAAAAAAA=='],
    ['a key of the highest bytes', '/////////////////////w=='],
    ['a key with both signs', '+/+/+/+/+/+/+/+/+/+/+w=='],
  ].map(([title = '', key = '']) => [title, { set: { 'Sec-WebSocket-Key': key } }] as const),
)

const listed = (field: string, values: readonly string[]) =>
  values.map(value => [`${field}: ${value}`, { set: { [`Sec-WebSocket-${field}`]: value } }] as const)

export const emptyElements = opened(
  'RFC 9110 §5.6.1.2, RFC 6455 §9.1, §11.3.4',
  'Who puts a list together may leave elements empty; who reads it MUST pass over them.',
  [
    ...listed('Protocol', ['chat, , superchat', ', chat', 'chat,']),
    ...listed('Extensions', ['x-one, , x-two', ', x-one', 'x-one,']),
  ],
)
