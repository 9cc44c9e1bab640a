/** What is shown already: the same message may come again, from another server or out of another history. */
import type { Said } from '../messages.ts'

/** Messages that are remembered: far more than come again. */
const MOST = 2_000

/** Who says something gives it an id, so that nobody else can take its place. */
type Key = Pick<Said, 'who' | 'id'>

export const keyOf = ({ who, id }: Key): string => `${who} ${id}`

export class Known {
  readonly #keys = new Set<string>()

  has(key: Key): boolean {
    return this.#keys.has(keyOf(key))
  }

  /** False when it is known. */
  add(key: Key): boolean {
    if (this.has(key)) return false
    this.#keys.add(keyOf(key))
    for (const oldest of this.#keys) {
      if (this.#keys.size <= MOST) break
      this.#keys.delete(oldest)
    }
    return true
  }

  clear(): void {
    this.#keys.clear()
  }
}
