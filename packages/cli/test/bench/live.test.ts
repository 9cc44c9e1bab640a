/** What is to be seen while it runs. */
import { expect, test } from 'vitest'
import type { View } from '../../src/bench/crew.ts'
import { block, line, Meter } from '../../src/bench/live.ts'
import type { Plan } from '../../src/bench/plan.ts'
import { noCounts } from '../../src/bench/tally.ts'
import { colorsFor } from '../../src/colors.ts'

const plan = { connections: 50, warmup: 1000, duration: 10_000 } as Plan
const colors = colorsFor({ isTTY: false })

const view = (given: Partial<View> = {}, answered = 0): View => ({
  phase: 'measuring',
  open: 50,
  counts: { ...noCounts(), answered },
  troubles: 0,
  recent: Float64Array.from({ length: 100 }, (_, index) => index + 1),
  ...given,
})

test('the speed is that since the look before, and the time that since the phase began', () => {
  const meter = new Meter()
  expect(meter.read(view({ phase: 'warming up' }, 500), 1000).perSecond).toBe(0)
  meter.read(view({}, 1000), 2000)
  expect(meter.read(view({}, 1500), 2500)).toEqual({ perSecond: 1000, inPhase: 500, p50: 51, p99: 100 })
})

test('a line for those who have no terminal', () => {
  const reading = { perSecond: 12_345, inPhase: 3200, p50: 0.5, p99: 2 }
  expect(line(view(), reading)).toBe('3 s measuring; 50 open; 12,345 messages/s; p50 500 µs, p99 2 ms')
  expect(line(view({ troubles: 2 }), reading)).toMatch(/; 2 errors$/)
})

test('a block for those who have one, with a bar that is as full as its phase is over', () => {
  const reading = { perSecond: 12_345, inPhase: 5000, p50: 0.5, p99: 2 }
  expect(block(view({}, 77_000), reading, plan, colors).split('\n')).toEqual([
    `${'█'.repeat(20)}${'░'.repeat(20)} measuring`,
    '50 of 50 connections open; no errors',
    '12,345 messages/s; 77,000 answered',
    'p50 500 µs, p99 2 ms',
    'Ctrl+C ends early, with a report',
  ])
})

test.each<[Partial<View>, number, number]>([
  [{ phase: 'opening', open: 25 }, 0, 20],
  [{ phase: 'warming up' }, 250, 10],
  [{ phase: 'measuring' }, 99_000, 40],
  [{ phase: 'last answers' }, 1, 40],
])('%j after %d ms fills %d of the 40 columns', (given, inPhase, columns) => {
  const reading = { perSecond: 0, inPhase, p50: undefined, p99: undefined }
  const bar = block(view(given), reading, plan, colors)
  expect(bar.split('█').length - 1).toBe(columns)
})
