/** Compressed messages that are wrong: broken streams, reserved bits, bombs. RFC 7692 §6, §7.2.2, §8 */
import type { Frame, Outcome, Step } from '../case.ts'
import { binary, deflate, hex, squeezed } from './13-pieces.ts'
import {
  bin,
  close,
  echoes,
  fails,
  failsClose,
  first,
  group,
  messages,
  more,
  ping,
  pong,
  send,
  text,
  txt,
  waits,
} from './pieces.ts'

export const broken = group(
  {
    deflate,
    clause: 'RFC 7692 §7.2.2, RFC 6455 §7.1.7',
    why: 'A stream that does not inflate MUST fail the connection; an error of zlib that nobody catches ends the process.',
  },
  [
    ['bytes that are no stream', text(hex('ff ff ff ff ff'), { rsv: 4 })],
    ['a type of block that there is not', binary('07 00')],
    ['a stored block whose length is wrong', binary('00 05 00 00 00 48 65 6c 6c 6f')],
    ['a reference to before the beginning', binary('f2 00 11 00 00')],
    ['a tree of codes that is too full', binary('04 c0 ff ff ff ff ff ff ff ff')],
    ['plain text that says it is compressed', text('Hello, this was never compressed at all', { rsv: 4 })],
    ['a stored block that ends too early', binary('00 05 00 fa ff 48 65')],
  ].map(([what, frame]) => ({
    title: what as string,
    steps: [send(frame as Frame)],
    outcomes: fails([1007, 1002]),
  })),
)

export const bits = group(
  {
    deflate,
    clause: 'RFC 7692 §6.1, RFC 6455 §5.2',
    why: 'RSV1 means compression on the first frame of a message, and nothing elsewhere.',
  },
  [
    [
      'RSV1 on a continuation',
      send(text(hex('f2 48 cd'), { rsv: 4, fin: false }), more(hex('c9 c9 07 00'), { rsv: 4 })),
    ],
    ['RSV1 on a continuation of a message that is not compressed', send(text('Hel', first), more('lo', { rsv: 4 }))],
    ['RSV1 on a Ping', send(ping('Hello', { rsv: 4 }))],
    ['RSV1 on a Pong', send(pong('Hello', { rsv: 4 }))],
    ['RSV1 on a Close frame', send({ ...close(1000), rsv: 4 })],
    ['RSV2', send(text('Hello', { rsv: 2 }))],
    ['RSV3', send(text('Hello', { rsv: 1 }))],
    ['RSV1 and RSV2', send(text(hex('f2 48 cd c9 c9 07 00'), { rsv: 6 }))],
    ['RSV1, RSV2 and RSV3', send(text(hex('f2 48 cd c9 c9 07 00'), { rsv: 7 }))],
  ].map(([title, step]) => ({
    title: title as string,
    steps: [step as Step],
    outcomes: (title === 'RSV1 on a Close frame' ? failsClose : fails)([1002]),
  })),
)

export const inflatedText = group(
  { deflate, clause: 'RFC 6455 §8.1, RFC 7692 §6.2', why: 'Text is checked after it was inflated, by the same rule.' },
  [
    ['valid: Greek', 'ce ba e1 bd b9 cf 83', true],
    ['valid: U+10FFFF', 'f4 8f bf bf', true],
    ['invalid: a surrogate', 'ed a0 80', false],
    ['invalid: 0xff', 'ff', false],
    ['invalid: overlong', 'c0 af', false],
    ['invalid: half a character', '61 e2 82', false],
  ].flatMap(([what, digits, valid]) =>
    [1, 3].map(fragments => ({
      title: `${what}, in ${fragments} fragment${fragments === 1 ? '' : 's'}`,
      steps: [squeezed(txt(hex(digits as string)), { fragments })],
      outcomes: valid ? echoes(txt(hex(digits as string))) : fails([1007]),
    })),
  ),
)

const MIB = 1_048_576

