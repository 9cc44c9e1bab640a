/** What is to be done over the line, one after the other: each until the server has answered, however often the line is lost. */
import { RequestError, WebSocketError } from 'hotline/client'

/** `refused` is for good: the server has said why. */
export type ErrandState = 'waiting' | 'going' | 'done' | 'refused'

export interface ErrandsOwner<T> {
  /** Does it, or goes on with it; what was done already must not be done twice by it. */
  deliver(errand: T, signal: AbortSignal): Promise<void>
  /** @param why - what the server said, where that is of use */
  changed(errand: T, state: ErrandState, why?: string): void
  /** Fulfilled after a while; then what the server had no time for is tried again. */
  pause(): Promise<void>
}

/** The server cannot do it now, though the line is open. */
const UNAVAILABLE = 'unavailable'

/** Answers, and errors of the line, after which it is worth trying again. */
const PASSING = [
  ...['limit', 'failed', 'timeout', 'cancelled', UNAVAILABLE],
  ...['ERR_CONNECTION', 'ERR_CLOSED', 'ERR_TIMEOUT'],
]

export class Errands<T> {
  readonly #owner: ErrandsOwner<T>
  readonly #waiting = new Set<T>()
  /** With the reasons. */
  readonly #refused = new Map<T, string>()
  #current: { readonly errand: T; readonly controller: AbortController } | undefined
  #open = false
  #busy = false

  constructor(owner: ErrandsOwner<T>) {
    this.#owner = owner
  }

  /** Those that have no answer yet, and those that were refused. */
  get all(): readonly T[] {
    return [...this.#waiting, ...this.#refused.keys()]
  }

  add(errand: T): void {
    this.#waiting.add(errand)
    this.#owner.changed(errand, 'waiting')
    this.#run()
  }

  /** Says of each how it stands. */
  tell(): void {
    for (const errand of this.#waiting) this.#owner.changed(errand, 'waiting')
    for (const [errand, why] of this.#refused) this.#owner.changed(errand, 'refused', why)
  }

  /** Once more, after it was refused. */
  again(errand: T): void {
    if (this.#refused.delete(errand)) this.add(errand)
  }

  /** It has been done, as is seen elsewhere, and need not be tried again. What is being tried has an answer of its own. */
  done(errand: T): void {
    if (this.#current?.errand === errand) return
    const waited = this.#waiting.delete(errand)
    if (this.#refused.delete(errand) || waited) this.#owner.changed(errand, 'done')
  }

  /** It is not wanted any more. */
  drop(errand: T): void {
    this.#waiting.delete(errand)
    this.#refused.delete(errand)
    if (this.#current?.errand === errand) this.#current.controller.abort()
  }

  /** The line is open. */
  go(): void {
    this.#open = true
    this.#run()
  }

  /** The line is lost: what is on its way rejects by itself. */
  halt(): void {
    this.#open = false
  }

  get #next(): T | undefined {
    const [first] = this.#waiting
    return this.#open ? first : undefined
  }

  async #run(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    for (let errand = this.#next; errand !== undefined; errand = this.#next) {
      if (await this.#try(errand)) await this.#owner.pause()
    }
    this.#busy = false
  }

  /** True when it is to be tried again after a while. */
  async #try(errand: T): Promise<boolean> {
    const controller = new AbortController()
    this.#current = { errand, controller }
    this.#owner.changed(errand, 'going')
    try {
      await this.#owner.deliver(errand, controller.signal)
      if (this.#waiting.delete(errand)) this.#owner.changed(errand, 'done')
      return false
    } catch (error) {
      return this.#failed(errand, error)
    } finally {
      this.#current = undefined
    }
  }

  #failed(errand: T, error: unknown): boolean {
    // It was dropped meanwhile.
    if (!this.#waiting.has(errand)) return false
    const { code, reason } = answerOf(error)
    if (!this.#open || PASSING.includes(code)) {
      if (code === UNAVAILABLE) this.#owner.changed(errand, 'waiting', reason)
      else this.#owner.changed(errand, 'waiting')
      return this.#open
    }
    this.#waiting.delete(errand)
    this.#refused.set(errand, reason)
    this.#owner.changed(errand, 'refused', reason)
    return false
  }
}

function answerOf(error: unknown): { readonly code: string; readonly reason: string } {
  if (error instanceof RequestError) return error.answer
  return { code: error instanceof WebSocketError ? error.code : '', reason: (error as Error).message }
}
