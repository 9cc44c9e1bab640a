/** The line of the page: it takes the pulse of the server, and asks what else somebody wants to know. */
import { connect, type LineState } from 'hotline/client'
import type { Beginning, Pulse } from '../serve/status/wire.ts'

export interface FeedOwner {
  status(state: LineState): void
  /** A line is open: who is at the other end. */
  began(beginning: Beginning): void
  /** One of each process that has answered. */
  pulses(pulses: readonly Pulse[]): void
}

const open = (token: string) =>
  connect(new URL('/status/line', location.href.replace(/^http/, 'ws')), {
    token,
    backoff: { base: 500, cap: 5_000 },
  })

/** Milliseconds between two pulses. */
const EVERY = 1_000
/** Milliseconds until an answer is not waited for any more. */
const PATIENCE = 5_000

export class Feed {
  readonly #owner: FeedOwner
  readonly #line: ReturnType<typeof open>
  #timer = 0
  #last = 0
  #left = false

  constructor(token: string, owner: FeedOwner) {
    this.#owner = owner
    this.#line = open(token)
    this.#line.on('status', state => {
      if (this.#left) return
      owner.status(state)
      if (state.status === 'open') void this.#begin()
    })
  }

  get isOpen(): boolean {
    return !this.#left && this.#line.status === 'open'
  }

  /** Undefined where there is no answer: the line was lost, or the server has no such thing. */
  async ask<T>(name: string, data?: unknown): Promise<T | undefined> {
    try {
      return (await this.#line.request(name, data, { timeout: PATIENCE })) as T
    } catch {
      return undefined
    }
  }

  /** Its owner hears no more of it. */
  leave(): void {
    this.#left = true
    window.clearTimeout(this.#timer)
    void this.#line.close()
  }

  async #begin(): Promise<void> {
    const beginning = await this.ask<Beginning>('status/begin')
    if (beginning === undefined || this.#left) return
    this.#owner.began(beginning)
    void this.#take()
  }

  /** The next one when the last has come: a server that is slow is not asked more often for it. */
  async #take(): Promise<void> {
    window.clearTimeout(this.#timer)
    const pulses = (await this.ask<readonly Pulse[]>('status/pulse')) ?? []
    if (!this.isOpen) return
    const newest = Math.max(this.#last, ...pulses.map(({ at }) => at))
    if (newest > this.#last) this.#owner.pulses(pulses)
    this.#last = newest
    window.clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => void this.#take(), EVERY)
  }
}
