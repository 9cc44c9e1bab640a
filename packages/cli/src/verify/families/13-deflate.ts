/** Compressed messages: how they are made and taken apart, and streams that are broken. RFC 7692 §6, §7.2 */
import type { Deflating, Frame, Message, Outcome, Step } from '../case.ts'
import {
  bin,
  close,
  echoes,
  fails,
  failsClose,
  family,
  first,
  group,
  more,
  ping,
  pong,
  send,
  text,
  txt,
  waits,
} from './pieces.ts'

const OFFER = 'permessage-deflate; client_max_window_bits'
const deflate = { offer: OFFER, accept: '' }
const letters = (size: number) => ({ fill: 'abcdefghij', size })
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')

interface How extends Deflating {
  readonly fragments?: number
  readonly times?: number
}
const squeezed = (message: Message, how: How = {}): Step => ({ do: 'message', compressed: true, ...message, ...how })
const bare = (message: Message): Step => ({ do: 'message', compressed: false, ...message })

/** Bytes that do not get shorter. */
function noise(size: number): Buffer {
  const data = Buffer.alloc(size)
  for (let index = 0, state = 12_345; index < size; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    data[index] = state >>> 24
  }
  return data
}

const SIZES = [0, 1, 5, 16, 125, 126, 1000, 16_384, 65_535, 65_536, 131_072, 1_048_576]

const sizes = (type: 'text' | 'binary') =>
  group(
    {
      deflate,
      clause: 'RFC 7692 §7.2.1',
      why: 'A message comes back the same, whatever its length before and after.',
      deadline: 15_000,
    },
    SIZES.map(size => {
      const message: Message = { type, payload: letters(size) }
      return {
        title: `a compressed ${type} message of ${size} bytes, three times`,
        steps: [squeezed(message, { times: 3 })],
        outcomes: echoes({ ...message, times: 3 }),
      }
    }),
  )

const incompressible = group(
  {
    deflate,
    clause: 'RFC 7692 §7.2.1',
    why: 'Data that does not compress gets longer, and buffers that count on less overflow.',
  },
  [1, 100, 32_768, 65_536, 300_000].map(size => ({
    title: `${size} bytes of noise, compressed`,
    steps: [squeezed(bin(noise(size)))],
    outcomes: echoes(bin(noise(size))),
  })),
)

const fragmented = group(
  {
    deflate,
    clause: 'RFC 7692 §6.1',
    why: 'A message is compressed as a whole and may be cut anywhere: only its first frame has RSV1.',
  },
  [2, 3, 7, 50].flatMap(fragments =>
    [100, 70_000].map(size => ({
      title: `${size} bytes of noise, compressed, in ${fragments} fragments`,
      steps: [squeezed(bin(noise(size)), { fragments })],
      outcomes: echoes(bin(noise(size))),
    })),
  ),
)

const BLOCKS: readonly (readonly [string, Deflating])[] = [
  ['blocks that are not compressed', { blocks: 'stored' }],
  ['fixed codes', { blocks: 'fixed' }],
  ['codes without references', { blocks: 'huffman' }],
  ['many blocks', { blocks: 'many' }],
  ['a block that says it is the last', { final: true, reset: true }],
]

const blocks = group(
  {
    deflate,
    clause: 'RFC 7692 §7.2.3',
    why: 'Senders choose among all that DEFLATE has; what zlib writes by default is a small part of it.',
  },
  BLOCKS.flatMap(([what, how]) => {
    const message = txt('Hello, Hello, Hello, Hello, Hello, Hello!')
    return [
      { title: `one message with ${what}`, steps: [squeezed(message, how)], outcomes: echoes(message) },
      {
        title: `three messages with ${what}`,
        steps: [1, 2, 3].map(() => squeezed(message, { reset: true, ...how })),
        outcomes: echoes({ ...message, times: 3 }),
      },
    ]
  }),
)

const HELLO = txt('Hello')

