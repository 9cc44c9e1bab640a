/** Large messages, in one piece and in many. RFC 6455 §10.4 */
import type { Frame, Message, Outcome } from '../case.ts'
import { bin, binary, chopped, echoes, family, first, group, more, send, text, txt } from './pieces.ts'

const KIB = 1024
const MIB = 1_048_576
const named = (size: number): string => (size < MIB ? `${size / KIB} KiB` : `${size / MIB} MiB`)
const fill = (size: number, letter = '*') => ({ fill: letter, size })

/** Its answer, or a limit that says so. */
const echoOrLimit = (message: Message): Outcome[] => [
  ...echoes(message),
  {
    verdict: 'informational',
    end: { how: 'closed', by: 'peer', codes: [1009] },
    note: 'its limit is below this size, and it says so with 1009',
  },
  {
    verdict: 'lenient',
    end: { how: 'dropped' },
    note: '§7.4.1: its limit is below this size, and it does not say so',
  },
]

const common = {
  clause: 'RFC 6455 §5.2, §10.4',
  why: 'Large messages show what a small one hides: copies, buffers that grow by a little, writes that nobody waits for.',
  deadline: 30_000,
}

const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB]

const whole = (type: 'text' | 'binary') =>
  group(
    common,
    SIZES.map(size => ({
      title: `a ${type} message of ${named(size)}`,
      steps: [send((type === 'text' ? text : binary)(fill(size)))],
      outcomes: echoOrLimit((type === 'text' ? txt : bin)(fill(size))),
    })),
  )

/** A message of a letter in fragments of one size. */
function fragmented(size: number, each: number, begin: typeof text): Frame[] {
  const count = size / each
  return Array.from({ length: count }, (_, index) =>
    (index === 0 ? begin : more)(fill(each), { fin: index === count - 1 }),
  )
}

const inFragments = (type: 'text' | 'binary') =>
  group(
    common,
    [64, 256, KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB].map(each => {
      const size = each < KIB ? MIB / 4 : 4 * MIB
      return {
        title: `a ${type} message of ${named(size)} in fragments of ${each < KIB ? `${each} bytes` : named(each)}`,
        steps: [send(...fragmented(size, each, type === 'text' ? text : binary))],
        outcomes: echoOrLimit((type === 'text' ? txt : bin)(fill(size))),
      }
    }),
  )

const inWrites = (type: 'text' | 'binary') =>
  group(
    common,
    [64, 128, 256, 512, KIB, 1460].map(chop => ({
      title: `a ${type} message of 1 MiB in writes of ${chop} bytes`,
      steps: [chopped(chop, (type === 'text' ? text : binary)(fill(MIB)))],
      outcomes: echoOrLimit((type === 'text' ? txt : bin)(fill(MIB))),
    })),
  )

const many = group(common, [
  {
    title: 'text of 3 MiB in characters of three bytes',
    steps: [send(text(fill(3 * MIB, '€')))],
    outcomes: echoOrLimit(txt(fill(3 * MIB, '€'))),
  },
  {
    title: 'sixteen messages of 1 MiB in one go',
    steps: [{ do: 'send', frames: [binary(fill(MIB))], times: 16 }],
    outcomes: echoOrLimit(bin(fill(MIB), 16)),
  },
  {
    title: 'a thousand empty fragments around a letter',
    steps: [
      send(text('', first), ...Array.from({ length: 500 }, () => more('', first))),
      send(more('x', first), ...Array.from({ length: 500 }, () => more('', first)), more('')),
    ],
    outcomes: [
      ...echoOrLimit(txt('x')),
      {
        verdict: 'informational',
        end: { how: 'closed', by: 'peer', codes: [1008] },
        note: 'it has a limit of fragments, and says so with 1008',
      },
    ] satisfies Outcome[],
  },
])

/** It puts a message together from as many fragments as come, or says that there are too many. */
const flood = group(
  {
    ...common,
    clause: 'RFC 6455 §5.4, §10.4',
    why: 'Empty fragments cost the sender two bytes: a peer that keeps something for each can be filled from outside.',
  },
  ([2_000, 10_000] as const).map(count => ({
    title: `${count} empty fragments behind a letter`,
    steps: [send(text('x', first), ...Array.from({ length: count }, () => more('', first)), more(''))],
    outcomes: [
      ...echoes(txt('x')).slice(0, 1),
      { verdict: 'pass', end: { how: 'closed', by: 'peer', codes: [1008, 1009] } },
      ...echoes(txt('x')).slice(1),
      { verdict: 'lenient', end: { how: 'dropped' }, note: '§7.1.7: a Close frame should say what was too much' },
    ] satisfies Outcome[],
  })),
)

const largest = group(
  common,
  (['text', 'binary'] as const).flatMap(type => {
    const [begin, message] = type === 'text' ? [text, txt] : [binary, bin]
    return [
      ...[16 * KIB, 64 * KIB, MIB].map(each => ({
        title: `a ${type} message of 16 MiB in fragments of ${named(each)}`,
        steps: [send(...fragmented(16 * MIB, each, begin))],
        outcomes: echoOrLimit(message(fill(16 * MIB))),
      })),
      {
        title: `a ${type} message of 16 MiB in writes of 65537 bytes`,
        steps: [chopped(65_537, begin(fill(16 * MIB)))],
        outcomes: echoOrLimit(message(fill(16 * MIB))),
      },
    ]
  }),
)

export const limits = family(8, 'Limits and sizes', [
  whole('text'),
  whole('binary'),
  inFragments('text'),
  inFragments('binary'),
  inWrites('text'),
  inWrites('binary'),
  many,
  flood,
  largest,
])
