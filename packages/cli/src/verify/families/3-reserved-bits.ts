/** Reserved bits, where no extension gives them a meaning. RFC 6455 §5.2 */
import type { Frame } from '../case.ts'
import {
  binary,
  chopped,
  close,
  fails,
  failsClose,
  family,
  first,
  group,
  messages,
  more,
  ping,
  pong,
  send,
  text,
  txt,
} from './pieces.ts'

const ALL = [1, 2, 3, 4, 5, 6, 7]
const bits = (rsv: number): string => `RSV ${rsv.toString(2).padStart(3, '0')}`

const FRAMES: readonly (readonly [string, (rsv: number) => Frame])[] = [
  ['a text message', rsv => text('Hello', { rsv })],
  ['a binary message', rsv => binary('Hello', { rsv })],
  ['an empty text message', rsv => text('', { rsv })],
  ['a Ping', rsv => ping('Hello', { rsv })],
  ['a Pong', rsv => pong('Hello', { rsv })],
  ['a Close frame', rsv => ({ ...close(1000), rsv })],
]

const common = {
  clause: 'RFC 6455 §5.2',
  why: 'Bits that nothing was agreed about MUST fail the connection: the data behind them is not what it seems.',
}

const alone = FRAMES.map(([what, frame]) =>
  group(
    common,
    ALL.map(rsv => ({
      title: `${what} with ${bits(rsv)}`,
      steps: [send(frame(rsv))],
      outcomes: (frame(rsv).opcode === 8 ? failsClose : fails)([1002]),
    })),
  ),
)

const later = group(
  common,
  ALL.map(rsv => ({
    title: `a message, its answer, and a message with ${bits(rsv)}, byte by byte`,
    steps: [send(text('before')), messages(), chopped(1, text('Hello', { rsv }))],
    outcomes: fails([1002], { messages: [txt('before')] }),
  })),
)

const continued = group(
  common,
  ALL.map(rsv => ({
    title: `the second fragment of a message with ${bits(rsv)}`,
    steps: [send(text('Hel', first), more('lo', { rsv }))],
    outcomes: fails([1002]),
  })),
)

export const reservedBits = family(3, 'Reserved bits', [...alone, later, continued])
