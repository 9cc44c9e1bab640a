/** Who is in the room, and who came and went: a line that was lost is no reason to say that everybody did. */

/** Milliseconds that those may take to come back who were there before the line was lost: the server may have started anew. */
const HOLD = 20_000

export interface Change {
  readonly joined: readonly string[]
  readonly left: readonly string[]
}

export class Roster {
  readonly #now: () => number
  /** Names by key. */
  #people = new Map<string, string>()
  /** Those that are not there after the line was back, and until when that is no news. */
  readonly #missing = new Map<string, { readonly name: string; readonly until: number }>()
  #known = false

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  get people(): ReadonlyMap<string, string> {
    return this.#people
  }

  nameOf(key: string): string | undefined {
    return this.#people.get(key)
  }

  /**
   * Takes who is there now.
   *
   * @param anew - the line is back, so that those who are not there may be on their way
   */
  take(people: ReadonlyMap<string, string>, anew: boolean): Change {
    const before = this.#people
    this.#people = new Map(people)
    if (!this.#known) {
      this.#known = true
      return { joined: [], left: [] }
    }
    const joined = [...people].filter(([key]) => !before.has(key) && !this.#missing.has(key)).map(([, name]) => name)
    for (const key of people.keys()) this.#missing.delete(key)
    const gone = [...before].filter(([key]) => !people.has(key))
    if (!anew) return { joined, left: gone.map(([, name]) => name) }
    const until = this.#now() + HOLD
    for (const [key, name] of gone) this.#missing.set(key, { name, until })
    return { joined, left: [] }
  }

  /** Those that have not come back in time. */
  due(): string[] {
    const late = [...this.#missing].filter(([, { until }]) => until <= this.#now())
    for (const [key] of late) this.#missing.delete(key)
    return late.map(([, { name }]) => name)
  }
}
