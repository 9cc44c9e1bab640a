/** What one worker wants to know of all: it asks the process that started them, and that asks them. */

/** What can be asked; `worker` where it is meant for one of them alone. */
export interface Question {
  readonly about: string
  readonly data?: unknown
  readonly worker?: number | undefined
}

/** The answer of one of them. */
export interface Said {
  readonly worker: number | string
  readonly value: unknown
}

/** The workers that share a port, as one of them knows them. */
export interface Crew {
  /** Which one it is. */
  readonly number: number
  /** The answers of those that are asked, this one among them; of one that is too slow there is none. */
  ask(question: Question): Promise<readonly Said[]>
}

/** Milliseconds that a worker may take: what one that is busy for longer would say is left out. */
const PATIENCE = 2_000

/** A worker's side. */
export class Peers {
  readonly #want: (of: number, question: Question) => void
  readonly #waiting = new Map<number, (said: readonly Said[]) => void>()
  #last = 0

  constructor(want: (of: number, question: Question) => void) {
    this.#want = want
  }

  ask(question: Question): Promise<readonly Said[]> {
    const of = ++this.#last
    return new Promise(resolve => {
      this.#waiting.set(of, resolve)
      this.#want(of, question)
    })
  }

  answered(of: number, said: readonly Said[]): void {
    this.#waiting.get(of)?.(said)
    this.#waiting.delete(of)
  }
}

interface Gathering {
  readonly said: Said[]
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
  begin(ask: (of: number) => number, tell: (said: readonly Said[]) => void): void {
    const of = ++this.#last
    const said: Said[] = []
    const end = (): void => {
      clearTimeout(timer)
      if (this.#open.delete(of)) tell(said)
    }
    const timer = setTimeout(end, PATIENCE)
    const gathering = { said, left: 0, end }
    this.#open.set(of, gathering)
    gathering.left = ask(of)
    if (gathering.left === 0) end()
  }

  add(of: number, said: Said): void {
    const gathering = this.#open.get(of)
    if (gathering === undefined) return
    gathering.said.push(said)
    if (--gathering.left === 0) gathering.end()
  }
}
