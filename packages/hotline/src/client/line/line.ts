/** A line that stays up: what an application holds. */
import { deferred, rejected } from '../../connection/deferred.ts'
import { UsageError } from '../../errors.ts'
import { closedError, Keeper } from './keeper.ts'
import { Listeners } from './listeners.ts'
import { type ConnectOptions, defined, type Place, type Resolved, resolveConnect } from './options.ts'
import { type LineData, sizeOf } from './outbox.ts'
import { type AskOptions, copyOf, entrust, onAbort } from './sending.ts'
import type { ForEach } from './socket.ts'
import { type Handler, type LineNotice, Speech } from './speech.ts'
import { type LineEnd, type LineState, type LineStatus, LONGEST } from './state.ts'
import type { Told, Topic, TopicOptions } from './topic.ts'
import { Unread } from './unread.ts'

/** What a line tells its listeners. */
export interface LineEvents {
  /** Its state changed. */
  readonly status: LineState
  /** A message came; while there is a listener, `for await` gets none. */
  readonly message: LineData
  /** A message was dropped: `queue` before it was sent, `unread` before it was read. */
  readonly drop: { readonly from: 'queue' | 'unread'; readonly data: LineData }
  /** A server of hotline.1 said something about itself. */
  readonly notice: LineNotice
}

/** What became of a publication: its offset, where the topic has history. */
export interface Published {
  readonly offset?: number
}

/** What `publish` takes beside the data. */
export interface PublishOptions {
  /**
   * False when the publisher, if it is subscribed, is not to get it too.
   * @defaultValue true
   */
  readonly self?: boolean | undefined
  /** Takes it back, as long as it waits; later, nobody waits for the answer. */
  readonly signal?: AbortSignal | undefined
}