const examples = group(
  { deflate, clause: 'RFC 7692 §7.2.3', why: "The standard's own examples." },
  [
    ['one message', [text(hex('f2 48 cd c9 c9 07 00'), { rsv: 4 })]],
    ['one message in two fragments', [text(hex('f2 48 cd'), { rsv: 4, fin: false }), more(hex('c9 c9 07 00'))]],
    ['a block that is not compressed', [text(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'), { rsv: 4 })]],
    ['a block with BFINAL', [text(hex('f3 48 cd c9 c9 07 00 00'), { rsv: 4 })]],
    ['two blocks', [text(hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'), { rsv: 4 })]],
  ].map(([what, frames]) => ({
    title: `the example of ${what}`,
    steps: [send(...(frames as Frame[]))],
    outcomes: echoes(HELLO),
  })),
)

const mixed = group(
  {
    deflate,
    clause: 'RFC 7692 §6',
    why: 'Each message says for itself whether it is compressed, and one that is not leaves the window alone.',
  },
  [
    {
      title: 'a message that is not compressed',
      steps: [bare(HELLO)],
      outcomes: echoes(HELLO),
    },
    {
      title: 'one that is not between two that are',
      steps: [squeezed(txt(letters(500))), bare(HELLO), squeezed(txt(letters(500)))],
      outcomes: echoes(txt(letters(500)), HELLO, txt(letters(500))),
    },
    {
      title: 'twenty by turns',
      steps: Array.from({ length: 10 }, () => [squeezed(HELLO), bare(bin('World'))]).flat(),
      outcomes: echoes(...Array.from({ length: 10 }, () => [HELLO, bin('World')]).flat()),
    },
    {
      title: 'an empty one between two others',
      steps: [squeezed(txt(letters(500))), squeezed(txt('')), squeezed(txt(letters(500)))],
      outcomes: echoes(txt(letters(500)), txt(''), txt(letters(500))),
    },
    {
      title: 'one byte of zeros, which is an empty message',
      steps: [send(text(hex('00'), { rsv: 4 }))],
      outcomes: echoes(txt('')),
    },
    {
      title: 'a compressed message without a byte, which inflates to nothing',
      steps: [send(text('', { rsv: 4 }))],
      outcomes: [
        ...echoes(txt('')),
        { verdict: 'pass', end: { how: 'closed', by: 'peer', codes: [1002, 1007] } },
      ] satisfies Outcome[],
    },
    {
      title: 'a Ping between the fragments of a compressed message',
      steps: [send(text(hex('f2 48 cd'), { rsv: 4, fin: false }), ping('between'), more(hex('c9 c9 07 00')))],
      outcomes: [
        { verdict: 'pass', messages: [HELLO], pongs: ['between'], end: { how: 'closed', by: 'suite', codes: [1000] } },
      ],
    },
  ],
)

const windows = group(
  {
    clause: 'RFC 7692 §7.2.2',
    why: 'A window lives on from message to message unless somebody asked that it does not.',
    deadline: 15_000,
  },
  [
    '',
    'client_no_context_takeover',
    'server_no_context_takeover',
    'client_no_context_takeover; server_no_context_takeover',
  ].map(accept => ({
    title: `ten messages of 20000 bytes that repeat each other, ${accept || 'both contexts kept'}`,
    deflate: { offer: accept === '' ? OFFER : `permessage-deflate; ${accept}`, accept },
    steps: [squeezed(bin(noise(20_000)), { times: 10 })],
    outcomes: echoes(bin(noise(20_000), 10)),
  })),
)

const broken = group(
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

function binary(digits: string): Frame {
  return { opcode: 2, payload: hex(digits), rsv: 4 }
}

const bits = group(
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

const inflatedText = group(
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

const bombs = group(
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
        waits('it neither answers nor refuses'),
      ],
    })),
  ),
)

export const deflated = family(13, 'permessage-deflate: messages', [
  sizes('text'),
  sizes('binary'),
  incompressible,
  fragmented,
  blocks,
  examples,
  mixed,
  windows,
  broken,
  bits,
  inflatedText,
  bombs,
])
