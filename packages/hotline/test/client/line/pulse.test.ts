import { describe, expect, test } from 'vitest'
import { Pulse, WAKE_TIMEOUT } from '../../../src/client/line/pulse.ts'

/** A pulse of 25 s and 20 s, with what it did. */
function pulse({ answers = true }: { answers?: boolean } = {}) {
  const did: string[] = []
  const one = new Pulse(
    { interval: 25_000, timeout: 20_000, message: undefined },
    {
      ask: () => {
        if (answers) did.push('ask')
        return answers
      },
      fail: ({ limit }) => did.push(`dead after ${limit.value}`),
    },
  )
  const ticks = (count: number, ms: number): void => {
    for (let tick = 0; tick < count; tick++) one.tick(ms)
  }
  return { one, did, ticks }
}

describe('the heartbeat of a line', () => {
  test('asks a peer that was silent for the interval, and gives it up when it stays so', () => {
    const { did, ticks } = pulse()
    ticks(4, 5_000)
    expect(did).toEqual([])
    ticks(1, 5_000)
    expect(did).toEqual(['ask'])
    ticks(19, 1_000)
    expect(did).toEqual(['ask'])
    ticks(1, 1_000)
    expect(did).toEqual(['ask', 'dead after 20000'])
  })

  test('takes whatever comes as a sign of life, at any moment', () => {
    const { one, did, ticks } = pulse()
    ticks(5, 5_000)
    ticks(19, 1_000)
    one.heard()
    ticks(4, 5_000)
    expect([did, one.asked]).toEqual([['ask'], false])
  })

  test('does not give up on one late tick, which may be sleep, and does on the second', () => {
    const { did, ticks } = pulse()
    ticks(1, 8 * 3_600_000)
    expect(did).toEqual(['ask'])
    ticks(1, 60_000)
    expect(did).toEqual(['ask'])
    ticks(1, 60_000)
    expect(did).toEqual(['ask', 'dead after 20000'])
  })

  test('asks at once after waking, and waits for less', () => {
    const { one, did, ticks } = pulse()
    one.probe()
    expect(did).toEqual(['ask'])
    ticks(WAKE_TIMEOUT / 1_000 - 1, 1_000)
    expect(did).toEqual(['ask'])
    ticks(1, 1_000)
    expect(did).toEqual(['ask', `dead after ${WAKE_TIMEOUT}`])
  })

  test('gives up nobody whom it cannot ask', () => {
    const { one, did, ticks } = pulse({ answers: false })
    one.probe()
    ticks(100, 60_000)
    expect(did).toEqual([])
  })

  test('asks after a shorter silence when the server says so, and not after a longer one', () => {
    const { one, did, ticks } = pulse()
    one.atMost(10_000)
    one.atMost(60_000)
    ticks(2, 5_000)
    expect(did).toEqual(['ask'])
  })
})
