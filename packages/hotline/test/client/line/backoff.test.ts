import { describe, expect, test } from 'vitest'
import { Delays } from '../../../src/client/line/backoff.ts'

const backoff = { base: 1_000, cap: 30_000, stable: 10_000 }

/** Waits with the random number always the same. */
const waits = (random: number, count: number, after?: number): number[] => {
  const delays = new Delays(backoff, () => random)
  return Array.from({ length: count }, () => delays.next(after))
}

describe('the wait before an attempt', () => {
  test('is random from nothing up to a bound that doubles, up to the cap', () => {
    expect(waits(1, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    expect(waits(0.5, 3)).toEqual([500, 1_000, 2_000])
    expect(waits(0, 3)).toEqual([0, 0, 0])
  })

  test('is never shorter than what the server asked for, and spreads those that were told the same over as long again', () => {
    expect([waits(0, 1, 5_000), waits(1, 1, 5_000)]).toEqual([[5_000], [10_000]])
    expect([waits(0, 1, 60_000), waits(1, 1, 60_000)]).toEqual([[60_000], [90_000]])
  })

  test('stays at the cap after a thousand attempts', () => {
    expect(waits(1, 2_000).at(-1)).toBe(30_000)
  })

  test('begins again after a reset', () => {
    const delays = new Delays(backoff, () => 1)
    delays.next()
    delays.next()
    expect(delays.attempt).toBe(3)
    delays.reset()
    expect([delays.attempt, delays.next()]).toEqual([1, 1_000])
  })
})
