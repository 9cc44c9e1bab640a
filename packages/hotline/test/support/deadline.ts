/** Waiting for what happens in the real world, with a deadline and a word for what was waited for. */

/** Milliseconds that anything may take on a busy machine. */
const PATIENCE = 8_000

/** The promise's result; rejects when that takes too long. */
export async function within<T>(what: string, promise: PromiseLike<T>, ms = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Things that happen one after the other, and promises for the moment at which enough of them have. */
export class Log<T> {
  readonly all: T[] = []
  #waiting = new Set<() => void>()

  push(...events: readonly T[]): void {
    this.all.push(...events)
    this.changed()
  }

  /** Looks again at what is waited for: something that is not in the list has happened. */
  changed(): void {
    for (const look of this.#waiting) look()
  }

  /** Fulfilled when the test passes, which is looked at after each event. */
  async until(what: string, passes: (all: readonly T[]) => boolean, ms?: number): Promise<void> {
    let look = (): void => {}
    const passed = new Promise<void>(resolve => {
      look = () => passes(this.all) && resolve()
    })
    this.#waiting.add(look)
    look()
    try {
      await within(what, passed, ms)
    } catch (error) {
      throw new Error(`${(error as Error).message}; there was ${describe(this.all)}`)
    } finally {
      this.#waiting.delete(look)
    }
  }

  /** The first event that passes, once it has come. */
  async find<S extends T>(what: string, is: (event: T) => event is S, ms?: number): Promise<S> {
    await this.until(what, all => all.some(is), ms)
    return this.all.find(is) as S
  }
}

const describe = (events: readonly unknown[]): string =>
  events.length === 0 ? 'nothing' : JSON.stringify(events.slice(-20)).slice(0, 2000)
