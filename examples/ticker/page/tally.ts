/** What is counted: how much there was in all, and how much a second. */

/** Milliseconds over which a rate is taken. */
const SPAN = 2_000

export class Tally {
  #all = 0
  readonly #marks: { at: number; all: number }[] = []

  add(count: number): void {
    this.#all += count
  }

  get all(): number {
    return this.#all
  }

  /** So many a second, over the last two; undefined before there is anything to compare with. */
  rate(now: number): number | undefined {
    this.#marks.push({ at: now, all: this.#all })
    while ((this.#marks[1]?.at ?? now) <= now - SPAN) this.#marks.shift()
    const [first] = this.#marks
    if (first === undefined || now - first.at < SPAN / 4) return undefined
    return ((this.#all - first.all) * 1_000) / (now - first.at)
  }
}

/** The value below or at which so much of all is; of what is sorted. */
export function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length, Math.max(1, Math.ceil(sorted.length * share))) - 1]
}

/** What was sampled in the last two seconds. */
export class Samples {
  #marks: { readonly at: number; readonly values: readonly number[] }[] = []

  add(now: number, values: readonly number[]): void {
    this.#marks = [...this.#marks.filter(({ at }) => at > now - SPAN), { at: now, values }]
  }

  /** All of it, from the least to the most. */
  sorted(): number[] {
    return this.#marks.flatMap(({ values }) => values).sort((a, b) => a - b)
  }
}
