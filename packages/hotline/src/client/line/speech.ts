/** A line that speaks hotline.1: who waits for which answer, which topics it has, and what the server asks. docs/protocol.md */
import { rejected } from '../../connection/deferred.ts'
import { ProtocolError, RequestError, UsageError, WebSocketError } from '../../errors.ts'
import { MAX_FAULTS, type ServerMessage, type WireClose } from '../../topics/wire/messages.ts'
import { closedError, type Keeper } from './keeper.ts'
import type { Resolved } from './options.ts'
import { type LineData, sizeOf } from './outbox.ts'
import { type AskOptions, entrust } from './sending.ts'
import { type Told, Topic, type TopicOptions } from './topic.ts'

/** Answers a request of the server; what it throws is `failed` to the server, but a RequestError is its own code and reason. */
export type Handler = (data: unknown, context: { readonly signal: AbortSignal }) => unknown

/** What a server says about itself, for people and for programs. */
export interface LineNotice {
  /**
   * `interrupted`: what joins it with other servers is away, so publications of others come late, and its own wait or fail.
   * `restored`: it is back, and what was missed meanwhile was told by the topics. Others may come.
   */
  readonly code: string
  /** A sentence for people. */
  readonly reason: string
}

/** What answers a message of ours. */
type Answer = Told<'subscribed' | 'published' | 'reply'>

/** Something that was sent, or is to be, and has no answer yet. */
interface Asked {
  readonly isSent: boolean
  done(answer: Answer): unknown
  failed(error: Error): unknown
}

/** Those of the line. */
interface NoticeListeners {
  tell(name: 'notice', event: LineNotice): void
}

/** The close code of the wire's table, as a number of its own: the table would go to pages. */
const PROTOCOL_FAULT: typeof WireClose.protocol = 4400

/** What is checked, in all messages alike; what is not here can do no harm. docs/protocol.md, "Fields" */
interface Fields {
  readonly type?: unknown
  readonly id?: number
  readonly topic?: string
  readonly epoch?: string
  readonly offset?: number
  readonly count?: number
  readonly after?: number
  readonly code?: string
  readonly reason?: string
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown): boolean => typeof value === 'string'

const NOT_OURS = 'the line does not speak hotline.1'

export class Speech {
  readonly #options: Resolved
  readonly #keeper: Keeper
  readonly #listeners: NoticeListeners
  readonly #topics = new Map<string, Topic>()
  readonly #asked = new Map<number, Asked>()
  readonly #handlers = new Map<string, Handler>()
  /** Requests of the server that are being answered: a thousand at most. */
  readonly #answering = new Map<number, AbortController>()
  #nextId = 1
  #faults = 0

  constructor(options: Resolved, keeper: Keeper, listeners: NoticeListeners) {
    this.#options = options
    this.#keeper = keeper
    this.#listeners = listeners
  }

  /** True while what comes and goes is hotline.1. */
  get on(): boolean {
    const { state } = this.#keeper
    return state.status === 'open' && state.protocol === this.#options.form.protocol
  }

  /** Whether the line is one of hotline.1: it is, or may be when it is open. */
  get possible(): boolean {
    const { form, protocols } = this.#options
    return this.#keeper.state.status === 'open' ? this.on : protocols.includes(form.protocol)
  }

  /** What asks the server for a sign of life. */
  get ping(): LineData {
    return this.#encode({ type: 'ping' })
  }

