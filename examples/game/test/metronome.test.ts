/** Ticks come by the clock: late timers are caught up, a long sleep is forgiven, and nothing drifts. */
import { describe, expect, test } from 'vitest'
import { Metronome } from '../metronome.ts'
import { TICK } from '../rules.ts'
import { SlowTime } from './support.ts'

function beating(time: SlowTime): { metronome: Metronome; beats: number[] } {
  const beats: number[] = []
  const metronome = new Metronome(() => beats.push(time.now()), TICK, time)
  metronome.start()
  return { metronome, beats }
}

describe('a metronome', () => {
  test.each([0, 0.9, 7, 20])('does not drift with timers that are %d ms late', late => {
    const time = new SlowTime(late)
    const { metronome, beats } = beating(time)
    time.run(60_000)
    expect(beats.length).toBeGreaterThanOrEqual(1798)
    expect(beats.length).toBeLessThanOrEqual(1800)
    expect(metronome.rate).toBeCloseTo(30, 0)
  })

  test('catches up what a short block cost', () => {
    const time = new SlowTime(0)
    const { metronome, beats } = beating(time)
    time.run(1000)
    time.block(120)
    time.run(1000)
    expect([beats.length, metronome.missed]).toEqual([Math.floor(2120 / TICK), 0])
  })

  test('forgives the rest after a long one: half a second is caught up', () => {
    const time = new SlowTime(0)
    const { metronome, beats } = beating(time)
    time.block(3000)
    time.run(1)
    expect([beats.length, metronome.missed]).toEqual([15, 75])
  })

  test('stops where it is told to, also from within a beat', () => {
    const time = new SlowTime(0)
    let beats = 0
    const metronome = new Metronome(
      () => {
        beats++
        metronome.stop()
      },
      TICK,
      time,
    )
    metronome.start()
    time.run(1000)
    expect([beats, metronome.running]).toEqual([1, false])
  })
})
