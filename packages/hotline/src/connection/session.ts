/** The life of one socket: its connection, its inbox, who takes its messages, and what happens when that one fails. */
import { ClosedError } from '../errors.ts'
import { CloseCode, type Closed } from '../protocol/close.ts'
import { Connection, type ConnectionOwner, type ConnectionParts } from './connection.ts'
import { type Deferred, deferred } from './deferred.ts'
import { Inbox, type InboxOwner, type Message, type MessageHandler } from './inbox.ts'

/** What happens with an error that an application's code threw; a method of the session. */
export type Report<S extends Session = Session> = (this: S, error: unknown) => void

export class Session implements ConnectionOwner, InboxOwner {
  readonly connection: Connection
  readonly #inbox: Inbox
  readonly #report: Report
  /** Made when somebody asks. */
  #closed: Deferred<Closed> | undefined
  #afterLast: ((result: Closed) => void) | undefined
  #result: Closed | undefined
  #readers: ((result: IteratorResult<Message, undefined>) => void)[] | undefined
  #idlers: (() => void)[] | undefined
  #running: Promise<unknown> | undefined
  #taken = false
  #controller: AbortController | undefined
  #isClosing = false
  #failed = false

  constructor(parts: ConnectionParts, report: Report) {
    this.#report = report
    this.#inbox = new Inbox(parts.limits.highMark, this)
    this.connection = new Connection(parts, this)
  }

  get result(): Closed | undefined {
    return this.#result
  }

  get whenClosed(): Promise<Closed> {
    if (this.#closed === undefined) {
      this.#closed = deferred()
      if (this.#result !== undefined) this.#closed.resolve(this.#result)
    }
    return this.#closed.promise
  }

  /** True when a handler takes the messages, so that they cannot be read. */
  get taken(): boolean {
    return this.#taken
  }

  /** Aborted when the closing handshake begins, or the line is lost. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isClosing) this.#controller.abort(this.connection.closedError())
    return this.#controller.signal
  }

  /** Gives every message to the handler, the next one when its promise has settled; first waits for `opening`. */
  deliverTo(handler: MessageHandler<this>, opening: unknown): void {
    this.#taken = true
    this.#inbox.waitFor(opening)
    this.#inbox.deliverTo(handler as MessageHandler)
  }

  /** Whatever the application runs beside its messages: a route's function, a close handler. Its failure is a handler's. */
  running(work: Promise<unknown>): void {
    const done: Promise<unknown> = work
      .catch(error => this.handlerFailed(error))
      .finally(() => {
        if (this.#running === done) this.#running = undefined
      })
    this.#running = done
  }

  /** Fulfilled when no code of the application works on a message; a function that waits for the next one does not. */
  async whenIdle(): Promise<void> {
    await this.#inbox.whenIdle()
    if (this.#running === undefined || (this.#isRead && this.#result === undefined)) return
    const reads = new Promise<void>(resolve => {
      this.#idlers ??= []
      this.#idlers.push(resolve)
    })
    await Promise.race([this.#running, reads])
  }

  /** Calls back when the line is closed and every message before has been handled. */
  afterLast(callback: (result: Closed) => void): void {
    this.#afterLast = callback
    if (this.#result !== undefined) this.#endSoon(this.#result)
  }

  /** The next message, or `done` when the line is closed and all has been read. */
  read(): Promise<IteratorResult<Message, undefined>> {
    const message = this.#inbox.shift()
    if (message !== undefined) return Promise.resolve({ done: false, value: message })
    if (this.#result !== undefined) return Promise.resolve({ done: true, value: undefined })
    for (const idler of this.#idlers?.splice(0) ?? []) idler()
    return new Promise(resolve => {
      this.#readers ??= []
      this.#readers.push(resolve)
    })
  }

  /** An application's code failed: its own line closes with 1011, and the error is told once. RFC 6455 §7.4.1 */
  handlerFailed(error: unknown): void {
    if (this.#isClosing && error instanceof ClosedError) return
    const told = this.#failed
    this.#failed = true
    this.#inbox.discard()
    this.connection.close(CloseCode.internalError, 'the handler failed')
    if (!told) this.#report.call(this, error)
  }

  // ConnectionOwner

  text(data: string): void {
    this.#receive(data)
  }

  binary(data: Uint8Array<ArrayBuffer>): void {
    this.#receive(data)
  }

  closing(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#controller?.abort(this.connection.closedError())
  }

  closed(result: Closed): void {
    this.#result = result
    this.#closed?.resolve(result)
    this.#endSoon(result)
    for (const reader of this.#readers?.splice(0) ?? []) reader({ done: true, value: undefined })
  }

  // InboxOwner

  pauseReading(): void {
    this.connection.pauseReading()
  }

  resumeReading(): void {
    this.connection.resumeReading()
  }

  #endSoon(result: Closed): void {
    const callback = this.#afterLast
    if (callback !== undefined) queueMicrotask(() => this.#inbox.end(() => callback(result)))
  }

  /** True while the application waits for the next message. */
  get #isRead(): boolean {
    return this.#readers !== undefined && this.#readers.length > 0
  }

  #receive(message: Message): void {
    if (this.#failed) return
    const reader = this.#readers?.shift()
    if (reader === undefined) this.#inbox.push(message)
    else reader({ done: false, value: message })
  }
}
