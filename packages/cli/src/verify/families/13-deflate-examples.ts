/** The standard's own examples, windows to their limits, and messages in strange shapes. RFC 7692 §7 */
import type { Frame, Message, Outcome, Step } from '../case.ts'
import { HELLO } from './13-deflate-good.ts'
import { bare, deflate, hex, letters, noise, OFFER, squeezed } from './13-pieces.ts'
import { bin, close, echoes, group, more, send, text, txt } from './pieces.ts'

const FIRST = text(hex('f2 48 cd c9 c9 07 00'), { rsv: 4 })
const AGAIN = text(hex('f2 00 11 00 00'), { rsv: 4 })

/** Behind a message in which Hello stands: by its window, where the peer keeps it. §7.2.3.2 */
const again = (before: Frame): Step => ({ do: 'send', frames: [before, FIRST], kept: [before, AGAIN] })

/** RFC 7692 has a window for the line and ends no stream; RFC 1951 ends one with BFINAL, and libraries forget the window then. */
const forgotten: Outcome = {
  verdict: 'informational',
  messages: [HELLO],
  end: { how: 'closed', by: 'peer', codes: [1002, 1007] },
  note: 'the window is forgotten behind a block with BFINAL; the standard does not say that it must be kept',
}

/** Each with its octets as they stand there. */
export const worked = group(
  { deflate, clause: 'RFC 7692 §7.2.3', why: "The standard's own examples, octet for octet." },
  [
    {
      title: '§7.2.3.1, in one frame',
      steps: [send(text(hex('f2 48 cd c9 c9 07 00'), { rsv: 4 }))],
      outcomes: echoes(HELLO),
    },
    {
      title: '§7.2.3.1, in two frames',
      steps: [send(text(hex('f2 48 cd'), { rsv: 4, fin: false }), more(hex('c9 c9 07 00')))],
      outcomes: echoes(HELLO),
    },
    {
      title: '§7.2.3.2, two messages, the second by the window of the first',
      steps: [again(FIRST)],
      outcomes: echoes(HELLO, HELLO),
    },
    {
      title: '§7.2.3.3, a block that is not compressed',
      steps: [send(text(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'), { rsv: 4 }))],
      outcomes: echoes(HELLO),
    },
    {
      title: '§7.2.3.4, a block with BFINAL',
      steps: [send(text(hex('f3 48 cd c9 c9 07 00 00'), { rsv: 4 }))],
      outcomes: echoes(HELLO),
    },
    {
      title: '§7.2.3.5, two blocks in one message',
      steps: [send(text(hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'), { rsv: 4 }))],
      outcomes: echoes(HELLO),
    },
    {
      title: '§7.2.3.6, an empty fragment at the end',
      steps: [send(text(hex('f2 48 cd c9 c9 07 00 00 00 ff ff'), { rsv: 4, fin: false }), more(hex('00')))],
      outcomes: echoes(HELLO),
    },
    {
      title: '§7.2.3.2 behind §7.2.3.4: a block with BFINAL leaves the window as it is',
      steps: [again(text(hex('f3 48 cd c9 c9 07 00 00'), { rsv: 4 }))],
      outcomes: [...echoes(HELLO, HELLO), forgotten],
    },
    {
      title: '§7.2.3.2 behind §7.2.3.3: what was not compressed is in the window too',
      steps: [again(text(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'), { rsv: 4 }))],
      outcomes: echoes(HELLO, HELLO),
    },
  ],
)

/** Twice the same noise, so far apart that a larger window than the agreed one would be used. RFC 7692 §7.1.2 */
const apart = (bits: number): Message => {
  const data = noise(2 ** bits + 100)
  return bin(Buffer.concat([data, data]))
}

const BITS = [8, 9, 10, 11, 12, 13, 14]

const narrow = (by: 'server' | 'client') =>
  group(
    {
      roles: [by],
      clause: by === 'server' ? 'RFC 7692 §7.1.2.1' : 'RFC 7692 §7.1.2.2',
      why: 'The other end has no more memory than was agreed: a reference beyond it reads what is not there.',
      deadline: 15_000,
    },
    BITS.map(bits => {
      const parameter = `${by}_max_window_bits=${bits}`
      return {
        title: `noise that repeats itself just beyond a window of ${bits} bits, twice`,
        deflate: { offer: by === 'server' ? `${OFFER}; ${parameter}` : OFFER, accept: parameter },
        steps: [squeezed(apart(bits)), squeezed(apart(bits))],
        outcomes: echoes(apart(bits), apart(bits)),
      }
    }),
  )

export const narrowServer = narrow('server')
export const narrowClient = narrow('client')

export const shapes = group(
  { deflate, clause: 'RFC 7692 §6.1, §7.2.1', why: 'A compressed message is cut, mixed and emptied like any other.' },
  [
    {
      title: 'an empty compressed message in three fragments',
      steps: [send(text(hex('00'), { rsv: 4, fin: false }), more('', { fin: false }), more(''))],
      outcomes: echoes(txt('')),
    },
    {
      title: 'an empty first fragment with RSV1',
      steps: [send(text('', { rsv: 4, fin: false }), more(hex('f2 48 cd c9 c9 07 00')))],
      outcomes: echoes(HELLO),
    },
    {
      title: 'a fragment for each byte, byte by byte',
      steps: [
        {
          do: 'send',
          chop: 1,
          frames: [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00].map((byte, index) =>
            index === 0 ? text(Buffer.of(byte), { rsv: 4, fin: false }) : more(Buffer.of(byte), { fin: index === 6 }),
          ),
        },
      ],
      outcomes: echoes(HELLO),
    },
    {
      title: 'a hundred empty compressed messages',
      steps: [squeezed(txt(''), { times: 100 })],
      outcomes: echoes(txt('', 100)),
    },
    {
      title: 'a thousand small compressed messages',
      steps: [squeezed(HELLO, { times: 1000 })],
      outcomes: echoes(txt('Hello', 1000)),
    },
    {
      title: 'a compressed message of 16 MiB of noise',
      steps: [squeezed(bin(noise(16_777_216)))],
      outcomes: [
        ...echoes(bin(noise(16_777_216))),
        {
          verdict: 'informational',
          end: { how: 'closed', by: 'peer', codes: [1009] },
          note: 'its limit is below this size, and it says so with 1009',
        },
      ] satisfies Outcome[],
      deadline: 30_000,
    },
    {
      title: 'a compressed message, a Close frame behind it',
      steps: [squeezed(HELLO), send(close(1000))],
      outcomes: [
        ...echoes(HELLO),
        { verdict: 'pass', end: { how: 'closed', by: 'suite', codes: [1000] } },
      ] satisfies Outcome[],
    },
  ],
)

const WAYS = [
  ['both contexts kept', '', ''],
  ['no context of the client', 'client_no_context_takeover', 'client_no_context_takeover'],
  ['no context of the server', 'server_no_context_takeover', 'server_no_context_takeover'],
  [
    'no context at all',
    'client_no_context_takeover; server_no_context_takeover',
    'client_no_context_takeover; server_no_context_takeover',
  ],
] as const

/** Messages of many kinds, one behind the other, in one agreement. */
export const agreements = group(
  {
    clause: 'RFC 7692 §7.1.1, §7.2.2',
    why: 'Contexts go wrong where messages of different kinds meet: the plain, the empty, the one in pieces.',
    deadline: 15_000,
  },
  WAYS.map(([title, offer, accept]) => ({
    title: `messages of every kind, one behind the other, ${title}`,
    deflate: { offer: offer === '' ? OFFER : `permessage-deflate; ${offer}`, accept },
    steps: [
      squeezed(txt(letters(3000))),
      bare(txt(letters(3000))),
      squeezed(txt(''), { fragments: 1 }),
      squeezed(bin(noise(3000)), { fragments: 5 }),
      squeezed(bin(noise(3000)), { blocks: 'stored' }),
      squeezed(txt(letters(3000)), { fragments: 3 }),
    ],
    outcomes: echoes(
      txt(letters(3000)),
      txt(letters(3000)),
      txt(''),
      bin(noise(3000)),
      bin(noise(3000)),
      txt(letters(3000)),
    ),
  })),
)
