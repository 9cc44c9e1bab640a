/** A look that takes long is not taken often: at most a twentieth of the time goes to it. */

/** Milliseconds between two looks at least. */
const LEAST = 900
const SHARE = 20

export class Paced<T> {
  readonly #look: () => T
  readonly #now: () => number
  #seen: { readonly value: T; readonly until: number } | undefined

  constructor(look: () => T, now = (): number => performance.now()) {
    this.#look = look
    this.#now = now
  }

  /** What was seen last, where it is too early for a new look. */
  get value(): T {
    const start = this.#now()
    if (this.#seen !== undefined && start < this.#seen.until) return this.#seen.value
    const value = this.#look()
    const end = this.#now()
    this.#seen = { value, until: end + Math.max(LEAST, SHARE * (end - start)) }
    return value
  }

  /** What was seen may be large. */
  forget(): void {
    this.#seen = undefined
  }
}
