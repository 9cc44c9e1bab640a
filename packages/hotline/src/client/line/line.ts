/** A line that stays up: what an application holds. */
import { deferred } from '../../connection/deferred.ts'
import { UsageError } from '../../errors.ts'
import type { ForEach } from './attempt.ts'
import { closedError, Keeper } from './keeper.ts'
import { Listeners } from './listeners.ts'
import { type ConnectOptions, type Place, type Resolved, resolveConnect } from './options.ts'
import { type LineData, sizeOf } from './outbox.ts'
import { copyOf, hand, onAbort } from './sending.ts'
import type { LineEnd, LineState, LineStatus } from './state.ts'
import { Unread } from './unread.ts'

/** What a line tells its listeners. */
export interface LineEvents {
  /** Its state changed. */
  readonly status: LineState
  /** A message came; while there is a listener, `for await` gets none. */
  readonly message: LineData
  /** A message was dropped: `queue` before it was sent, `unread` before it was read. */
  readonly drop: { readonly from: 'queue' | 'unread'; readonly data: LineData }
}

/** What `send` takes beside the data. */
export interface LineSendOptions {
  /** Takes the message back, as long as it waits. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A line that stays up. Messages are read by `for await`; what a line of hotline.1 has beside them are topics and requests.
 *
 * A message is given to the network once: one that was on its way when the connection was lost may have arrived or not.
 */
export class Line implements AsyncDisposable {
  readonly #options: Resolved
  readonly #keeper: Keeper
  readonly #listeners: Listeners<LineEvents>
  readonly #unread: Unread<LineData>
  readonly #opened = deferred<void>()
  readonly #closed = deferred<LineEnd>()
  #forgetSignal = (): void => {}
  #dropped = 0

  /** @internal */
  constructor(url: ForEach<string | URL>, options: ConnectOptions, place: Place) {
    this.#options = resolveConnect(url, options, place)
    this.#listeners = new Listeners(this.#options.report)
    this.#unread = new Unread(this.#options.maxUnread, data => this.#drop('unread', data))
    this.#keeper = new Keeper(this.#options, {
      changed: state => this.#changed(state),
      opened: () => {},
      message: data => this.#message(data),
      lost: () => {},
      dropped: data => this.#drop('queue', data),
      question: () => this.#options.heartbeat?.message,
    })
    this.#keeper.start()
    this.#forgetSignal = onAbort(this.#options.signal, error => void this.#keeper.close(undefined, undefined, error))
  }

  /** `connecting`, `open`, `waiting` for the next attempt, or `closed` for good. */
  get status(): LineStatus {
    return this.#keeper.state.status
  }

  /** The status with what is true in it: the subprotocol, the time until the next attempt, why the last one ended. */
  get state(): LineState {
    return this.#keeper.state
  }

  /** Messages that wait to be sent. */
  get pending(): number {
    return this.#keeper.pending
  }

  /** Messages that were dropped, by the policy of the queue or unread. */
  get dropped(): number {
    return this.#dropped
  }

  /** Fulfilled when the line is open for the first time; rejected when it is closed before. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  /** Fulfilled with the last end, when the line is closed for good. */
  get closed(): Promise<LineEnd> {
    return this.#closed.promise
  }

  /** Calls back at each event of this name. Returns what ends that. */
  on<K extends keyof LineEvents>(name: K, listener: (event: LineEvents[K]) => unknown): () => void {
    return this.#listeners.on(name, listener)
  }

  /**
   * Sends a message, or has it wait until the line is open. Binary may be changed afterwards.
   *
   * @returns fulfilled when the WebSocket has it; rejects with a LimitError when too much waits, with a ClosedError when the
   *   line closed for good before, or with ERR_ABORTED
   */
  send(data: string | ArrayBuffer | ArrayBufferView, options: LineSendOptions = {}): Promise<void> {
    return hand(this.#keeper, copyOf(data), options.signal)
  }

  /**
   * The messages that come, those among them that came before anybody read. Leaving the loop leaves the line open. It ends
   * when `close` was called, and throws what closed the line otherwise.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array<ArrayBuffer>, void, undefined> {
    for (;;) {
      const { done, value } = await this.#unread.next()
      if (done) return
      yield value
    }
  }

  /**
   * Closes the line for good. What waits to be sent is sent if the line is open.
   *
   * @param code - 1000 or 3000 to 4999
   * @param reason - at most 123 bytes of UTF-8
   * @returns fulfilled when the closing handshake is over, or has taken 5 s
   */
  close(code?: number, reason?: string): Promise<void> {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
      throw new UsageError(`a close code must be 1000 or 3000 to 4999, not ${code}`, 'code')
    if (reason !== undefined && new TextEncoder().encode(reason).length > 123)
      throw new UsageError('a close reason has at most 123 bytes in UTF-8', 'reason')
    return this.#keeper.close(code, reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #changed(state: LineState): void {
    if (state.status === 'open') this.#opened.resolve()
    if (state.status === 'closed') this.#finish(state.end)
    this.#listeners.tell('status', state)
  }

  #finish(end: LineEnd): void {
    this.#forgetSignal()
    const error = closedError(end)
    this.#unread.end(end.by === 'caller' ? undefined : error)
    this.#opened.reject(error)
    this.#closed.resolve(end)
  }

  #message(data: LineData): void {
    if (this.#listeners.has('message')) this.#listeners.tell('message', data)
    else this.#unread.push(data, sizeOf(data))
  }

  #drop(from: 'queue' | 'unread', data: LineData): void {
    this.#dropped++
    this.#listeners.tell('drop', { from, data })
  }
}
