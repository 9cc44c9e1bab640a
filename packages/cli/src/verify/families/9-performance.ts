/** How long it takes: many small messages and few large ones. Timed, and never a verdict. */
import type { Payload } from '../case.ts'
import { bin, binary, echoes, family, group, messages, send, text, txt } from './pieces.ts'

const common = {
  clause: 'none',
  why: 'What somebody waits for. The figures hold for this machine, this day, and a suite that checks every byte.',
  timed: true,
  deadline: 60_000,
}
const fill = (size: number): Payload => ({ fill: '*', size })

const COUNT = 1000

const streamed = (type: 'text' | 'binary') =>
  group(
    common,
    [0, 16, 64, 256, 1024, 4096, 16_384, 65_536].map(size => ({
      title: `${COUNT} ${type} messages of ${size} bytes, as fast as they go`,
      steps: [{ do: 'send' as const, frames: [(type === 'text' ? text : binary)(fill(size))], times: COUNT }],
      outcomes: echoes((type === 'text' ? txt : bin)(fill(size), COUNT)),
    })),
  )

const ROUNDS = 200

const turns = group(
  common,
  [16, 1024, 65_536].map(size => ({
    title: `${ROUNDS} messages of ${size} bytes, each after the answer to the one before`,
    steps: Array.from({ length: ROUNDS }, (_, index) => [send(binary(fill(size))), messages(index + 1)]).flat(),
    outcomes: echoes(bin(fill(size), ROUNDS)),
  })),
)

const large = group(
  common,
  (['text', 'binary'] as const).map(type => ({
    title: `ten ${type} messages of 1 MiB`,
    steps: [{ do: 'send' as const, frames: [(type === 'text' ? text : binary)(fill(1_048_576))], times: 10 }],
    outcomes: echoes((type === 'text' ? txt : bin)(fill(1_048_576), 10)),
  })),
)

export const performance = family(9, 'Performance', [streamed('text'), streamed('binary'), turns, large])
