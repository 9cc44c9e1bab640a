/** Listeners by the name of an event. One that throws is reported, and keeps nobody else from being told. */

export class Listeners<Events extends object> {
  readonly #report: (error: unknown) => void
  readonly #listeners: { [K in keyof Events]?: ((event: Events[K]) => unknown)[] } = {}

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  /** @returns what takes the listener away */
  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => unknown): () => void {
    this.#listeners[name] = [...(this.#listeners[name] ?? []), listener]
    return () => {
      this.#listeners[name] = this.#listeners[name]?.filter(one => one !== listener)
    }
  }

  has(name: keyof Events): boolean {
    return this.#listeners[name] !== undefined && this.#listeners[name].length > 0
  }

  tell<K extends keyof Events>(name: K, event: Events[K]): void {
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
