/** Messages on their way to the application: in order, one at a time, with a mark at which reading pauses. */

import { SENT } from './deferred.ts'

/** A message: text is a string, binary is bytes that belong to the receiver. */
export type Message = string | Uint8Array<ArrayBuffer>

/** What takes messages, as a method of the inbox's owner; the next one waits for the promise that it may return. */
export type MessageHandler<Owner = InboxOwner> = (this: Owner, message: Message) => unknown

/** What an inbox needs of its connection. */
export interface InboxOwner {
  pauseReading(): void
  resumeReading(): void
  /** A handler threw or rejected. */
  handlerFailed(error: unknown): void
}

/** Bytes that a waiting message costs beside its content. */
const OVERHEAD = 64

const sizeOf = (message: Message): number => message.length + OVERHEAD

export class Inbox {
  readonly #owner: InboxOwner
  readonly #mark: number
  #handler: MessageHandler | undefined
  /** True while a handler's promise is pending: nothing is delivered then. */
  #busy = false
  #waiting: Message[] = NONE
  #next = 0
  #size = 0
  #paused = false
  #ended = false
  #afterLast: (() => void) | undefined
  #idlers: (() => void)[] | undefined

  constructor(mark: number, owner: InboxOwner) {
    this.#mark = mark
    this.#owner = owner
  }

  push(message: Message): void {
    if (this.#handler !== undefined && !this.#busy && this.#next === this.#waiting.length) {
      this.#deliver(message)
      return
    }
    if (this.#waiting === NONE) this.#waiting = [message]
    else this.#waiting.push(message)
    this.#size += sizeOf(message)
    if (this.#size > this.#mark && !this.#paused) {
      this.#paused = true
      this.#owner.pauseReading()
    }
  }

  /** Delivers to this handler from now on, beginning with what waits; undefined stops it. */
  deliverTo(handler: MessageHandler | undefined): void {
    this.#handler = handler
    this.#pump()
  }

  /** Delivers nothing until the promise has settled; true when it is one that has to be waited for. */
  waitFor(result: unknown): boolean {
    if (!isThenable(result)) return false
    this.#busy = true
    result.then(
      () => this.#settled(),
      error => this.#failed(error),
    )
    return true
  }

  /** Takes one message, when there is one. */
  shift(): Message | undefined {
    const message = this.#take()
    this.#tellIdlers()
    this.#relieve()
    return message
  }

  /** Forgets what waits, and takes nothing more. */
  discard(): void {
    this.#handler = undefined
    this.#waiting = NONE
    this.#next = this.#size = 0
    this.#tellIdlers()
  }

  #take(): Message | undefined {
    if (this.#next === this.#waiting.length) return undefined
    const message = this.#waiting[this.#next++] as Message
    if (this.#next === this.#waiting.length) {
      this.#waiting = NONE
      this.#next = 0
    } else if (this.#next === 1024) {
      this.#waiting.splice(0, this.#next)
      this.#next = 0
    }
    this.#size -= sizeOf(message)
    return message
  }

  /** Reads on when little waits; more may be pushed inside. */
  #relieve(): void {
    if (!this.#paused || this.#size > this.#mark / 2) return
    this.#paused = false
    this.#owner.resumeReading()
  }

  /** Fulfilled when no handler works and nothing waits for one. */
  whenIdle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve()
    return new Promise(resolve => {
      this.#idlers ??= []
      this.#idlers.push(resolve)
    })
  }

  get #isIdle(): boolean {
    return !this.#busy && this.#next === this.#waiting.length
  }

  #tellIdlers(): void {
    const idlers = this.#idlers
    if (idlers === undefined || !this.#isIdle) return
    this.#idlers = undefined
    for (const idler of idlers) idler()
  }

  /** No message follows: calls back once the last one has been handled. */
  end(afterLast: () => void): void {
    this.#ended = true
    this.#afterLast = afterLast
    this.#pump()
  }

  #deliver(message: Message): void {
    try {
      this.waitFor((this.#handler as MessageHandler).call(this.#owner, message))
    } catch (error) {
      this.#owner.handlerFailed(error)
    }
  }

  #pump(): void {
    while (this.#handler !== undefined && !this.#busy) {
      const message = this.#take()
      if (message === undefined) break
      this.#deliver(message)
      this.#relieve()
    }
    this.#tellIdlers()
    if (!this.#ended || this.#busy || this.#afterLast === undefined) return
    if (this.#handler !== undefined && this.#next < this.#waiting.length) return
    const afterLast = this.#afterLast
    this.#afterLast = undefined
    afterLast()
  }

  #settled(): void {
    this.#busy = false
    this.#pump()
  }

  #failed(error: unknown): void {
    this.#busy = false
    this.#owner.handlerFailed(error)
    this.#pump()
  }
}

/** Nothing waits: shared by all, never pushed to. */
const NONE: Message[] = []

/** What has to be waited for; `SENT` has not, since it is fulfilled already. */
const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  value !== SENT &&
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { then?: unknown }).then === 'function'
