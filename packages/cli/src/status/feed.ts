/** The line of the page: it takes the pulse of the server, and asks what is not told by itself. */
import { connect, type LineState } from 'hotline/client'
import type { Beginning, Pulse } from '../serve/status/wire.ts'

export interface FeedOwner {
  status(state: LineState): void
  /** A line is open: who is at the other end. */
  began(beginning: Beginning): void
  pulse(pulse: Pulse): void
}

const open = (token: string) =>
  connect(new URL('/status/line', location.href.replace(/^http/, 'ws')), {
    token,
    backoff: { base: 500, cap: 5_000 },
  })

/** Milliseconds until an answer is not waited for any more. */
const PATIENCE = 5_000

export class Feed {
  readonly #owner: FeedOwner
  readonly #line: ReturnType<typeof open>
  #topic: ReturnType<ReturnType<typeof open>['topic']> | undefined

  constructor(token: string, owner: FeedOwner) {
    this.#owner = owner
    this.#line = open(token)
    this.#line.on('status', state => {
      owner.status(state)
      if (state.status === 'open') void this.#begin()
    })
  }

  get isOpen(): boolean {
    return this.#line.status === 'open'
  }

  /** Undefined where there is no answer: the line was lost, or the server has no such thing. */
  async ask<T>(name: string, data?: unknown): Promise<T | undefined> {
    try {
      return (await this.#line.request(name, data, { timeout: PATIENCE })) as T
    } catch {
      return undefined
    }
  }

  /** Each process has a topic of its own, and behind an address may be several. */
  async #begin(): Promise<void> {
    const beginning = await this.ask<Beginning>('status/begin')
    if (beginning === undefined) return
    this.#owner.began(beginning)
    if (this.#topic?.name === beginning.topic) return
    this.#topic?.leave()
    this.#topic = this.#line.topic(beginning.topic)
    this.#topic.on('publication', ({ data }) => this.#owner.pulse(data as Pulse))
  }
}
