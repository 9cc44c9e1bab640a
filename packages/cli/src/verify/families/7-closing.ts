/** The closing handshake: codes, reasons, what comes behind it, and an end without it. RFC 6455 §5.5.1, §7 */
import type { Frame, Outcome, Payload } from '../case.ts'
import {
  answers,
  bin,
  binary,
  chopped,
  close,
  echoes,
  failsClose,
  family,
  first,
  group,
  messages,
  more,
  ping,
  send,
  text,
  txt,
  waits,
} from './pieces.ts'

/** The peer answers our Close frame with this code; another code is allowed, but says something else. */
const answersWith = (codes: readonly (number | 'none')[]): Outcome[] => [
  { verdict: 'pass', end: { how: 'closed', by: 'suite', codes } },
  {
    verdict: 'lenient',
    end: { how: 'closed', by: 'suite', codes: 'any' },
    note: '§5.5.1: an answer typically has the code of what it answers',
  },
]

const ALLOWED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3001, 3999, 4000, 4001, 4999]
const REGISTERED = [1012, 1013, 1014]
const FORBIDDEN = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32_768, 65_535]
/** Beside the limits, and in the midst. */
const BESIDE = [2, 998, 1017, 1099, 1999, 2500, 5001, 10_000, 65_534]

const plain = group(
  { clause: 'RFC 6455 §5.5.1', why: 'Both ends know that the line was closed on purpose, and that nothing was lost.' },
  [
    { title: 'a Close frame with 1000', steps: [send(close(1000))], outcomes: answersWith([1000]) },
    { title: 'a Close frame without a code', steps: [send(close())], outcomes: answersWith(['none', 1000]) },
    { title: 'a Close frame, byte by byte', steps: [chopped(1, close(1000, 'bye'))], outcomes: answersWith([1000]) },
    {
      title: 'a message, its answer, a Close frame',
      steps: [send(text('Hello')), messages(), send(close(1000))],
      outcomes: answers({ messages: [txt('Hello')] }),
    },
    { title: 'a Close frame of one byte', steps: [send({ opcode: 8, payload: '\x03' })], outcomes: failsClose([1002]) },
    {
      title: 'a Close frame of one byte, which is zero',
      steps: [send({ opcode: 8, payload: '\0' })],
      outcomes: failsClose([1002]),
    },
    {
      title: 'a Close frame that is not final',
      steps: [send({ ...close(1000), fin: false })],
      outcomes: failsClose([1002]),
    },
  ],
)

const codes = (list: readonly number[], why: string, reason: string) =>
  group(
    { clause: 'RFC 6455 §7.4', why },
    list.map(code => ({
      title: `close code ${code}${reason && ', with a reason'}`,
      steps: [send(close(code, reason))],
      outcomes: answersWith([code]),
    })),
  )

const registered = group(
  {
    clause: 'RFC 6455 §7.4.2',
    why: 'Codes that were registered with IANA after the standard: a peer need not know them, and best does.',
  },
  REGISTERED.map(code => ({
    title: `close code ${code}, registered later`,
    steps: [send(close(code))],
    outcomes: [
      ...answersWith([code]),
      { verdict: 'lenient', end: { how: 'dropped' }, note: 'it takes a code of the registry for a fault' } as const,
    ],
  })),
)

/** Left to later standards, or beyond what the standard speaks of: no MUST says what to do with them. §7.4.2 */
const isUndefined = (code: number): boolean => (code > 1015 && code < 3000) || code > 4999
const takes = (code: number): Outcome => ({
  verdict: 'lenient',
  end: { how: 'closed', by: 'suite', codes: [code, 1000] },
  note: '§7.4.2: it takes a code that nobody has defined',
})

const forbidden = (list: readonly number[], reason: string) =>
  group(
    {
      clause: 'RFC 6455 §7.4',
      why: 'Codes that MUST NOT be on the wire, or mean nothing: 1005 and 1006 say that there was no Close frame.',
    },
    list.map(code => ({
      title: `close code ${code}, which ${isUndefined(code) ? 'nobody has defined' : 'must not be sent'}${reason && ', with a reason'}`,
      steps: [send(close(code, reason))],
      outcomes: isUndefined(code) ? [...failsClose([1002]), takes(code)] : failsClose([1002]),
    })),
  )

