/** What is counted and timed: on the server what is due, on the page what is shown. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Budget } from '../../budget.ts'
import { bytesWord } from '../../look/words.ts'
import type { Listing } from '../contract.ts'
import { better, offsetOf, ServerClock } from '../page/clock.ts'
import { compare, type Order, turned } from '../page/order.ts'
import { Stock } from '../page/quotes.ts'
import { percentile, Samples, Tally } from '../page/tally.ts'
import { ageWord, changeWord, paceWord } from '../page/words.ts'
import { Pulse } from '../pulse.ts'

describe('what is due', () => {
  test('does not drift, however late the timers are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 190 }), { minLength: 1 }), waits => {
        const pulse = new Pulse(1_000, 200, 5)
        let [now, done] = [5, 0]
        for (const wait of waits) {
          now += wait
          done += pulse.due(now)
          expect(done).toBe(now - 5)
        }
        expect(pulse.forgiven).toBe(0)
      }),
    )
  })

  test('is caught up only so far, and the rest is forgiven', () => {
    const pulse = new Pulse(1_000, 200, 0)
    expect(pulse.due(60_000)).toBe(200)
    expect(pulse.forgiven).toBe(59_800)
    expect(pulse.due(60_000)).toBe(0)
    expect(pulse.due(60_010)).toBe(10)
  })

  test('is nothing when the clock goes backwards', () => {
    const pulse = new Pulse(1_000, 200, 100)
    expect([pulse.due(150), pulse.due(120), pulse.due(151)]).toEqual([50, 0, 1])
  })
})

test('a budget is spent, refused with limit, and comes back with time', () => {
  let now = 0
  const budget = new Budget(10, 5, () => now)
  budget.take(5)
  budget.take(5)
  expect(() => budget.take()).toThrow(expect.objectContaining({ answer: expect.objectContaining({ code: 'limit' }) }))
  now = 400
  budget.take(2)
  expect(() => budget.take()).toThrow('wait a moment')
})

describe("the server's clock", () => {
  test('is taken to be in the middle of the way there and back, and known to half of it', () => {
    expect(offsetOf({ asked: 1_000, answered: 1_020, server: 6_010 }, 1_020)).toEqual({ ahead: 5_000, give: 10 })
  })

  test('is never further off than what is said, wherever the time was spent', () => {
    const way = fc.integer({ min: 0, max: 5_000 })
    fc.assert(
      fc.property(way, way, fc.integer(), (there, back, ahead) => {
        const probe = { asked: 0, answered: there + back, server: there + ahead }
        const offset = offsetOf(probe, probe.answered)
        expect(Math.abs(offset.ahead - ahead)).toBeLessThanOrEqual(offset.give)
      }),
    )
  })

  test('is believed from the probe that took the shortest, until clocks may have drifted more than that', () => {
    const quick = { asked: 0, answered: 2, server: 1 }
    const slow = { asked: 9_000, answered: 9_010, server: 9_005 }
    expect(better(quick, slow, 9_010)).toBe(quick)
    expect(better(quick, slow, 9_010)).toBe(better(slow, quick, 9_010))
    const late = { asked: 100_000, answered: 100_010, server: 100_005 }
    expect(better(quick, late, 100_010)).toBe(late)
  })

  test('is asked, and then told', async () => {
    const clock = new ServerClock()
    expect(clock.offset.give).toBe(Number.POSITIVE_INFINITY)
    const before = performance.timeOrigin + performance.now()
    await clock.probe(async () => performance.timeOrigin + performance.now() + 60_000)
    expect(clock.offset.give).toBeLessThan(1_000)
    expect(clock.now() - before).toBeGreaterThan(59_000)
  })
})

test.each([
  [[], 0.5, undefined],
  [[7], 0.99, 7],
  [[1, 2, 3, 4], 0.5, 2],
  [Array.from({ length: 200 }, (_, at) => at + 1), 0.99, 198],
])('the percentile of what is sorted, case %$', (sorted, share, expected) =>
  expect(percentile(sorted, share)).toBe(expected),
)

test('a rate is that of the last two seconds', () => {
  const tally = new Tally()
  expect(tally.rate(0)).toBeUndefined()
  for (let now = 500; now <= 4_000; now += 500) {
    tally.add(now <= 2_000 ? 500 : 50)
    const rate = tally.rate(now)
    if (now === 2_000) expect(rate).toBe(1_000)
    if (now === 4_000) expect(rate).toBe(100)
  }
  expect(tally.all).toBe(2_200)
})

test('samples are those of the last two seconds', () => {
  const samples = new Samples()
  samples.add(0, [9, 8])
  samples.add(1_000, [3])
  expect(samples.sorted()).toEqual([3, 8, 9])
  samples.add(2_500, [1])
  expect(samples.sorted()).toEqual([1, 3])
})

const listing = (symbol: string, price: number, open = 10): Listing => ({
  name: `${symbol} Ltd`,
  open,
  quote: { symbol, at: 1_000, price, bid: price, ask: price, volume: 5 },
  past: [open, price],
})

test('the same column again turns the order round, and numbers begin with the largest', () => {
  const stocks = [listing('B', 5), listing('A', 5), listing('C', 50, 100)].map(one => new Stock(one))
  const sorted = (order: Order): string =>
    stocks
      .toSorted((a, b) => compare(a, b, order))
      .map(one => one.symbol)
      .join('')
  let order: Order = { key: 'symbol', down: false }
  expect(sorted(order)).toBe('ABC')
  expect(sorted((order = turned(order, 'symbol')))).toBe('CBA')
  expect(sorted((order = turned(order, 'price')))).toBe('CAB')
  expect(sorted(turned(order, 'price'))).toBe('ABC')
  expect(sorted(turned(order, 'change'))).toBe('ABC')
})

test('a stock keeps a price a second, two minutes of them, and what is listed anew does not make it older', () => {
  const stock = new Stock(listing('A', 12))
  expect(stock.change).toBeCloseTo(0.2)
  const at = (now: number, price: number) => stock.take({ ...stock.quote, at: now, price })
  at(1_200, 13)
  expect(stock.past).toEqual([10, 13])
  at(3_100, 14)
  expect(stock.past).toEqual([10, 13, 13, 14])
  at(900_000, 15)
  expect(stock.past).toHaveLength(120)
  stock.relist(listing('A', 11))
  expect(stock.quote.price).toBe(15)
  expect(stock.fits('a ltd') && !stock.fits('b')).toBe(true)
})

test('numbers are said for people', () => {
  expect([ageWord(3.4), ageWord(1_940), ageWord(125_000)]).toEqual(['3 ms', '1.9 s', '2 min'])
  expect([bytesWord(700), bytesWord(2_048), bytesWord(151_552)]).toEqual(['700 B', '2 KiB', '148 KiB'])
  expect([changeWord(0.0123), changeWord(-0.5), changeWord(0)]).toEqual(['▲ 1.23 %', '▼ 50.00 %', '▬ 0.00 %'])
  expect([paceWord(0), paceWord(250), paceWord(2_000)]).toEqual(['as they come', 'every 250 ms', 'every 2 s'])
})
