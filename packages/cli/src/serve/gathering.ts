/** The figures of all workers, for the one that was asked: it asks the process that started them, and that asks all. */
import type { Figures, Measured } from './orders.ts'

/** Milliseconds that a worker may take: the figures of one that is busy for longer are left out. */
const PATIENCE = 2_000

/** A worker's side. */
export class Peers {
  readonly #ask: (of: number) => void
  readonly #waiting = new Map<number, (figures: readonly Figures[]) => void>()
  #last = 0

  constructor(ask: (of: number) => void) {
    this.#ask = ask
  }

  /** Those of this one among them. */
  figures(): Promise<readonly Figures[]> {
    const of = ++this.#last
    return new Promise(resolve => {
      this.#waiting.set(of, resolve)
      this.#ask(of)
    })
  }

  answered({ measured, of }: Omit<Measured, 'hotline'>): void {
    this.#waiting.get(of)?.(measured)
    this.#waiting.delete(of)
  }
}

interface Gathering {
  readonly figures: Figures[]
  left: number
  end(): void
}

/** The side of the process that started them. */
export class Gatherings {
  readonly #open = new Map<number, Gathering>()
  #last = 0

  /**
   * @param ask - has the workers asked by this number, and says how many those are
   * @param tell - gets what has come when all have answered, or the time is over
   */
  begin(ask: (of: number) => number, tell: (figures: readonly Figures[]) => void): void {
    const of = ++this.#last
    const figures: Figures[] = []
    const end = (): void => {
      clearTimeout(timer)
      if (this.#open.delete(of)) tell(figures)
    }
    const timer = setTimeout(end, PATIENCE)
    const gathering = { figures, left: 0, end }
    this.#open.set(of, gathering)
    gathering.left = ask(of)
    if (gathering.left === 0) end()
  }

  add(of: number, figures: Figures): void {
    const gathering = this.#open.get(of)
    if (gathering === undefined) return
    gathering.figures.push(figures)
    if (--gathering.left === 0) gathering.end()
  }
}
