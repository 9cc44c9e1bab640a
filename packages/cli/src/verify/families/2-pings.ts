/** Pings and Pongs. RFC 6455 §5.5, §5.5.2, §5.5.3 */
import type { Frame, Payload } from '../case.ts'
import {
  answers,
  chopped,
  echoes,
  fails,
  family,
  first,
  group,
  messages,
  more,
  ping,
  pong,
  pongs,
  send,
  text,
  txt,
  waits,
} from './pieces.ts'

const fill = (size: number) => ({ fill: 'p', size })

const PAYLOADS: readonly (readonly [string, Payload])[] = [
  ['without a payload', ''],
  ['with text', 'Hello, world!'],
  ['with bytes that are not UTF-8', Buffer.from('00fffefdfcfb00ff', 'hex')],
  ['with a zero', Buffer.from([0])],
  ['with 124 bytes', fill(124)],
  ['with 125 bytes', fill(125)],
]

const single = group(
  {
    clause: 'RFC 6455 §5.5.2, §5.5.3',
    why: 'A Ping MUST be answered, with the same payload; whoever does not looks dead and is cut off.',
  },
  [1, 0].flatMap(whole =>
    PAYLOADS.map(([what, payload]) => ({
      title: `a Ping ${what}${whole ? '' : ', byte by byte'}`,
      steps: [whole ? send(ping(payload)) : chopped(1, ping(payload))],
      outcomes: answers({ pongs: [payload] }),
    })),
  ),
)

const TOO_LONG = 'it waits for the end of a frame that is too long already'

const tooLong = group(
  {
    clause: 'RFC 6455 §5.5',
    why: 'A control frame has at most 125 bytes, so that it never needs memory that was not there before.',
  },
  [
    ['a Ping with 126 bytes', ping(fill(126))],
    ['a Ping with 65536 bytes', ping(fill(65_536))],
    ['a Pong with 126 bytes', pong(fill(126))],
    ['a Pong with 65536 bytes', pong(fill(65_536))],
    ['a Ping that declares 126 bytes and brings none', ping('', { declares: 126n })],
    ['a Ping that declares 2^62 bytes', ping('', { form: 64, declares: 2n ** 62n })],
  ].map(([title, frame]) => ({
    title: title as string,
    steps: [send(frame as Frame)],
    outcomes: (frame as Frame).declares === undefined ? fails([1002]) : [...fails([1002]), waits(TOO_LONG)],
  })),
)

const inFragments = group(
  { clause: 'RFC 6455 §5.5', why: 'Control frames MUST NOT be fragmented: they go between the fragments of messages.' },
  [
    { title: 'a Ping that is not final', steps: [send(ping('Hel', first))], outcomes: fails([1002]) },
    { title: 'a Pong that is not final', steps: [send(pong('Hel', first))], outcomes: fails([1002]) },
    { title: 'an empty Ping that is not final', steps: [send(ping('', first))], outcomes: fails([1002]) },
    {
      title: 'a Ping that is not final, and a continuation',
      steps: [send(ping('Hel', first), more('lo'))],
      outcomes: fails([1002]),
    },
    {
      title: 'a Ping that is not final within a message',
      steps: [send(text('Hel', first), ping('', first), more('lo'))],
      outcomes: fails([1002]),
    },
  ],
)

const unasked = group(
  {
    clause: 'RFC 6455 §5.5.3',
    why: 'A Pong that nobody asked for is a heartbeat in one direction, and is not answered.',
  },
  [
    { title: 'a Pong', steps: [send(pong())], outcomes: answers({}) },
    { title: 'a Pong with a payload', steps: [send(pong('unasked'))], outcomes: answers({}) },
    { title: 'a Pong with 125 bytes', steps: [send(pong(fill(125)))], outcomes: answers({}) },
    {
      title: 'a hundred Pongs',
      steps: [send(...Array.from({ length: 100 }, () => pong('again')))],
      outcomes: answers({}),
    },
    {
      title: 'a Pong, and then a Ping',
      steps: [send(pong('unasked'), ping('asked'))],
      outcomes: answers({ pongs: ['asked'] }),
    },
    {
      title: 'a Pong between two messages',
      steps: [send(text('one'), pong('unasked'), text('two'))],
      outcomes: echoes(txt('one'), txt('two')),
    },
  ],
)

