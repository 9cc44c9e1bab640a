/** Answers that open a line. RFC 6455 §4.1, RFC 9110, RFC 9112 */
import type { Head } from '../case.ts'
import { opened, raw, roles, START, usual } from './11-pieces.ts'
import { answers, echoes, group, ping, send, text, txt } from './pieces.ts'

export const grammar = opened(
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

export const early = group(
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

/** Each field with these blanks around its value. */
const blanks = (before: string, behind: string): Head => raw(START, ...usual.map(around(before, behind)))

const around = (before: string, behind: string) => (line: string) => line.replace(': ', `:${before}`) + behind

const one = (name: string, value: string): Head =>
  raw(START, ...usual.map(line => (line.startsWith(name) ? `${name}:${value}` : line)))

export const tabs = opened('RFC 9110 §5.5, §5.6.3', 'A tab is a blank as good as a space, wherever blanks may stand.', [
  ['a tab before each value', blanks('\t', '')],
  ['tabs and spaces before each value', blanks(' \t ', '')],
  ['a tab behind Upgrade', one('Upgrade', ' websocket\t')],
  ['a tab behind Sec-WebSocket-Accept', one('Sec-WebSocket-Accept', ' {accept}\t')],
  ['a tab behind Connection', one('Connection', ' Upgrade\t')],
  ['tabs around the tokens of Connection', one('Connection', ' keep-alive\t,\tUpgrade\t')],
  ['tabs between the tokens of Connection', one('Connection', ' keep-alive\t,\tUpgrade')],
])

/** A client that does not know them reads on. RFC 9110 §15.2 */
const interim = (status: string, fields = ''): Head => ({
  raw: [`HTTP/1.1 ${status}`, ...(fields ? [fields] : []), '', START, ...usual, '', ''].join('\r\n'),
})

export const before = opened(
  'RFC 9110 §15.2',
  'Answers that are not yet the answer MUST be read past, also by who did not expect them.',
  [
    ['100 before 101', interim('100 Continue')],
    ['102 before 101', interim('102 Processing')],
    ['103 before 101', interim('103 Early Hints', 'Link: </style.css>; rel=preload')],
    ['100 before 101, byte by byte', { ...interim('100 Continue'), chop: 1 }],
  ],
)

export const lists = opened('RFC 9110 §5.3, §5.6.1', 'Connection is a list, in one field or in several.', [
  ['Connection twice', { add: [['Connection', 'keep-alive']] }],
  ['Connection twice, Upgrade last', { set: { Connection: 'keep-alive' }, add: [['Connection', 'Upgrade']] }],
  ['Connection: Upgrade, keep-alive', { set: { Connection: 'Upgrade, keep-alive' } }],
  ['Connection: , Upgrade', { set: { Connection: ', Upgrade' } }],
  ['Connection: UPGRADE', { set: { Connection: 'UPGRADE' } }],
  [
    'cookies in two fields',
    {
      add: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
    },
  ],
  ['an empty field', { set: { 'X-Empty': '' } }],
  ['bytes above 0x7f in a value', { set: { 'X-Latin': 'caf\u00e9' } }],
  ['a reason phrase of bytes above 0x7f', { start: 'HTTP/1.1 101 \u00c9change' }],
  ['fields in the order of another server', raw(START, usual[2] ?? '', usual[0] ?? '', usual[1] ?? '')],
])
