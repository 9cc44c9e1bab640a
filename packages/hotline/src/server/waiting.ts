/** Subscriptions that wait until their topic is on this server. */
import type { Subscribed, Subscriber } from '../topics/subscriber.ts'

/** One subscription that waits. */
interface Wait {
  /** Takes back what would call back. */
  forget(): void
  end(subscribed: Subscribed): void
}

/** What becomes of one that ends before it has begun. */
const NOTHING: Subscribed = { replayed: 0 }

export class Waiting {
  readonly #waits = new Map<Subscriber, Map<string, Set<Wait>>>()

  has(subscriber: Subscriber): boolean {
    return this.#waits.has(subscriber)
  }

  /**
   * @param when - calls back when the topic is there, and returns what takes that back
   * @param enter - makes the subscription
   * @returns what became of it; rejected with what `enter` throws, which is safe to leave alone
   */
  add(
    [subscriber, name]: readonly [Subscriber, string],
    when: (callback: () => void) => () => void,
    enter: () => Subscribed,
  ): Promise<Subscribed> {
    const ready = new Promise<Subscribed>((resolve, reject) => {
      const wait: Wait = { forget: () => {}, end: resolve }
      this.#waitsOf(subscriber, name).add(wait)
      wait.forget = when(() => {
        this.#remove(subscriber, name, wait)
        try {
          resolve(enter())
        } catch (error) {
          reject(error)
        }
      })
    })
    ready.catch(() => {})
    return ready
  }

  /** True when it waited for the topic; it does no longer. */
  cancel(subscriber: Subscriber, name: string): boolean {
    const waits = this.#waits.get(subscriber)?.get(name)
    for (const wait of waits ?? []) this.#end(subscriber, name, wait)
    return waits !== undefined
  }

  /** It waits for nothing any more. */
  remove(subscriber: Subscriber): void {
    for (const name of [...(this.#waits.get(subscriber)?.keys() ?? [])]) this.cancel(subscriber, name)
  }

  #end(subscriber: Subscriber, name: string, wait: Wait): void {
    this.#remove(subscriber, name, wait)
    wait.forget()
    wait.end(NOTHING)
  }

  #waitsOf(subscriber: Subscriber, name: string): Set<Wait> {
    let names = this.#waits.get(subscriber)
    if (names === undefined) this.#waits.set(subscriber, (names = new Map()))
    let waits = names.get(name)
    if (waits === undefined) names.set(name, (waits = new Set()))
    return waits
  }

  #remove(subscriber: Subscriber, name: string, wait: Wait): void {
    const names = this.#waits.get(subscriber)
    const waits = names?.get(name)
    waits?.delete(wait)
    if (waits?.size === 0) names?.delete(name)
    if (names?.size === 0) this.#waits.delete(subscriber)
  }
}
