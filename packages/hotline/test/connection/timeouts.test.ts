import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Timeouts, type Waiter } from '../../src/connection/timeouts.ts'
import { FakeClock } from '../../src/runtime/memory/clock.ts'
import { asyncLaw } from '../protocol/support.ts'

/** Notes when it is called. */
class Noted implements Waiter {
  readonly #clock: FakeClock
  dueAt = 0
  calledAt: number[] = []

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  due(): void {
    this.calledAt.push(this.#clock.now())
  }
}

test('a thousand that wait equally long cost the clock one timer', async () => {
  const clock = new FakeClock()
  const timeouts = new Timeouts(clock)
  const waiters = Array.from({ length: 1000 }, () => new Noted(clock))
  for (const waiter of waiters) timeouts.start(waiter, 5000)
  expect(clock.pending).toBe(1)
  await clock.advance(5000)
  expect(waiters.every(({ calledAt }) => calledAt.join() === '5000')).toBe(true)
  expect(clock.pending).toBe(0)
})

test('whoever stops is not called, and the last one to stop takes the timer along', async () => {
  const clock = new FakeClock()
  const timeouts = new Timeouts(clock)
  const [one, other] = [new Noted(clock), new Noted(clock)]
  timeouts.start(one, 100)
  timeouts.start(other, 100)
  timeouts.stop(one, 100)
  await clock.advance(100)
  expect([one.calledAt, other.calledAt]).toEqual([[], [100]])
  timeouts.start(one, 100)
  timeouts.stop(one, 100)
  timeouts.stop(other, 300)
  expect(clock.pending).toBe(0)
})

test('one that begins again when it is called, or stops another, is served as it says', async () => {
  const clock = new FakeClock()
  const timeouts = new Timeouts(clock)
  const other = new Noted(clock)
  const again = new (class extends Noted {
    override due(): void {
      super.due()
      timeouts.stop(other, 1000)
      if (this.calledAt.length < 3) timeouts.start(this, 1000)
    }
  })(clock)
  timeouts.start(again, 1000)
  timeouts.start(other, 1000)
  await clock.advance(10_000)
  expect(again.calledAt).toEqual([1000, 2000, 3000])
  expect(other.calledAt).toEqual([])
  expect(clock.pending).toBe(0)
})

test('one that began again after it was called can still be stopped, though it had stopped all others', async () => {
  const clock = new FakeClock()
  const timeouts = new Timeouts(clock)
  const other = new Noted(clock)
  const again = new (class extends Noted {
    override due(): void {
      super.due()
      timeouts.stop(other, 1000)
      timeouts.start(this, 1000)
    }
  })(clock)
  timeouts.start(again, 1000)
  timeouts.start(other, 1000)
  await clock.advance(1000)
  timeouts.stop(again, 1000)
  expect(clock.pending).toBe(0)
  await clock.advance(10_000)
  expect(again.calledAt).toEqual([1000])
})

test('nobody is called before the time, nor a 64th of it later', () =>
  asyncLaw(
    fc.asyncProperty(fc.array(fc.record({ after: fc.nat(300), ms: fc.constantFrom(64, 640) })), async steps => {
      const clock = new FakeClock()
      const timeouts = new Timeouts(clock)
      const begun: { waiter: Noted; from: number; ms: number }[] = []
      for (const { after, ms } of steps) {
        await clock.advance(after)
        const waiter = new Noted(clock)
        timeouts.start(waiter, ms)
        begun.push({ waiter, from: clock.now(), ms })
      }
      await clock.advance(1000)
      for (const { waiter, from, ms } of begun) {
        expect(waiter.calledAt).toHaveLength(1)
        const waited = (waiter.calledAt[0] as number) - from
        expect(waited).toBeGreaterThanOrEqual(ms)
        expect(waited).toBeLessThanOrEqual(ms + ms / 64)
      }
      expect(clock.pending).toBe(0)
    }),
    100,
  ))

test('one that throws when it is called does not keep the others from being called', async () => {
  const clock = new FakeClock()
  const timeouts = new Timeouts(clock)
  const other = new Noted(clock)
  const broken = new (class extends Noted {
    override due(): void {
      throw new Error('broken')
    }
  })(clock)
  timeouts.start(broken, 640)
  timeouts.start(other, 640)
  await expect(clock.advance(640)).rejects.toThrow('broken')
  await clock.advance(10)
  expect(other.calledAt).toEqual([650])
})
