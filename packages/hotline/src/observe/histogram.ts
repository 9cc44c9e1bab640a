/** A histogram of times: how many were at most so long. */

/** Times by size. */
export interface Histogram {
  /** Milliseconds, growing: the longest time of each class but the last, which has none. */
  readonly bounds: readonly number[]
  /** How many were in each class; one more than there are bounds. */
  readonly counts: readonly number[]
  readonly count: number
  /** Milliseconds of all together. */
  readonly sum: number
}

/** From the same machine to a satellite. */
const BOUNDS: readonly number[] = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 20_000]

export class Times implements Histogram {
  readonly bounds = BOUNDS
  readonly counts: number[] = new Array(BOUNDS.length + 1).fill(0)
  count = 0
  sum = 0

  add(ms: number): void {
    let at = 0
    while (at < BOUNDS.length && ms > (BOUNDS[at] as number)) at++
    this.counts[at] = (this.counts[at] as number) + 1
    this.count++
    this.sum += ms
  }

  copy(): Histogram {
    return { bounds: BOUNDS, counts: [...this.counts], count: this.count, sum: this.sum }
  }
}
