/** Where output goes: what was received to standard output, everything else to standard error. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'

export interface Outlet {
  /** What was received. Fulfilled when there is room for more. */
  data(text: string): Promise<void>
  /** A word to the person. */
  note(text: string): void
}

/** Two streams, such as those of the process. */
export class StreamOutlet implements Outlet {
  readonly #out: Writable
  readonly #err: Writable

  constructor(out: Writable, err: Writable) {
    this.#out = out
    this.#err = err
  }

  async data(text: string): Promise<void> {
    if (!this.#out.write(`${text}\n`) && !this.#out.destroyed) await once(this.#out, 'drain')
  }

  note(text: string): void {
    this.#err.write(`${text}\n`)
  }
}
