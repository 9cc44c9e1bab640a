/** Text is UTF-8, whole messages of it and nothing else. RFC 6455 §5.6, §8.1; RFC 3629 */
import type { Frame } from '../case.ts'
import { INVALID, VALID } from './6-utf8-table.ts'
import {
  answers,
  bin,
  binary,
  chopped,
  close,
  echoes,
  fails,
  failsClose,
  family,
  first,
  group,
  more,
  ping,
  send,
  soon,
  text,
  txt,
  waits,
} from './pieces.ts'

const common = {
  clause: 'RFC 6455 §8.1',
  why: 'Text that is not UTF-8 MUST fail the connection: what one end takes and the other refuses is a way past every check.',
}
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

/** A fragment for each so many bytes. */
function inFragments(data: Buffer, size: number): Frame[] {
  const count = Math.max(1, Math.ceil(data.length / size))
  return Array.from({ length: count }, (_, index) => {
    const payload = data.subarray(index * size, (index + 1) * size)
    const extra = { fin: index === count - 1 }
    return index === 0 ? text(payload, extra) : more(payload, extra)
  })
}

const WAYS: readonly (readonly [string, (data: Buffer) => ReturnType<typeof send>])[] = [
  ['in one frame', data => send(text(data))],
  ['a fragment for each byte', data => send(...inFragments(data, 1))],
  ['byte by byte', data => chopped(1, text(data))],
]

const valid = WAYS.map(([way, step]) =>
  group(
    common,
    VALID.map(([what, hex]) => ({
      title: `${what}, ${way}`,
      steps: [step(bytes(hex))],
      outcomes: echoes(txt(bytes(hex))),
    })),
  ),
)

const invalid = WAYS.slice(0, 2).map(([way, step]) =>
  group(
    common,
    INVALID.map(([what, hex]) => ({ title: `${what}, ${way}`, steps: [step(bytes(hex))], outcomes: fails([1007]) })),
  ),
)

const SENTENCE = bytes('ce ba e1 bd b9 cf 83 ce bc ce b5')
const SURROGATE = bytes('ed a0 80')
const TAIL = Buffer.from('edited')

const early = group(
  { clause: 'RFC 6455 §8.1', why: 'The first wrong byte decides: who waits for the end reads gigabytes to say no.' },
  [
    {
      title: 'a wrong byte in the first fragment, before the second is sent',
      steps: [send(text(Buffer.concat([SENTENCE, SURROGATE]), first)), soon, send(more(TAIL))],
      outcomes: fails([1007], {}, true),
    },
    {
      title: 'a wrong byte in the second fragment, before the third is sent',
      steps: [send(text(SENTENCE, first), more(SURROGATE, first)), soon, send(more(TAIL))],
      outcomes: fails([1007], {}, true),
    },
    {
      title: 'a character that can no more become right across two fragments',
      steps: [send(text(bytes('ed'), first), more(bytes('a0'), first)), soon, send(more(bytes('80')))],
      outcomes: fails([1007], {}, true),
    },
    {
      title: 'a wrong byte in the middle of a frame, before its end is sent',
      steps: [send(text(Buffer.concat([SENTENCE, SURROGATE]), { declares: 100n })), soon, send(text(TAIL))],
      outcomes: [...fails([1007], {}, true), waits('it waits for the end of the frame')],
    },
    {
      title: 'a lead byte above U+10FFFF in the middle of a frame, before its end is sent',
      steps: [send(text(bytes('61 f5'), { declares: 50n })), soon, send(text(TAIL))],
      outcomes: [...fails([1007], {}, true), waits('it waits for the end of the frame')],
    },
  ],
)

/** The euro sign, whole, at each place of a text that no power of two divides. */
const PLACES = [0, 1, 2, 3, 5, 7, 8, 15, 16, 31, 32, 63, 64, 125, 126, 1023, 4095, 65_533]

const places = [
  group(
    {
      clause: 'RFC 3629 §3',
      why: 'Fast checks read eight or sixteen bytes at a time: a character can stand across any of their borders.',
    },
    PLACES.map(place => {
      const data = Buffer.concat([Buffer.alloc(place, 'x'), Buffer.from('€'), Buffer.alloc(11, 'y')])
      return {
        title: `a character of three bytes behind ${place} others`,
        steps: [send(text(data))],
        outcomes: echoes(txt(data)),
      }
    }),
  ),
  group(
    { clause: 'RFC 6455 §8.1', why: 'One wrong byte anywhere is enough, also where a fast check joins its parts.' },
    PLACES.map(place => {
      const data = Buffer.concat([Buffer.alloc(place, 'x'), bytes('ff'), Buffer.alloc(11, 'y')])
      return { title: `0xff behind ${place} bytes`, steps: [send(text(data))], outcomes: fails([1007]) }
    }),
  ),
  group(
    { clause: 'RFC 6455 §8.1', why: 'A message that ends within a character is not UTF-8.' },
    PLACES.map(place => {
      const data = Buffer.concat([Buffer.alloc(place, 'x'), bytes('f0 9f 98')])
      return {
        title: `three bytes of four at the end, behind ${place} others`,
        steps: [send(text(data))],
        outcomes: fails([1007]),
      }
    }),
  ),
]

