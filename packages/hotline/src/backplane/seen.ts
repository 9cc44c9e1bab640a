/** Which publications of a topic have been here: those of one node come in the order of their numbers. */
import type { Entry } from './backplane.ts'

type Name = Pick<Entry, 'node' | 'sequence'>

/** Nodes that are remembered: those that published last. Nodes come and go, and each restart is another one. */
const MOST = 1000

export class Seen {
  readonly #last = new Map<string, number>()

  has({ node, sequence }: Name): boolean {
    return sequence <= (this.#last.get(node) ?? 0)
  }

  /** False when it has been here before. */
  note(name: Name): boolean {
    const { node, sequence } = name
    if (this.has(name)) return false
    this.#last.delete(node)
    this.#last.set(node, sequence)
    if (this.#last.size > MOST) for (const oldest of this.#last.keys()) return this.#last.delete(oldest)
    return true
  }
}