const ten = Array.from({ length: 10 }, (_, index) => `ping ${index}`)

const many = group(
  {
    clause: 'RFC 6455 §5.5.3',
    why: 'Of several Pings the newest at least is answered, in order, and a flood of them neither grows memory nor ends the line.',
  },
  [
    {
      title: 'ten Pings in one write',
      steps: [send(...ten.map(name => ping(name)))],
      outcomes: answers({ pongs: ten }),
    },
    {
      title: 'ten Pings, byte by byte',
      steps: [chopped(1, ...ten.map(name => ping(name)))],
      outcomes: answers({ pongs: ten }),
    },
    {
      title: 'ten Pings, each after the answer to the one before',
      steps: ten.flatMap((name, index) => [send(ping(name)), pongs(index + 1)]),
      outcomes: answers({ pongs: ten }),
    },
    {
      title: 'fifty Pings with 125 bytes, and one more',
      steps: [send(...Array.from({ length: 50 }, () => ping(fill(125)))), send(ping('last'))],
      outcomes: answers({ pongs: [...Array.from({ length: 50 }, () => fill(125)), 'last'] }),
      deadline: 10_000,
    },
    {
      title: 'a thousand Pings with 125 bytes, and one more',
      steps: [send(...Array.from({ length: 1000 }, () => ping(fill(125)))), send(ping('last'))],
      outcomes: answers({ pongs: [...Array.from({ length: 1000 }, () => fill(125)), 'last'] }),
      deadline: 10_000,
    },
    {
      title: 'a thousand Pings, and a message behind them',
      steps: [send(...Array.from({ length: 1000 }, (_, index) => ping(`${index}`)), text('Hello'))],
      outcomes: answers({
        messages: [txt('Hello')],
        pongs: Array.from({ length: 1000 }, (_, index) => `${index}`),
      }),
      deadline: 10_000,
    },
  ],
)

const between = group(
  {
    clause: 'RFC 6455 §5.4, §5.5',
    why: 'A Ping between the fragments of a message MUST be handled: a long upload must not look like a dead line.',
  },
  [
    {
      title: 'a Ping between two fragments is answered before the second',
      steps: [send(text('Hel', first), ping('between')), pongs(), send(more('lo'))],
      outcomes: answers({ messages: [txt('Hello')], pongs: ['between'] }),
    },
    {
      title: 'Pings before, between and after three fragments',
      steps: [send(ping('1'), text('a', first), ping('2'), more('b', first), ping('3'), more('c'), ping('4'))],
      outcomes: answers({ messages: [txt('abc')], pongs: ['1', '2', '3', '4'] }),
    },
    {
      title: 'a Ping within a message, byte by byte',
      steps: [chopped(1, text('Hel', first), ping('between'), more('lo'))],
      outcomes: answers({ messages: [txt('Hello')], pongs: ['between'] }),
    },
    {
      title: 'a Ping that looks like a fragment does not become a part of the message',
      steps: [send(text('Hel', first), ping('p, p'), pong('q'), more('lo'))],
      outcomes: answers({ messages: [txt('Hello')], pongs: ['p, p'] }),
    },
    {
      title: 'a Ping in the middle of a UTF-8 character',
      steps: [send(text(Buffer.from('e282', 'hex'), first), ping('between'), more(Buffer.from('ac', 'hex')))],
      outcomes: answers({ messages: [txt('€')], pongs: ['between'] }),
    },
    {
      title: 'a message, its answer, a Ping, its answer, a message',
      steps: [send(text('one')), messages(1), send(ping('two')), pongs(1), send(text('three'))],
      outcomes: answers({ messages: [txt('one'), txt('three')], pongs: ['two'] }),
    },
  ],
)

export const pings = family(2, 'Pings and Pongs', [single, tooLong, inFragments, unasked, many, between])
