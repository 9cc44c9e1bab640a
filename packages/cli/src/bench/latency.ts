/** Latencies: recorded in microseconds by hdr-histogram-js, told in milliseconds. */
import { build, encodeIntoCompressedBase64, type JsHistogram } from 'hdr-histogram-js'

/** Value and count of each bucket that has any: how a histogram goes from thread to thread. */
export type Buckets = readonly (readonly [microseconds: number, count: number])[]

export interface Summary {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly 'p99.9': number
  readonly max: number
}

/** A row of the histogram that people see: latencies above `from` and up to `to`. */
export interface Row {
  readonly from: number
  readonly to: number
  readonly count: number
}

export class Latency {
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
    autoResize: true,
    bitBucketSize: 64,
  }) as JsHistogram

  record(milliseconds: number): void {
    this.#histogram.recordValue(milliseconds <= 0.001 ? 1 : Math.round(milliseconds * 1000))
  }

  add(buckets: Buckets): void {
    for (const [microseconds, count] of buckets) this.#histogram.recordValueWithCount(microseconds, count)
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  get buckets(): Buckets {
    const { recordedValuesIterator: values } = this.#histogram
    values.reset()
    const buckets: [number, number][] = []
    while (values.hasNext()) {
      const { valueIteratedTo, countAddedInThisIterationStep } = values.next()
      buckets.push([valueIteratedTo, countAddedInThisIterationStep])
    }
    return buckets
  }

  /** In milliseconds; undefined when nothing was recorded. */
  get summary(): Summary | undefined {
    const histogram = this.#histogram
    if (this.count === 0) return undefined
    const percentile = (of: number): number => histogram.getValueAtPercentile(of) / 1000
    return {
      count: this.count,
      min: histogram.minNonZeroValue / 1000,
      mean: Math.round(histogram.mean) / 1000,
      p50: percentile(50),
      p90: percentile(90),
      p99: percentile(99),
      'p99.9': percentile(99.9),
      max: percentile(100),
    }
  }

  /** So many rows at most, each as much wider than the one before as is needed to reach the largest. */
  rows(most: number): Row[] {
    const { buckets } = this
    const [first, last] = [buckets[0]?.[0] ?? 1, buckets.at(-1)?.[0] ?? 1]
    const factor = Math.max((last / first) ** (1 / most), 1.05)
    const rows: { from: number; to: number; count: number }[] = []
    for (const [value, count] of buckets) {
      const index = Math.min(most - 1, Math.max(0, Math.ceil(Math.log(value / first) / Math.log(factor) - 1e-9) - 1))
      while (rows.length <= index) {
        const edge = (power: number): number => Math.min(last, first * factor ** power) / 1000
        rows.push({ from: edge(rows.length), to: edge(rows.length + 1), count: 0 })
      }
      const row = rows[index]
      if (row !== undefined) row.count += count
    }
    return rows
  }

  /** For the tools that read HdrHistogram's own format. */
  get encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}