const elsewhere = group(
  {
    clause: 'RFC 6455 §5.6',
    why: 'What is checked in text must not be checked elsewhere, and must not be kept from message to message.',
  },
  [
    {
      title: 'bytes that are not UTF-8 in a binary message',
      steps: [send(binary(bytes('ff fe ed a0 80')))],
      outcomes: echoes(bin(bytes('ff fe ed a0 80'))),
    },
    {
      title: 'bytes that are not UTF-8 in a binary message in fragments',
      steps: [send(binary(bytes('ff'), first), more(bytes('ed a0')))],
      outcomes: echoes(bin(bytes('ff ed a0'))),
    },
    {
      title: 'bytes that are not UTF-8 in a Ping within text',
      steps: [send(text(bytes('e2'), first), ping(bytes('ff')), more(bytes('82 ac')))],
      outcomes: answers({ messages: [txt('€')], pongs: [bytes('ff')] }),
    },
    {
      title: 'half a character at the end of one message, the other half at the start of the next',
      steps: [send(text(bytes('e2 82')), text(bytes('ac')))],
      outcomes: fails([1007]),
    },
    {
      title: 'a reason that is not UTF-8',
      steps: [send(close(1000, bytes('48 69 ff')))],
      outcomes: failsClose([1007, 1002]),
    },
    {
      title: 'a reason that ends within a character',
      steps: [send(close(1000, bytes('48 69 e2 82')))],
      outcomes: failsClose([1007, 1002]),
    },
  ],
)

/** One of each length. */
const EACH = bytes('24 c2 a2 e2 82 ac f0 90 8d 88')

const acrossFrames = group(
  { clause: 'RFC 6455 §5.6', why: 'Fragments may be cut within a character: only the whole message is UTF-8.' },
  Array.from({ length: EACH.length - 1 }, (_, index) => index + 1).flatMap(at => {
    const frames = [text(EACH.subarray(0, at), first), more(EACH.subarray(at))] as const
    return [
      { title: `characters of each length, cut at byte ${at}`, steps: [send(...frames)], outcomes: echoes(txt(EACH)) },
      {
        title: `characters of each length, cut at byte ${at}, a Ping in the gap`,
        steps: [send(frames[0], ping('between'), frames[1])],
        outcomes: answers({ messages: [txt(EACH)], pongs: ['between'] }),
      },
    ]
  }),
)

/** The sign of four bytes with one of them wrong, cut before it and behind it. */
const SMILE = bytes('f0 9f 98 80')

const wrongAcross = group(
  {
    clause: 'RFC 6455 §8.1',
    why: 'What was right so far is kept over the gap, and what comes then is held against it.',
  },
  [0, 1, 2, 3].flatMap(wrong => {
    const data = Buffer.from(SMILE)
    data[wrong] = wrong === 0 ? 0x80 : 0x41
    return [1, 2, 3].flatMap(cut => [
      {
        title: `four bytes of which number ${wrong + 1} is wrong, in two fragments, cut at ${cut}`,
        steps: [send(text(data.subarray(0, cut), first), more(data.subarray(cut)))],
        outcomes: fails([1007]),
      },
    ])
  }),
)

/** A wrong byte at each place of a text that is longer than two words of a machine. */
const eachPlace = group(
  {
    clause: 'RFC 6455 §8.1',
    why: 'No place of a text is left out: not the first, not the last, not one between words.',
  },
  Array.from({ length: 20 }, (_, at) => {
    const data = Buffer.alloc(20, 'x')
    data[at] = 0xc3
    return { title: `a lead without its byte at place ${at} of 20`, steps: [send(text(data))], outcomes: fails([1007]) }
  }),
)

const inChunks = group(common, [
  ...[2, 3, 5].map(size => ({
    title: `characters of each length, fifty times, ${size} bytes at a time`,
    steps: [chopped(size, text(Buffer.concat(Array.from({ length: 50 }, () => EACH))))],
    outcomes: echoes(txt(Buffer.concat(Array.from({ length: 50 }, () => EACH)))),
  })),
  ...[1, 2, 3].map(size => ({
    title: `a surrogate behind Greek, ${size} byte${size === 1 ? '' : 's'} at a time`,
    steps: [chopped(size, text(Buffer.concat([SENTENCE, SURROGATE])))],
    outcomes: fails([1007]),
  })),
])

export const utf8 = family(6, 'UTF-8', [
  ...valid,
  ...invalid,
  early,
  ...places,
  elsewhere,
  acrossFrames,
  wrongAcross,
  eachPlace,
  inChunks,
])
