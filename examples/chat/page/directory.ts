/** The busy rooms of all servers: each tells those that it knows. */
import { busiest, type Known, type Rooms } from '../messages.ts'

/** Milliseconds after which a server that says nothing more is gone: it would have said the same again. */
const GONE = 15_000

export class Directory {
  readonly #now: () => number
  /** By server, the one that has told last behind the others. */
  readonly #lists = new Map<string, { readonly rooms: Rooms; readonly at: number }>()

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Takes what one server knows, and gives what all know. */
  take({ server, rooms }: Known): Rooms {
    const now = this.#now()
    this.#lists.delete(server)
    this.#lists.set(server, { rooms, at: now })
    for (const [other, { at }] of this.#lists) if (now - at >= GONE) this.#lists.delete(other)
    // Each counts the people of all servers, so the news of a room is not added to what was told before.
    const told = [...this.#lists.values()].flatMap(list => list.rooms)
    const counts = new Map(told.map(({ room, count }) => [room, count]))
    return busiest([...counts].map(([room, count]) => ({ room, count })))
  }

  /** They are told anew. */
  clear(): void {
    this.#lists.clear()
  }
}
