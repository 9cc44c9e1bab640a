/** What this node has published and expects back: it need not be read again, and who does not want its own is remembered. */
import type { Source } from '../topics/source.ts'
import type { Subscriber } from '../topics/subscriber.ts'

export interface Echo {
  readonly source: Source
  readonly except: Subscriber | undefined
  /** When it was published. */
  readonly at: number
}

/** What did not come back within so many milliseconds, or when there are more, comes as others' do, if it comes. */
const LATEST = 150_000
const MOST = 65_536

export class Echoes {
  /** By their numbers, which grow. */
  readonly #all = new Map<number, Echo>()

  add(sequence: number, echo: Echo): void {
    this.#all.set(sequence, echo)
    for (const [oldest, { at }] of this.#all) {
      if (this.#all.size <= MOST && echo.at - at < LATEST) return
      this.#all.delete(oldest)
    }
  }

  /** It has come back, or nobody here reads it. */
  take(sequence: number): Echo | undefined {
    const echo = this.#all.get(sequence)
    this.#all.delete(sequence)
    return echo
  }
}
