/** The patterns that somebody on this node reads: each is watched once. */
import type { Backplane, Consumption, Entry } from './backplane.ts'

interface Watch {
  consumption: Consumption | undefined
  isOpen: boolean
  readonly waiters: Set<() => void>
}

export class Watches {
  readonly #signed: (topic: string, entry: Entry) => void
  readonly #watches = new Map<string, Watch>()

  constructor(signed: (topic: string, entry: Entry) => void) {
    this.#signed = signed
  }

  isOpen(pattern: string): boolean {
    return this.#watches.get(pattern)?.isOpen === true
  }

  isAwaited(pattern: string): boolean {
    return (this.#watches.get(pattern)?.waiters.size ?? 0) > 0
  }

  /** @param backplane - undefined while it is not there yet: then `start` goes on */
  add(pattern: string, backplane: Backplane | undefined): void {
    if (this.#watches.has(pattern)) return
    this.#watches.set(pattern, { consumption: undefined, isOpen: false, waiters: new Set() })
    if (backplane !== undefined) this.start(backplane)
  }

  start(backplane: Backplane): void {
    for (const [pattern, watch] of this.#watches) {
      if (watch.consumption !== undefined) continue
      watch.consumption = backplane.watch(pattern, this.#signed)
      void watch.consumption.ready.then(() => this.#opened(watch))
    }
  }

  whenOpen(pattern: string, waiter: () => void): () => void {
    const waiters = this.#watches.get(pattern)?.waiters
    waiters?.add(waiter)
    return () => waiters?.delete(waiter)
  }

  end(pattern: string): void {
    this.#watches.get(pattern)?.consumption?.end()
    this.#watches.delete(pattern)
  }

  #opened(watch: Watch): void {
    watch.isOpen = true
    for (const waiter of watch.waiters) {
      watch.waiters.delete(waiter)
      waiter()
    }
  }
}