const REASONS: readonly (readonly [string, Payload])[] = [
  ['of one letter', 'x'],
  ['of 122 bytes', 'x'.repeat(122)],
  ['of 123 bytes, the most there is room for', 'x'.repeat(123)],
  ['in Greek', 'κόσμε'],
  ['of characters of four bytes', '😀'.repeat(30)],
  ['with a zero in it', 'a\0b'],
  ['with the end of a line in it', 'a\r\nb'],
]

const reasons = [
  group(
    {
      clause: 'RFC 6455 §7.1.6',
      why: 'A reason is UTF-8 for people who look for faults, and must do no harm on its way there.',
    },
    REASONS.map(([what, reason]) => ({
      title: `a reason ${what}`,
      steps: [send(close(1000, reason))],
      outcomes: answersWith([1000]),
    })),
  ),
  group({ clause: 'RFC 6455 §5.5', why: 'A Close frame is a control frame and has no more than 125 bytes.' }, [
    { title: 'a reason of 124 bytes', steps: [send(close(1000, 'x'.repeat(124)))], outcomes: failsClose([1002]) },
    { title: 'a reason of 65536 bytes', steps: [send(close(1000, 'x'.repeat(65_536)))], outcomes: failsClose([1002]) },
    {
      title: 'a Close frame that declares 126 bytes and brings none',
      steps: [send({ opcode: 8, declares: 126n })],
      outcomes: [...failsClose([1002]), waits('it waits for the end of a frame that is too long already')],
    },
  ]),
]

const BEHIND: readonly (readonly [string, ...Frame[]])[] = [
  ['a text message', text('too late')],
  ['a binary message', binary('too late')],
  ['a Ping', ping('too late')],
  ['a second Close frame', close(1001)],
  ['a frame with reserved bits', text('wrong', { rsv: 7 })],
  ['a frame with a reserved opcode', { opcode: 15 }],
  ['a frame that is wrongly masked', text('wrong', { mask: 'wrong' })],
  ['64 KiB of messages', ...Array.from({ length: 64 }, () => binary({ fill: '!', size: 1024 }))],
]

const behind = group(
  {
    clause: 'RFC 6455 §5.5.1',
    why: 'What comes behind a Close frame is not read: nobody may be told of it, and nobody answers it.',
  },
  BEHIND.map(([what, ...frames]) => ({
    title: `${what} behind a Close frame`,
    steps: [send(close(1000), ...frames)],
    outcomes: answersWith([1000]),
  })),
)

const before = group({ clause: 'RFC 6455 §7.1.1', why: 'What came before a Close frame has been sent in earnest.' }, [
  {
    title: 'a message and a Close frame in one write',
    steps: [send(text('Hello'), close(1000))],
    outcomes: [
      ...answers({ messages: [txt('Hello')] }),
      { verdict: 'pass', end: { how: 'closed', by: 'suite', codes: [1000] } },
    ] satisfies Outcome[],
  },
  {
    title: 'a Close frame between fragments, one write for each',
    steps: [send(text('Hel', first)), send(close(1000)), send(more('lo'))],
    outcomes: answersWith([1000]),
  },
  {
    title: 'a message of 256 KiB, its answer, a Close frame',
    steps: [send(binary({ fill: '!', size: 262_144 })), messages(), send(close(1000))],
    outcomes: answers({ messages: [bin({ fill: '!', size: 262_144 })] }),
  },
])

const ends: Outcome[] = [
  { verdict: 'pass', end: { how: 'dropped' } },
  { verdict: 'pass', end: { how: 'closed', by: 'peer', codes: 'any' } },
  { verdict: 'lenient', end: { how: 'silent' }, note: 'it keeps a connection from which nothing can come any more' },
]