/** Milliseconds that a request waits for its answer, when nothing else was said. */
const REQUEST_TIMEOUT = 30_000

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
  readonly #opened = deferred<void>()
  readonly #closed = deferred<LineEnd>()
  /** Fulfilled when the line is open for the first time; rejected when it is closed before. */
  readonly opened: Promise<void> = this.#opened.promise
  /** Fulfilled with the last end, when the line is closed for good. */
  readonly closed: Promise<LineEnd> = this.#closed.promise
  readonly #options: Resolved
  readonly #keeper: Keeper
  readonly #speech: Speech
  readonly #listeners: Listeners<LineEvents>
  readonly #unread: Unread<LineData>
  #dropped = 0

  /** @internal */
  constructor(url: ForEach<string | URL>, options: ConnectOptions, place: Place) {
    this.#options = resolveConnect(url, options, place)
    this.#listeners = new Listeners(this.#options.report)
    this.#unread = new Unread(this.#options.maxUnread, data => this.#drop('unread', data))
    this.#keeper = new Keeper(this.#options, {
      changed: state => this.#changed(state),
      message: data => this.#message(data),
      lost: ({ error }) => this.#speech.lost(error),
      dropped: data => this.#drop('queue', data),
      question: () => (this.#speech.on ? this.#speech.ping : this.#options.heartbeat?.message),
    })
    this.#speech = new Speech(this.#options, this.#keeper, this.#listeners)
    this.#keeper.connect()
    this.closed.then(onAbort(this.#options.signal, error => void this.#keeper.close(undefined, undefined, error)))
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

  /** Calls back at each event of this name. Returns what ends that. */
  on<K extends keyof LineEvents>(name: K, listener: (event: LineEvents[K]) => unknown): () => void {
    return this.#listeners.on(name, listener)
  }

  /**
   * Sends a message, or has it wait until the line is open. Binary may be changed afterwards. Not over hotline.1, where all
   * that is sent is `publish`, `request` and the like.
   *
   * @returns fulfilled when the WebSocket has it; rejects with a LimitError when too much waits, with a ClosedError when the
   *   line closed for good before, or with ERR_ABORTED
   */
  send(data: string | ArrayBuffer | ArrayBufferView, options: LineSendOptions = {}): Promise<void> {
    if (this.#speech.possible) return rejected(new UsageError('hotline.1 has publish and request, not send'))
    return entrust(this.#keeper, this.#options.clock, copyOf(data), options, () => {}).promise
  }

  /**
   * Subscribes to a topic, now and whenever the line comes back. What was missed meanwhile comes first, or it is told that it
   * could not.
   *
   * @throws UsageError when the line has the topic already, or is not of hotline.1
   * @example
   * ```ts
   * import { connect } from 'hotline/client'
   *
   * const line = connect('wss://example.com/topics')
   * for await (const { data, recovered, passed } of line.topic('chat/lobby', { last: 20 })) {
   *   if (!recovered || passed > 0) console.log('something is missing here')
   *   console.log(data)
   * }
   * ```
   */
  topic(name: string, options: TopicOptions = {}): Topic {
    return this.#speech.topic(name, options)
  }

  /**
   * Publishes to a topic, as soon as the line is open.
   *
   * @param data - any JSON value, or bytes
   * @returns fulfilled when the server has taken it, with its offset where the topic has history; rejects with a RequestError
   *   when it has not, and with ERR_CONNECTION when the line was lost before anybody could know
   */
  publish(topic: string, data: unknown, { self, signal }: PublishOptions = {}): Promise<Published> {
    const message = { type: 'publish', topic, data, self }
    return this.#speech.ask<Told<'published'>, Published>(message, { signal }, ({ offset }) => defined({ offset }))
  }

  /**
   * Asks the server, as soon as the line is open.
   *
   * @param data - any JSON value, or bytes
   * @returns the reply; rejects with a RequestError, with a TimeoutError after `timeout` (30 s by default, 0 for never), and
   *   with ERR_CONNECTION when the line was lost meanwhile
   */
  request(name: string, data?: unknown, options: AskOptions = {}): Promise<unknown> {
    const { timeout = REQUEST_TIMEOUT, signal } = options
    const wait = timeout && Math.ceil(Math.min(Math.max(timeout, 1), LONGEST))
    const message = { type: 'request', name, data, timeout: wait || undefined }
    return this.#speech.ask<Told<'reply'>, unknown>(message, { timeout: wait, signal }, reply => reply.data)
  }

  /**
   * Answers requests of the server by this name. What it throws is `failed` to the server and told to `report`; a RequestError
   * is its code and reason. Returns what ends that.
   */
  answer(name: string, handler: Handler): () => void {
    return this.#speech.handle(name, handler)
  }

  /**
   * The messages that come, those among them that came before anybody read. Leaving the loop leaves the line open. It ends
   * when `close` was called, and throws what closed the line otherwise.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array<ArrayBuffer>, void, undefined> {
    const unread = this.#unread
    for (let data = await unread.next(); data !== undefined; data = await unread.next()) yield data
  }

  /**
   * Closes the line for good. What waits to be sent is sent if the line is open.
   *
   * @param code - 1000 or 3000 to 4999
   * @param reason - at most 123 bytes of UTF-8
   * @returns fulfilled when the closing handshake is over, or has taken 5 s
   * @throws UsageError for another code or a longer reason, whatever the line is doing
   */
  close(code?: number, reason?: string): Promise<void> {
    return this.#keeper.close(code, reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #changed(state: LineState): void {
    if (state.status === 'open') {
      this.#opened.resolve()
      this.#speech.opened()
    }
    if (state.status === 'closed') {
      const { end } = state
      const error = closedError(end)
      const wished = end.by === 'caller'
      this.#unread.end(wished ? undefined : error)
      this.#speech.end(error, wished)
      this.#opened.reject(error)
      this.#closed.resolve(end)
    }
    if (this.#keeper.state === state) this.#listeners.tell('status', state)
  }

  #message(data: LineData): void {
    if (this.#speech.on) this.#speech.message(data)
    else if (this.#listeners.has('message')) this.#listeners.tell('message', data)
    else this.#unread.push(data, sizeOf(data))
  }

  #drop(from: 'queue' | 'unread', data: LineData): void {
    this.#dropped++
    // What a listener of it sends and drops is told by the promise alone, or there would be no end to it.
    if (this.#listeners.telling !== 'drop') this.#listeners.tell('drop', { from, data })
  }
}
