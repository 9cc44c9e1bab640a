/** The requests of one client: each is answered once, by its handler or because it takes too long or is not wanted any more. */
import type { Clock } from '../../connection/clock.ts'
import { type ClosedError, RequestError, TimeoutError, WebSocketError } from '../../errors.ts'
import { type Failure, type Reply, type Request, WireError } from '../../topics/wire/messages.ts'
import type { RequestContext } from '../routes.ts'

/** What answers, and who is told. */
export interface AnsweringOwner {
  readonly maxRequests: number
  readonly requestTimeout: number
  /** Undefined when nobody answers requests of this name. */
  handlerOf(name: string): ((data: unknown, context: RequestContext) => unknown) | undefined
  /** Throws what the encoder throws at data that it cannot write. */
  tell(message: Reply | Failure): void
  failed(error: unknown): void
  /** The client has passed a limit. */
  limited(option: 'maxRequests' | 'requestTimeout', value: number): void
}

/** One request without an answer. */
interface Open {
  readonly controller: AbortController
  readonly timer: { clear(): void }
}

export class Answering {
  readonly #owner: AnsweringOwner
  readonly #clock: Clock
  readonly #open = new Map<number, Open>()
  /** Handlers that have not settled: those of answered requests too, since they still cost something. */
  readonly #working = new Set<Promise<void>>()

  constructor(owner: AnsweringOwner, clock: Clock) {
    this.#owner = owner
    this.#clock = clock
  }

  /** True for the id of a request without an answer. */
  has(id: number): boolean {
    return this.#open.has(id)
  }

  take({ id, name, data, timeout }: Request): void {
    const handler = this.#owner.handlerOf(name)
    if (handler === undefined) {
      this.#fail(id, WireError.unknownRequest, `nobody answers requests named ${name.slice(0, 80)}`)
    } else if (this.#working.size >= this.#owner.maxRequests) {
      this.#owner.limited('maxRequests', this.#owner.maxRequests)
      this.#fail(id, WireError.limit, `more than ${this.#owner.maxRequests} requests at a time`)
    } else {
      const controller = new AbortController()
      const ms = Math.min(timeout ?? this.#owner.requestTimeout, this.#owner.requestTimeout)
      this.#open.set(id, { controller, timer: this.#clock.setTimeout(() => this.#late(id, ms), ms) })
      const work = this.#work(id, () => handler(data, controller)).finally(() => this.#working.delete(work))
      this.#working.add(work)
    }
  }

  /** The client does not want the answer any more; nothing happens when it has got it already. */
  cancel(id: number): void {
    this.#giveUp(id, WireError.cancelled, new WebSocketError('ERR_ABORTED', 'the client cancelled the request'))
  }

  /** The line is closed: nobody waits for answers. */
  close(error: ClosedError): void {
    for (const { controller, timer } of this.#open.values()) {
      timer.clear()
      controller.abort(error)
    }
    this.#open.clear()
  }

  /** Fulfilled when no handler works. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.#working)
  }

  async #work(id: number, handler: () => unknown): Promise<void> {
    try {
      const data = await handler()
      if (this.#open.has(id)) this.#owner.tell(data === undefined ? { type: 'reply', id } : { type: 'reply', id, data })
      this.#settle(id)
    } catch (error) {
      const wanted = this.#settle(id)
      if (wanted && error instanceof RequestError) this.#fail(id, error.answer.code, error.answer.reason)
      else if (wanted) {
        this.#fail(id, WireError.failed, 'the handler failed')
        this.#owner.failed(error)
      }
    }
  }

  #late(id: number, ms: number): void {
    const limit = { option: 'requestTimeout', value: ms }
    // Not where the client wanted it sooner.
    if (ms === this.#owner.requestTimeout) this.#owner.limited('requestTimeout', ms)
    this.#giveUp(id, WireError.timeout, new TimeoutError('the request was not answered', limit))
  }

  #giveUp(id: number, code: string, error: WebSocketError): void {
    const open = this.#open.get(id)
    if (!this.#settle(id)) return
    this.#fail(id, code, error.message)
    open?.controller.abort(error)
  }

  /** False when it has its answer already. */
  #settle(id: number): boolean {
    this.#open.get(id)?.timer.clear()
    return this.#open.delete(id)
  }

  #fail(id: number, code: string, reason: string): void {
    this.#owner.tell({ type: 'error', id, code, reason })
  }
}
