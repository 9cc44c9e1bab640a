/** Compressed messages that are right: every size, every kind of block. RFC 7692 §6, §7.2 */
import type { Deflating, Frame, Message, Outcome } from '../case.ts'
import { bare, deflate, hex, letters, noise, OFFER, squeezed } from './13-pieces.ts'
import { bin, echoes, group, more, ping, send, text, txt } from './pieces.ts'

const SIZES = [0, 1, 5, 16, 125, 126, 1000, 16_384, 65_535, 65_536, 131_072, 1_048_576]

export const sizes = (type: 'text' | 'binary') =>
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

export const incompressible = group(
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

export const fragmented = group(
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

export const blocks = group(
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

export const HELLO = txt('Hello')

export const examples = group(
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

export const mixed = group(
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

export const windows = group(
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
