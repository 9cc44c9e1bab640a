/** Listeners, which may come and go while they are called. */
export class Ears<T> {
  #all: readonly { readonly listener: T; live: boolean }[] = []

  get isEmpty(): boolean {
    return this.#all.length === 0
  }

  /** Returns what ends it: then it is not called any more. */
  add(listener: T): () => void {
    const ear = { listener, live: true }
    this.#all = [...this.#all, ear]
    return () => {
      ear.live = false
      this.#all = this.#all.filter(one => one !== ear)
    }
  }

  /** Calls those that are here now, and not those that come meanwhile. */
  each(call: (listener: T) => void): void {
    for (const ear of this.#all) if (ear.live) call(ear.listener)
  }
}