  topic(name: string, options: TopicOptions): Topic {
    if (!this.possible) throw new UsageError(NOT_OURS)
    if (this.#topics.has(name)) throw new UsageError(`the line has ${name}: leave it first`)
    const { maxUnread, report } = this.#options
    const { state } = this.#keeper
    const topic: Topic = new Topic(name, options, maxUnread, report, () => this.#leave(topic))
    if (state.status === 'closed') topic.end(closedError(state.end))
    else this.#topics.set(name, topic)
    if (state.status === 'open') this.#subscribe(topic)
    return topic
  }

  handle(name: string, handler: Handler): () => void {
    if (this.#handlers.has(name)) throw new UsageError(`${name} is answered already`)
    this.#handlers.set(name, handler)
    return () => this.#handlers.delete(name)
  }

  /** Sends a message that is answered, as soon as the line is open. */
  ask<A extends Answer, T>(
    message: { readonly type: string },
    options: AskOptions,
    read: (answer: A) => T,
  ): Promise<T> {
    if (!this.possible) return rejected(new UsageError(NOT_OURS))
    const id = this.#nextId++
    let data: LineData
    try {
      data = this.#encode({ ...message, id })
    } catch (error) {
      return rejected(new UsageError((error as Error).message, 'data'))
    }
    const { clock } = this.#options
    const errand = entrust<Answer, T>(this.#keeper, clock, data, options, read as (answer?: Answer) => T, () => {
      if (message.type === 'request') this.#tell({ type: 'cancel', id })
    })
    const { promise } = errand
    const forget = (): void => void this.#asked.delete(id)
    this.#asked.set(id, errand)
    promise.then(forget, forget)
    return promise
  }

  /** The line is open: topics before what waits. */
  opened(): void {
    this.#faults = 0
    if (!this.on) this.end(new UsageError(NOT_OURS))
    for (const topic of this.#topics.values()) this.#subscribe(topic)
  }

  /** The connection is gone: nobody knows what became of what was on its way. */
  lost(cause: Error | undefined): void {
    const error = new WebSocketError('ERR_CONNECTION', 'the line was lost', { cause })
    for (const [id, { isSent }] of this.#asked) if (isSent) this.#asker(id)?.failed(error)
    this.#abandon(error)
  }

  /** The line is over, or does not speak hotline.1 after all. Topics end without an error where it was the caller's wish. */
  end(error: Error, wished = false): void {
    for (const topic of this.#topics.values()) topic.end(wished ? undefined : error)
    this.#topics.clear()
    for (const id of this.#asked.keys()) this.#asker(id)?.failed(error)
    this.#abandon(error)
  }

  /** Nobody waits for what the server asked. */
  #abandon(error: Error): void {
    for (const controller of this.#answering.values()) controller.abort(error)
    this.#answering.clear()
  }

  /** Takes a message. What cannot be used is counted, what is of no use is passed over. */
  message(data: LineData): void {
    const message = this.#options.form.decode(data) as ServerMessage | undefined
    try {
      if (message !== undefined && this.#take(message, sizeOf(data))) return
    } catch {}
    if (message === undefined || ++this.#faults > MAX_FAULTS) {
      this.#keeper.fail(new ProtocolError(NOT_OURS, PROTOCOL_FAULT), PROTOCOL_FAULT, NOT_OURS)
    } else this.#refuse((message as { id?: number } | null)?.id, 'malformed')
  }

  #refuse(id: number | undefined, code: string): void {
    this.#tell({ type: 'error', id, code, reason: code })
  }

  /** False for what is no message, or one with a field that cannot be. */
  #take(message: ServerMessage, size: number): boolean {
    const fields: Fields = message
    const { id = 0, topic: name = '', epoch = '', offset = 0, count = 0, after = 0, code = '', reason = '' } = fields
    if (![id, offset, count, after].every(isCount)) return false
    if (![fields.type, name, epoch, code, reason].every(isText)) return false
    const named = this.#topics.get(name)
    // What comes before the answer to `subscribe` was for the topic before.
    const topic = named?.isLive ? named : undefined
    const error = (): RequestError => new RequestError(code, reason)
    switch (message.type) {
      case 'welcome':
        this.#keeper.quietAtMost(message.heartbeat)
        break
      case 'retry':
        this.#keeper.retryAfter(after)
        break
      case 'notice':
        this.#listeners.tell('notice', { code, reason })
        break
      case 'publication':
        topic?.published(message.data, message.offset, size)
        break
      case 'passed':
        topic?.passed(count)
        break
      case 'presence':
        topic?.present(message)
        break
      case 'unsubscribed':
        if (!id && topic) this.#end(topic, error())
        break
      case 'request':
        if (!id) return false
        if (this.#answering.has(id)) this.#refuse(id, 'duplicate-id')
        else if (this.#answering.size >= 1_000) this.#refuse(id, 'limit')
        else this.#answer(message)
        break
      case 'cancel':
        this.#answering.get(id)?.abort()
        break
      case 'error':
        this.#asker(id)?.failed(error())
        break
      case 'subscribed':
        if (id) this.#asker(id)?.done(message)
        else topic?.subscribed(message)
        break
      case 'published':
      case 'reply':
        this.#asker(id)?.done(message)
        break
      case 'pong':
        break
      default:
        if (id) this.#refuse(id, 'unknown-type')
    }
    return true
  }

  #subscribe(topic: Topic): void {
    const id = this.#nextId++
    this.#asked.set(id, {
      isSent: true,
      done: message => this.#has(topic) && topic.subscribed(message as Told<'subscribed'>),
      // A line that is lost subscribes again when it is back; an answer of the server is one.
      failed: error => error instanceof RequestError && this.#end(topic, error),
    })
    this.#tell({ type: 'subscribe', id, ...topic.wanted() })
  }

  #end(topic: Topic, error: RequestError): void {
    if (this.#forget(topic)) topic.end(error)
  }

  #leave(topic: Topic): void {
    if (this.#forget(topic)) this.#tell({ type: 'unsubscribe', id: this.#nextId++, topic: topic.name })
  }

  /** False when the line does not have it any more, but maybe another one of its name. */
  #has(topic: Topic): boolean {
    return this.#topics.get(topic.name) === topic
  }

  #forget(topic: Topic): boolean {
    return this.#has(topic) && this.#topics.delete(topic.name)
  }

  /** Who waits for this answer, and will not any more. */
  #asker(id: number): Asked | undefined {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    return asked
  }

  async #answer({ id, name = '', data }: Told<'request'>): Promise<void> {
    const controller = new AbortController()
    const handler = this.#handlers.get(name)
    let answer: LineData
    this.#answering.set(id, controller)
    try {
      if (handler === undefined) throw new RequestError('unknown-request', name)
      answer = this.#encode({ type: 'reply', id, data: await handler(data, { signal: controller.signal }) })
    } catch (error) {
      const known = error instanceof RequestError
      if (!known && !controller.signal.aborted) this.#options.report(error)
      answer = this.#encode({ type: 'error', id, ...(known ? error : new RequestError('failed', 'failed')).answer })
    }
    // Another line may be there by now, which did not ask.
    if (this.#answering.get(id) !== controller) return
    this.#answering.delete(id)
    if (controller.signal.aborted) this.#refuse(id, 'cancelled')
    else this.#keeper.tell(answer)
  }

  #tell(message: object): void {
    this.#keeper.tell(this.#encode(message))
  }

  #encode(message: object): LineData {
    return this.#options.form.encode(message) as LineData
  }
}
