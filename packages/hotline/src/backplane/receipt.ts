/** What `publish` returns with a backplane: how many read it here, and, for those who look, what became of it. */
import type { Position, Published } from '../topics/subscriber.ts'

type Outcome = { readonly place: Position | undefined } | { readonly error: Error }

export class Receipt implements Published {
  readonly subscribers: number
  #outcome: Outcome | undefined
  #settle: ((outcome: Outcome) => void) | undefined
  #stored: Promise<Position | undefined> | undefined

  constructor(subscribers: number) {
    this.subscribers = subscribers
  }

  /** Made when somebody looks: most do not. A rejection that is looked at is never unhandled. */
  get stored(): Promise<Position | undefined> {
    if (this.#stored !== undefined) return this.#stored
    const stored = new Promise<Outcome>(resolve => {
      this.#settle = resolve
      if (this.#outcome !== undefined) resolve(this.#outcome)
    }).then(outcome => {
      if ('error' in outcome) throw outcome.error
      return outcome.place
    })
    stored.catch(ignore)
    this.#stored = stored
    return stored
  }

  /** True when somebody looks. */
  get isWatched(): boolean {
    return this.#stored !== undefined
  }

  settle(outcome: Outcome): void {
    this.#outcome ??= outcome
    this.#settle?.(outcome)
  }
}

const ignore = (): void => {}