const without = group(
  {
    clause: 'RFC 6455 §7.1.5, §7.1.7',
    why: 'A connection can end without a Close frame; whoever keeps what belonged to it leaks.',
  },
  [
    { title: 'the end of the connection', steps: [{ do: 'hang up', how: 'half' }], outcomes: ends },
    {
      title: 'the end of the connection within a header',
      steps: [send(text('', { form: 16, declares: 300n })), { do: 'hang up', how: 'half' }],
      outcomes: ends,
    },
    {
      title: 'the end of the connection within a payload',
      steps: [send(text('Hello', { declares: 10n })), { do: 'hang up', how: 'half' }],
      outcomes: ends,
    },
    {
      title: 'the end of the connection between two fragments',
      steps: [send(text('Hel', first)), { do: 'hang up', how: 'half' }],
      outcomes: ends,
    },
    {
      title: 'the end of the connection after a message and its answer',
      steps: [send(text('Hello')), messages(), { do: 'hang up', how: 'half' }],
      outcomes: ends.map(outcome => ({ ...outcome, messages: [txt('Hello')] })),
    },
  ],
)

const after = group(
  {
    clause: 'RFC 6455 §7.1.1',
    why: 'A server ends the TCP connection first and at once, so that no port of it waits.',
  },
  [
    { title: 'the whole of it: open, echo, close', steps: [send(text('Hello'))], outcomes: echoes(txt('Hello')) },
    { title: 'open and close, and nothing between', steps: [], outcomes: echoes() },
  ],
)

/** A text of the most bytes that a reason has room for. */
const LONGEST = '€'.repeat(41)

const inPieces = group(
  {
    clause: 'RFC 6455 §5.5.1, §7.1',
    why: 'The end of a line comes in pieces too, and beside whatever else is under way.',
  },
  [
    {
      title: 'a Close frame with 123 bytes of characters of three bytes, byte by byte',
      steps: [chopped(1, close(1000, LONGEST))],
      outcomes: answersWith([1000]),
    },
    {
      title: 'a Close frame, half of it now and half of it later',
      steps: [chopped(5, close(1001, 'bye'))],
      outcomes: answersWith([1001]),
    },
    {
      title: 'a Ping and a Close frame in one write',
      steps: [send(ping('Hello'), close(1000))],
      outcomes: [...answersWith([1000]).slice(0, 1), ...answers({ pongs: ['Hello'] })],
    },
    {
      title: 'a Close frame between the fragments of a message in many, byte by byte',
      steps: [chopped(1, text('a', first), more('b', first), close(4000), more('c'))],
      outcomes: answersWith([4000]),
    },
    {
      title: 'a hundred Close frames',
      steps: [send(...Array.from({ length: 100 }, () => close(1000)))],
      outcomes: answersWith([1000]),
    },
    {
      title: 'a Close frame of one byte between two fragments',
      steps: [send(text('Hel', first), { opcode: 8, payload: '!' })],
      outcomes: failsClose([1002]),
    },
    {
      title: 'a reason with half of a pair of surrogates',
      steps: [send(close(1000, Buffer.from('48eda08021', 'hex')))],
      outcomes: failsClose([1007, 1002]),
    },
    {
      title: 'a reason with an overlong form',
      steps: [send(close(4000, Buffer.from('c0af', 'hex')))],
      outcomes: failsClose([1007, 1002]),
    },
  ],
)

export const closing = family(7, 'Closing', [
  plain,
  codes(ALLOWED, 'A code is a word of the protocol or of the application, and is answered with itself.', ''),
  codes(ALLOWED, 'A reason changes nothing in what a code means.', 'because'),
  registered,
  forbidden(FORBIDDEN, ''),
  forbidden(FORBIDDEN, 'because'),
  ...reasons,
  behind,
  before,
  without,
  after,
  codes([3500, 4500, 4998], 'Any code of libraries and applications is answered with itself.', ''),
  forbidden(BESIDE, ''),
  inPieces,
])
