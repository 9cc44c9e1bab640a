/** The parser of `ws` gets the same bytes: each difference is explained by a clause, or is a crash. */

import { ProtocolError } from '../../packages/hotline/src/errors.ts'
import { readClose } from '../../packages/hotline/src/protocol/close.ts'
import { portableCodec } from '../../packages/hotline/src/protocol/text.ts'
import { join, SINGLE, WHOLE } from '../engine/bytes.ts'
import { Random } from '../engine/random.ts'
import { stream } from '../engine/stream.ts'
import { claim, type Difference, type Target } from '../engine/target.ts'
import type { Reading, Told } from '../reference/frames.ts'
import { readByWs, type WsTold } from '../reference/ws.ts'
import { hear, optionsByte, readingOf } from './reading.ts'

/** Where the two part, and what each said from there on. */
interface Parting {
  readonly ours: readonly WsTold[]
  readonly theirs: readonly WsTold[]
  /** The words of our error, where that is what we said. */
  readonly error: string
  readonly bytes: Uint8Array
  readonly reading: Reading
  /** With permessage-deflate: true where nothing of what went before is kept. */
  readonly forgets?: boolean
}

export interface Explained extends Difference {
  readonly when: (parting: Parting) => boolean
}

const failed = (told: readonly WsTold[], code: number): boolean =>
  told.length === 1 && told[0]?.[0] === 'fail' && told[0][1] === code

/** Every way in which the two may differ. The first that fits is counted. */
export const DIFFERENCES: readonly Explained[] = [
  {
    what: 'ws takes lengths that are not in their shortest form',
    clause: 'RFC 6455 §5.2: the minimal number of bytes MUST be used to encode the length',
    right: 'hotline',
    when: ({ ours, error }) => failed(ours, 1002) && error === 'length not in its shortest form',
  },
  {
    what: 'ws answers a length whose highest bit is set with 1009',
    clause: 'RFC 6455 §5.2: the most significant bit MUST be 0; §7.4.1: 1002 is for a protocol error',
    right: 'hotline',
    when: ({ ours, theirs, error }) =>
      failed(ours, 1002) && error === 'length has its highest bit set' && failed(theirs, 1009),
  },
  {
    what: 'ws looks at text when its message is whole, hotline when its bytes come',
    clause:
      'RFC 6455 §8.1: the connection MUST be failed; when is left open. §5.4 lets fragments be looked at before the last',
    right: 'both',
    when: ({ ours, theirs }) => failed(ours, 1007) && !theirs.some(([what]) => what === 'text' || what === 'binary'),
  },
  {
    what: 'ws has no bound for fragments without a byte, as its parser is set up by default',
    clause: 'RFC 6455 §10.4: limits are for the implementation; hotline ends at 1024',
    right: 'both',
    when: ({ ours }) => failed(ours, 1008),
  },
  {
    what: 'ws refuses a close frame of one byte before that byte has come',
    clause: 'RFC 6455 §5.5.1: the body MUST begin with a code of two bytes; when is left open',
    right: 'both',
    when: parting => parting.ours.length === 0 && failed(parting.theirs, 1002) && failsLater(parting, 1002),
  },
  {
    what: 'ws refuses a length before the masking key behind it has come',
    clause: 'RFC 6455 §5.2: a header ends with its key; when is left open',
    right: 'both',
    when: parting => parting.ours.length === 0 && failed(parting.theirs, 1009) && failsLater(parting, 1009, 1002),
  },
]

/** True when hotline fails too, once the rest of the header and of a control frame's payload is there. */
function failsLater({ bytes, reading }: Parting, ...codes: readonly number[]): boolean {
  const { told, error } = hear(join([bytes, new Uint8Array(13)]), reading, WHOLE, 'plain', portableCodec)
  const last = untilClosed(told, error)[0].at(-1)
  return last?.[0] === 'fail' && codes.includes(last[1])
}

export const wsFrames: Target = {
  name: 'ws',
  explains: DIFFERENCES,
  about: "the same bytes to the parser of ws: each difference is one of the table's",
  longest: 200_000,

  make(random: Random) {
    const masked = random.oneIn(2)
    return join([[optionsByte(masked, false, random.pick([0, 1, 1, 1, 2, 3, 4, 5, 6, 7]))], stream(random, { masked })])
  },

  run(input, explain) {
    const { masked, maxMessage } = readingOf(input[0] ?? 0)
    const reading = { masked, maxMessage: maxMessage || 300, compression: false } // in ws, 0 stands for no limit
    const bytes = input.subarray(1)
    const split =
      bytes.length > 4000 ? WHOLE : new Random(bytes.length, bytes[0] ?? 0).pick([WHOLE, SINGLE, [3], [1, 7]])
    const { told, error } = hear(bytes, reading, split, 'plain', portableCodec)
    const [ours, message] = untilClosed(told, error)
    compare(ours, readByWs(bytes, reading, WHOLE), message, { bytes, reading }, explain)
  },
}

/** Finds where the two part, and who says why. */
export function compare(
  ours: readonly WsTold[],
  theirs: readonly WsTold[],
  error: string,
  context: Pick<Parting, 'bytes' | 'reading' | 'forgets'>,
  explain: (difference: Difference) => void,
  differences: readonly Explained[] = DIFFERENCES,
): void {
  let at = 0
  while (at < Math.max(ours.length, theirs.length) && JSON.stringify(ours[at]) === JSON.stringify(theirs[at])) at++
  if (at === Math.max(ours.length, theirs.length)) return
  const parting = { ours: ours.slice(at), theirs: theirs.slice(at), error, ...context }
  const explained = differences.find(({ when }) => when(parting))
  claim(explained !== undefined, 'a difference to ws is explained', context.reading, ours, theirs, error)
  explain(explained)
}

/** Nothing is read behind a close frame (§1.4), which ws reads where it tells of it. */
export function untilClosed(told: readonly Told[], error: ProtocolError | undefined): [WsTold[], error: string] {
  const at = told.findIndex(([what]) => what === 'close')
  if (at < 0) return [[...told], error?.message ?? '']
  const payload = Buffer.from(told[at]?.[1] as string, 'hex')
  try {
    const { code, reason } = readClose(payload, 0, payload.length, portableCodec)
    return [[...told.slice(0, at), ['closed', code, reason]], '']
  } catch (refused) {
    if (!(refused instanceof ProtocolError)) throw refused
    return [[...told.slice(0, at), ['fail', refused.closeCode]], refused.message]
  }
}
