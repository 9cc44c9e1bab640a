/** Work in the order in which it came: at once, unless something before it takes time. */

export class Sequence {
  /** What still takes time. Never rejects. */
  #last: Promise<void> | undefined

  /**
   * Goes on with the result of `work`, which begins when all before is done.
   *
   * @returns what `done` returns; a promise of it where that takes time, which rejects with what either throws
   */
  add<T>(work: () => T | Promise<T>, done: (result: T) => unknown): unknown {
    if (this.#last !== undefined) return this.#wait(this.#last.then(work), done)
    const result = work()
    return result instanceof Promise ? this.#wait(result, done) : done(result)
  }

  #wait<T>(work: Promise<T>, done: (result: T) => unknown): Promise<unknown> {
    let came: unknown
    const given = work.then(result => {
      came = done(result)
    })
    // What a handler throws keeps nothing that came later from being done, and nothing waits for what it returns.
    const last = given.then(ignore, ignore).then(() => {
      if (this.#last === last) this.#last = undefined
    })
    this.#last = last
    return given.then(() => came)
  }
}

const ignore = (): void => {}
