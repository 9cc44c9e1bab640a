/** The feed: the same for the same seed, and nothing is told twice or forgotten too soon. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Feed, KEPT, type Update } from './feed.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What a feed publishes within so many seconds. */
function published(feed: Feed, rate: number, seconds: number): Update[] {
  const updates: Update[] = []
  const leave = feed.subscribe(update => updates.push(update))
  feed.run(rate)
  vi.advanceTimersByTime(seconds * 1000)
  feed.run(0)
  leave()
  return updates
}

test.each([0.5, 1, 20, 50])('%d updates a second come, numbered from 1 on, with their time', rate => {
  const updates = published(new Feed(), rate, 40)
  expect(updates.length).toBeGreaterThan(rate * 40 * 0.8)
  expect(updates.length).toBeLessThan(rate * 40 * 1.2)
  expect(updates.map(({ id }) => id)).toEqual(updates.map((_, index) => index + 1))
  const times = updates.map(({ at }) => at)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(JSON.parse(updates[0]?.json ?? '')).toEqual({ id: 1, at: times[0], price: expect.any(Number) })
})

test('the same seed has the same prices at the same distances, another one has others', () => {
  const run = (seed: number): unknown => {
    const updates = published(new Feed(seed), 10, 5)
    return updates.map(({ at, json }) => [Math.round(at - (updates[0]?.at ?? 0)), JSON.parse(json).price])
  }
  expect(run(7)).toEqual(run(7))
  expect(run(7)).not.toEqual(run(8))
})

test('after() has what is behind an update, as far as it is kept', () => {
  const feed = new Feed()
  const updates = published(feed, 50, 30)
  expect(feed.last).toBe(updates.length)
  expect(feed.after(feed.last)).toEqual([])
  expect(feed.after(feed.last + 5)).toEqual([])
  expect(feed.after(feed.last - 3)).toEqual(updates.slice(-3))
  expect(feed.after(0)).toEqual(updates.slice(-KEPT))
  expect(updates.length).toBeGreaterThan(KEPT)
})

test('once() hears one update, and who has left hears none', () => {
  const feed = new Feed()
  const heard: number[] = []
  feed.once(({ id }) => heard.push(id))
  const leave = feed.once(() => heard.push(Number.NaN))
  expect(leave()).toBe(true)
  expect(leave()).toBe(false)
  published(feed, 10, 5)
  expect(heard).toEqual([1])
})