export const bombs = group(
  {
    deflate,
    clause: 'RFC 7692 §8',
    why: 'A thousand bytes become a million: what counts is measured while inflating, or memory is gone first.',
    deadline: 30_000,
  },
  [32, 60].flatMap(size =>
    [1, 16].map(fragments => ({
      title: `${size} MiB of zeros, compressed, in ${fragments} fragment${fragments === 1 ? '' : 's'}`,
      steps: [squeezed(bin({ fill: '\0', size: size * MIB }), { fragments })],
      outcomes: [
        ...fails([1009]),
        ...echoes(bin({ fill: '\0', size: size * MIB })).map(
          outcome =>
            ({ ...outcome, verdict: 'informational', note: 'it has no limit below this size' }) satisfies Outcome,
        ),
      ],
    })),
  ),
)

const CUT = 'a stored block whose length is turned around'
const wrong: readonly (readonly [string, ...Frame[]])[] = [
  ['a reference into the window of no message', text(hex('f2 00 11 00 00'), { rsv: 4 })],
  ['a broken stream in the second fragment', text(hex('f2 48'), { rsv: 4, fin: false }), more(hex('ff ff ff ff'))],
  ['a broken stream without a byte of data', binary('06')],
  ['a length code that there is not', binary('1b 03 00')],
  [CUT, binary('00 00 05 ff fa 48 65 6c 6c 6f')],
]

/** What is cut off may be more than it has, to who waits for the rest. */
const swallowed = waits('the message is lost without a word: a stream that ends in the middle of a block is none')

export const moreBroken = group(
  {
    deflate,
    clause: 'RFC 7692 §7.2.2, RFC 6455 §7.1.7',
    why: 'A stream that does not inflate MUST fail the connection, wherever in the line it comes.',
  },
  wrong.map(([title, ...frames]) => ({
    title,
    steps: [send(...frames)],
    outcomes: title === CUT ? [...fails([1007, 1002]), swallowed] : fails([1007, 1002]),
  })),
)

export const afterGood = group(
  {
    deflate,
    clause: 'RFC 7692 §7.2.2, RFC 6455 §7.1.7',
    why: 'What was good before does not make good what is broken.',
  },
  [
    {
      title: 'a message, its answer, and a broken one',
      steps: [send(text(hex('f2 48 cd c9 c9 07 00'), { rsv: 4 })), messages(), send(binary('07 00'))],
      outcomes: fails([1007, 1002], { messages: [txt('Hello')] }),
    },
    {
      title: 'a message, its answer, and RSV1 on a Ping',
      steps: [send(text(hex('f2 48 cd c9 c9 07 00'), { rsv: 4 })), messages(), send(ping('', { rsv: 4 }))],
      outcomes: fails([1002], { messages: [txt('Hello')] }),
    },
  ],
)

export const moreBits = group(
  {
    deflate,
    clause: 'RFC 7692 §6.1, RFC 6455 §5.2',
    why: 'RSV1 says nothing on a frame that begins no message, not even where one is under way.',
  },
  [
    [
      'RSV1 on a Ping between the fragments of a compressed message',
      [text(hex('f2 48 cd'), { rsv: 4, fin: false }), ping('', { rsv: 4 })],
    ],
    [
      'RSV1 on the last of three fragments',
      [text(hex('f2 48'), { rsv: 4, fin: false }), more(hex('cd'), first), more(hex('c9 c9 07 00'), { rsv: 4 })],
    ],
    ['RSV1 on an empty continuation', [text('Hello', first), more('', { rsv: 4 })]],
    ['RSV1 on an empty Ping', [ping('', { rsv: 4 })]],
    [
      'RSV2 on a continuation of a compressed message',
      [text(hex('f2 48 cd'), { rsv: 4, fin: false }), more(hex('c9 c9 07 00'), { rsv: 2 })],
    ],
    ['RSV1 on a reserved opcode', [{ opcode: 3, payload: hex('f2 48 cd c9 c9 07 00'), rsv: 4 }]],
  ].map(([title, frames]) => ({
    title: title as string,
    steps: [send(...(frames as Frame[]))],
    outcomes: fails([1002]),
  })),
)
