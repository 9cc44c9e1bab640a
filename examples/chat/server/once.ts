/** What was done already, by who did it, where, and the id it was given, so that what comes again is not done again. */

/** Visitors that are remembered, and of each so many things: the oldest go. */
const VISITORS = 1_000
const EACH = 50

export class Once<T> {
  readonly #known = new Map<string, Map<string, T>>()

  get(who: string, where: string, id: string): T | undefined {
    return this.#known.get(who)?.get(`${where} ${id}`)
  }

  set(who: string, where: string, id: string, result: T): void {
    const own = this.#known.get(who) ?? new Map<string, T>()
    this.#known.delete(who)
    bounded(this.#known, VISITORS).set(who, own)
    bounded(own, EACH).set(`${where} ${id}`, result)
  }

  /** It has failed, and may be done again. */
  delete(who: string, where: string, id: string): void {
    this.#known.get(who)?.delete(`${where} ${id}`)
  }
}

/** The same map, with room for one more. A map gives its keys in the order in which they were set. */
function bounded<V>(map: Map<string, V>, most: number): Map<string, V> {
  for (const oldest of map.keys()) {
    if (map.size < most) break
    map.delete(oldest)
  }
  return map
}
