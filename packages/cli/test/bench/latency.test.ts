/** Latencies: what goes in comes out, as percentiles and as rows. */
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { Latency } from '../../src/bench/latency.ts'

function recorded(milliseconds: readonly number[]): Latency {
  const latency = new Latency()
  for (const each of milliseconds) latency.record(each)
  return latency
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

test('percentiles of 1 to 1000 ms are within a thousandth', () => {
  const summary = recorded(upTo(1000)).summary
  const expected = { count: 1000, min: 1, mean: 500.5, p50: 500, p90: 900, p99: 990, 'p99.9': 999, max: 1000 }
  for (const [name, value] of Object.entries(expected)) {
    const seen = summary?.[name as keyof typeof expected] ?? 0
    expect(Math.abs(seen - value) / value, name).toBeLessThanOrEqual(0.001)
  }
})

test('nothing recorded has no summary and no rows', () => {
  const latency = new Latency()
  expect([latency.summary, latency.rows(10)]).toEqual([undefined, []])
})

test('a clock that stands still is a microsecond, and an hour has room', () => {
  expect(recorded([0, -1]).summary?.max).toBe(0.001)
  expect(recorded([3_600_000]).summary?.max).toBeGreaterThan(3_596_000)
})

test('the buckets of two threads are the histogram of both', () => {
  const both = new Latency()
  both.add(recorded(upTo(500)).buckets)
  both.add(recorded(upTo(1000).slice(500)).buckets)
  expect(both.summary).toEqual(recorded(upTo(1000)).summary)
})

test.each([[[5]], [upTo(1000)], [[0.05, 0.051, 900]], [[0.001, 60_000]]])(
  'the rows hold each latency once, end with the largest, and are twelve at most: %#',
  values => {
    const latency = recorded(values)
    const rows = latency.rows(12)
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
    expect(rows.length).toBeLessThanOrEqual(12)
    const largest = latency.buckets.at(-1)?.[0] ?? 0
    expect(rows.at(-1)?.to).toBeCloseTo(largest / 1000, 6)
    for (const [index, { from, to }] of rows.entries()) {
      if (values.length > 1) expect(from).toBeLessThan(to)
      if (index > 0) expect(from).toBe(rows[index - 1]?.to)
    }
  },
)

test("it goes into HdrHistogram's own format", () => {
  const histogram = decodeFromCompressedBase64(recorded([1, 2, 3]).encoded)
  expect([histogram.totalCount, histogram.getValueAtPercentile(50)]).toEqual([3, 2000])
})
