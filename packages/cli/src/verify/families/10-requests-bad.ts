/** Requests that open no line. RFC 6455 §4.2.1, §4.2.2, §4.4; RFC 9110, RFC 9112 */
import type { Outcome } from '../case.ts'
import { behindStart, better, either, type Heads, judged, refused, roles } from './10-pieces.ts'
import { type Draft, group, hangsUp, refuses, send, text } from './pieces.ts'

export const methods = refused(
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

export const missing = refused(
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

/** A server MUST refuse what is no key, and need not read a key so far as to know: §4.2.1 (5), §4.2.2 (5, /key/). */
const unread = better('§4.2.2: it does not decode the key, as it need not', 400)
/** Without one, or with two, there is nothing to answer. */
const UNMISTAKABLE = ['no key', 'an empty key', 'two keys', 'the same key twice']

export const badKeys = (why: string, heads: Heads): Draft[] =>
  heads.flatMap(head =>
    UNMISTAKABLE.includes(head[0])
      ? refused('RFC 6455 §4.2.1', why, [400], [head])
      : judged('RFC 6455 §4.2.1', why, unread, [head]),
  )

export const keys = badKeys(
  'The key is 16 bytes in base64; another one comes from something that is no client of WebSocket.',
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

/** A minor version that nobody knows may be read as the highest that is known. RFC 9110 §2.5 */
export const newer = (
  [
    ['1.2', either(400, 505)],
    ['2.0', better('RFC 9113 §8.6: it opens a line in a version that has none', 505, 400, 426)],
    ['9.9', better('RFC 9110 §15.6.6: it opens a line in a version that nobody knows', 505, 400, 426)],
    ['3.0', better('RFC 9114 §4.5: it opens a line in a version that has none', 505, 400, 426)],
  ] as const
).flatMap(([number, outcomes]) =>
  judged(
    'RFC 6455 §4.2.1, RFC 9110 §7.8',
    'Upgrade is of HTTP/1.1: later versions have other ways, or none.',
    outcomes,
    [[`HTTP/${number}`, { start: `GET {path} HTTP/${number}` }]],
  ),
)

/** The answer MUST name the version that is spoken. §4.2.2 (4), §4.4 */
const fields = { 'Sec-WebSocket-Version': '13' }
const outdated: Outcome[] = [
  { verdict: 'pass', end: { how: 'refused', statuses: [426, 400] }, fields },
  { verdict: 'lenient', end: { how: 'refused', statuses: 'any' }, fields, note: '§4.4: 426 says what was wrong' },
]

/** The last drafts called themselves so, and differ from the standard only in the name of a field. §4.4 */
const DRAFTS = ['7', '8']
const speaksDraft: Outcome = {
  verdict: 'informational',
  end: { how: 'closed', by: 'suite', codes: 'any' },
  note: 'it speaks a draft of the standard too',
}

/** What is no version at all is a request that is not right. §4.2.1 (6) */
const NO_VERSION = ['013', '-13', 'x', '']
const outcomesOf = (version: string): readonly Outcome[] =>
  NO_VERSION.includes(version) ? refuses(400, 426) : DRAFTS.includes(version) ? [...outdated, speaksDraft] : outdated

const ofVersion = (version: string) => ({
  title: `version ${version || '(empty)'}`,
  request: { set: { 'Sec-WebSocket-Version': version } },
  steps: [],
  outcomes: outcomesOf(version),
})

const version = {
  roles,
  clause: 'RFC 6455 §4.2.2, §4.4',
  why: 'A client of another version is told which one is spoken here.',
}

export const versions = group(version, [
  ...['0', '7', '8', '12', '14', '25', '130', '013', '-13', 'x', ''].map(ofVersion),
  {
    title: 'no version',
    request: { set: { 'Sec-WebSocket-Version': null } },
    steps: [],
    outcomes: refuses(400, 426),
  },
  ...['1', '4', '6', '9', '255'].map(ofVersion),
])

/** §4.2.1 (6), §11.3.5 */
export const manyVersions = refused(
  'RFC 6455 §4.2.1, §11.3.5',
  'A request has one version: who reads the first of two, or a number within a word, guesses.',
  [400, 426],
  [
    ...['13, 8', '8, 13', '13,13', '13.0', '13;q=1', '0x0d', '1 3', '"13"', '256', '1313', '+13'].map(
      value => [`version ${value}`, { set: { 'Sec-WebSocket-Version': value } }] as const,
    ),
    ['version 13 twice', { add: [['Sec-WebSocket-Version', '13']] }],
    ['version 13, and 8 behind it', { add: [['Sec-WebSocket-Version', '8']] }],
    ['version 8, and 13 behind it', { set: { 'Sec-WebSocket-Version': '8' }, add: [['Sec-WebSocket-Version', '13']] }],
  ],
)

const notHttp = refused(
  'RFC 9112 §2.2, §5.1, §5.2',
  'What two readers of HTTP read differently is how requests are smuggled past a proxy.',
  [400, 431],
  [
    ['a line without a colon', behindStart('nonsense')],
    ['a space before the colon', behindStart('X-Spaced : 1')],
    ['a name with a space in it', behindStart('X Spaced: 1')],
    ['an empty name', behindStart(': 1')],
    ['a zero in a value', behindStart('X-Zero: a\0b')],
    ['a lone CR in a value', behindStart('X-Return: a\rb')],
    ['a target with a space in it', { start: 'GET {path} and more HTTP/1.1' }],
    ['no request at all', { raw: 'nonsense\r\n\r\n' }],
    ['a head of 256 KiB', { set: { 'X-Huge': 'x'.repeat(262_144) } }],
    [
      'both Content-Length and Transfer-Encoding',
      { set: { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, body: '0\r\n\r\n' },
    ],
    ['a Content-Length that is no number', { set: { 'Content-Length': 'five' } }],
  ],
)

/** What a server may also take: RFC 9110 §5.5 lets it put a space for a zero or a CR, §5.4 leaves limits to it. */
const TAKEN = ['a zero in a value', 'a lone CR in a value', 'a head of 256 KiB']

/** Some of them cannot be told from noise, and need no answer. */
export const broken = notHttp.map(draft =>
  TAKEN.includes(draft.title)
    ? { ...draft, steps: [send(text('Hello'))], outcomes: [...either(400, 431), hangsUp] }
    : { ...draft, outcomes: [...draft.outcomes, hangsUp] },
)
