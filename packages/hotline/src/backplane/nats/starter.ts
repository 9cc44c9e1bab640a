/** Begins what is consumed when NATS is there, and whenever it is there again. */
import type { Consumption } from '../backplane.ts'
import type { Session } from './link.ts'

/** Consumptions that are begun at a time, after NATS has come back. */
const AT_ONCE = 16

/** Something that is begun on each connection. */
export interface Part extends Consumption {
  begin(session: Session): Promise<void> | void
}

/** Tells that something does not go on, and why. */
export type Trouble = (what: string, cause: Error) => void

/** Begins what is consumed on one connection, some at a time, so that thousands of topics do not ask NATS all at once. */
export class Starter {
  readonly #session: Session
  readonly #queue: Set<Part>
  #beginning = 0

  constructor(session: Session, parts: Iterable<Part>) {
    this.#session = session
    this.#queue = new Set(parts)
    this.#next()
  }

  add(part: Part): void {
    this.#queue.add(part)
    this.#next()
  }

  delete(part: Part): void {
    this.#queue.delete(part)
  }

  #next(): void {
    for (const part of this.#queue) {
      if (this.#beginning >= AT_ONCE || this.#session.over) return
      this.#queue.delete(part)
      this.#beginning++
      void this.#begin(part)
    }
  }

  async #begin(part: Part): Promise<void> {
    await part.begin(this.#session)
    this.#beginning--
    this.#next()
  }
}
