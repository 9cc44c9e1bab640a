/** The opening handshake as a server reads it. RFC 6455 §4.1, §4.2.1; RFC 9110, RFC 9112 */
import type { Head, Outcome } from '../case.ts'
import { binary, type Draft, echoes, family, group, ping, refuses, send, text, txt } from './pieces.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const opens = { steps: [send(text('Hello'))], outcomes: echoes(txt('Hello')) }
const roles = ['server'] as const

const opened = (clause: string, why: string, heads: readonly (readonly [string, Head])[]): Draft[] =>
  group(
    { roles, clause, why },
    heads.map(([title, request]) => ({ title, request, ...opens })),
  )

const refused = (
  clause: string,
  why: string,
  statuses: readonly number[],
  heads: readonly (readonly [string, Head])[],
) =>
  group(
    { roles, clause, why },
    heads.map(([title, request]) => ({ title, request, steps: [], outcomes: refuses(...statuses) })),
  )

type Fields = readonly (readonly [string, string])[]
const usual: Fields = [
  ['Host', '{host}'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', KEY],
  ['Sec-WebSocket-Version', '13'],
]
const raw = (fields: Fields, separator = ': '): Head => ({
  raw: ['GET {path} HTTP/1.1', ...fields.map(field => field.join(separator)), '', ''].join('\r\n'),
})
const renamed = (rename: (name: string) => string): Head => raw(usual.map(([name, value]) => [rename(name), value]))

const grammar = opened(
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

const tokens = opened(
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

const pieces = opened(
  'RFC 6455 §4.2.1, RFC 9112 §2.2',
  'A request can come in any pieces.',
  [1, 2, 3, 7, 50].map(chop => [`the request, ${chop} byte${chop === 1 ? '' : 's'} at a time`, { chop }]),
)

const early = group(
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

const optional = opened(
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

const methods = refused(
  'RFC 6455 §4.1',
  'Only GET opens a line, and only in HTTP/1.1.',
  [400, 404, 405, 426, 501, 505],
  [
    ...['POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'get'].map(
      method => [`method ${method}`, { start: `${method} {path} HTTP/1.1` }] as const,
    ),
    ['HTTP/1.0', { start: 'GET {path} HTTP/1.0' }],
    ['HTTP/0.9', { start: 'GET {path}' }],
    ['HTTP/1.1 in lower case', { start: 'GET {path} http/1.1' }],
  ],
)

const missing = refused(
  'RFC 6455 §4.2.1',
  'A request that lacks what the standard asks for is no opening handshake; who answers 101 takes anything for one.',
  [400, 404, 426, 200],
  [
    ['no Host', { set: { Host: null } }],
    ['two Hosts', { add: [['Host', 'example.com']] }],
    ['no Upgrade', { set: { Upgrade: null } }],
    ...['', 'h2c', 'websockets', 'web socket', 'xwebsocket'].map(
      value => [`Upgrade: ${value || 'nothing'}`, { set: { Upgrade: value } }] as const,
    ),
    ['no Connection', { set: { Connection: null } }],
    ...['', 'keep-alive', 'upgraded', 'x-upgrade'].map(
      value => [`Connection: ${value || 'nothing'}`, { set: { Connection: value } }] as const,
    ),
  ],
)

const keys = refused(
  'RFC 6455 §4.2.1',
  'The key is 16 bytes in base64; another one comes from something that is no client of WebSocket.',
  [400],
  [
    ['no key', { set: { 'Sec-WebSocket-Key': null } }],
    ['an empty key', { set: { 'Sec-WebSocket-Key': '' } }],
    ['a key of 15 bytes', { set: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j' } }],
    ['a key of 17 bytes', { set: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZWU=' } }],
    ['a key of 8 bytes', { set: { 'Sec-WebSocket-Key': 'AAAAAAAAAAA=' } }],
    ['a key without its padding', { set: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ' } }],
    ['a key that is no base64', { set: { 'Sec-WebSocket-Key': '!!!hIHNhbXBsZSBub25jZQ==' } }],
    ['two keys', { add: [['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA==']] }],
  ],
)

const newer = group(
  {
    roles,
    clause: 'RFC 6455 §4.2.1',
    why: 'HTTP/2 is no protocol of lines; but the standard asks for HTTP/1.1 or later.',
  },
  ['1.2', '2.0', '9.9'].map(version => ({
    title: `HTTP/${version}`,
    request: { start: `GET {path} HTTP/${version}` },
    steps: [send(text('Hello'))],
    outcomes: [
      ...refuses(400, 505),
      ...echoes(txt('Hello')).map(
        outcome => ({ ...outcome, verdict: 'lenient', note: 'it opens the line' }) satisfies Outcome,
      ),
    ],
  })),
)

/** 426 names the version that would be right. §4.4 */
const outdated: Outcome[] = [
  { verdict: 'pass', end: { how: 'refused', statuses: [426, 400] }, fields: { 'Sec-WebSocket-Version': '13' } },
  {
    verdict: 'lenient',
    end: { how: 'refused', statuses: 'any' },
    note: '§4.4: the answer should name the version that it knows',
  },
  { verdict: 'lenient', end: { how: 'dropped' }, note: '§4.4: there should be an answer' },
]

/** The last drafts called themselves so, and differ from the standard only in the name of a field. §4.4 */
const DRAFTS = ['7', '8']
const speaksDraft: Outcome = {
  verdict: 'informational',
  end: { how: 'closed', by: 'suite', codes: 'any' },
  note: 'it speaks a draft of the standard too',
}

const versions = group(
  { roles, clause: 'RFC 6455 §4.2.2, §4.4', why: 'A client of another version is told which one is spoken here.' },
  [
    ...['0', '7', '8', '12', '14', '25', '130', '013', '-13', 'x', ''].map(version => ({
      title: `version ${version || '(empty)'}`,
      request: { set: { 'Sec-WebSocket-Version': version } },
      outcomes: DRAFTS.includes(version) ? [...outdated, speaksDraft] : outdated,
    })),
    { title: 'no version', request: { set: { 'Sec-WebSocket-Version': null } }, outcomes: outdated },
  ].map(draft => ({ ...draft, steps: [] })),
)

const broken = refused(
  'RFC 9112 §2.2, §5.1, §5.2',
  'What two readers of HTTP read differently is how requests are smuggled past a proxy.',
  [400, 431],
  [
    ['a line without a colon', { raw: `GET {path} HTTP/1.1\r\nnonsense\r\n${lines(usual)}` }],
    ['a space before the colon', { raw: `GET {path} HTTP/1.1\r\nX-Spaced : 1\r\n${lines(usual)}` }],
    ['a name with a space in it', { raw: `GET {path} HTTP/1.1\r\nX Spaced: 1\r\n${lines(usual)}` }],
    ['an empty name', { raw: `GET {path} HTTP/1.1\r\n: 1\r\n${lines(usual)}` }],
    ['a zero in a value', { raw: `GET {path} HTTP/1.1\r\nX-Zero: a\0b\r\n${lines(usual)}` }],
    ['a lone CR in a value', { raw: `GET {path} HTTP/1.1\r\nX-Return: a\rb\r\n${lines(usual)}` }],
    ['a target with a space in it', { raw: `GET {path} and more HTTP/1.1\r\n${lines(usual)}` }],
    ['no request at all', { raw: 'nonsense\r\n\r\n' }],
    ['a head of 256 KiB', { set: { 'X-Huge': 'x'.repeat(262_144) } }],
    [
      'both Content-Length and Transfer-Encoding',
      { set: { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, body: '0\r\n\r\n' },
    ],
    ['a Content-Length that is no number', { set: { 'Content-Length': 'five' } }],
  ],
)

function lines(fields: Fields): string {
  return `${fields.map(field => field.join(': ')).join('\r\n')}\r\n\r\n`
}

export const requests = family(10, 'The opening handshake: requests', [
  grammar,
  tokens,
  pieces,
  early,
  optional,
  methods,
  missing,
  keys,
  versions,
  broken,
  newer,
])
