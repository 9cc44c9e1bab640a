/**
 * Listeners by the name of an event. One that throws is reported, and keeps nobody else from being told. What happens while they
 * are told is told afterwards, so that all of them hear the same order.
 */

export class Listeners<Events extends object> {
  readonly #report: (error: unknown) => void
  /** The name of what is being told. */
  telling: keyof Events | undefined
  /** Begins with that. */
  #untold: (() => void)[] = []
  readonly #listeners: { [K in keyof Events]?: ((event: Events[K]) => unknown)[] } = {}

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  /** @returns what takes the listener away */
  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => unknown): () => void {
    // A function of its own: who takes it away leaves the same listener of somebody else.
    const own: typeof listener = event => listener(event)
    this.#listeners[name] = [...(this.#listeners[name] ?? []), own]
    return () => {
      this.#listeners[name] = this.#listeners[name]?.filter(one => one !== own)
    }
  }

  has(name: keyof Events): boolean {
    return Boolean(this.#listeners[name]?.length)
  }

  tell<K extends keyof Events>(name: K, event: Events[K]): void {
    this.#untold.push(() => this.#tell(name, event))
    if (this.#untold.length > 1) return
    try {
      for (const tell of this.#untold) tell()
    } finally {
      this.#untold = []
      this.telling = undefined
    }
  }

  #tell<K extends keyof Events>(name: K, event: Events[K]): void {
    this.telling = name
    for (const listener of this.#listeners[name] ?? []) {
      try {
        const result = listener(event)
        if (result instanceof Promise) result.catch(this.#report)
      } catch (error) {
        this.#report(error)
      }
    }
  }
}
