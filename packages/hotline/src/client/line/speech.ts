/** A line that speaks hotline.1: who waits for which answer, which topics it has, and what the server asks. docs/protocol.md */
import { rejected } from '../../connection/deferred.ts'
import { ProtocolError, RequestError, UsageError, WebSocketError } from '../../errors.ts'
import { MAX_FAULTS, type ServerMessage, type WireClose } from '../../topics/wire/messages.ts'
import type { Keeper } from './keeper.ts'
import { defined, type Resolved } from './options.ts'
import { type LineData, sizeOf } from './outbox.ts'
import { type AskOptions, entrust } from './sending.ts'
import { type Told, Topic, type TopicOptions } from './topic.ts'

/** Answers a request of the server; what it throws is `failed` to the server, but a RequestError is its own code and reason. */
export type Handler = (data: unknown, context: { readonly signal: AbortSignal }) => unknown

/** What answers a message of ours. */
type Answer = Told<'subscribed' | 'published' | 'reply'>

/** Something that was sent, or is to be, and has no answer yet. */
interface Asked {
  isSent(): boolean
  done(answer: Answer): void
  fail(error: Error): void
}

/** The close code of the wire's table, as a number of its own: the table would go to pages. */
const PROTOCOL_FAULT: typeof WireClose.protocol = 4400

const plain = (): UsageError => new UsageError('the line does not speak hotline.1')

export class Speech {
  readonly #options: Resolved
  readonly #keeper: Keeper
  readonly #topics = new Map<string, Topic>()
  readonly #asked = new Map<number, Asked>()
  readonly #handlers = new Map<string, Handler>()
  /** Requests of the server that are being answered. */
  readonly #answering = new Map<number, AbortController>()
  #nextId = 1
  #faults = 0

  constructor(options: Resolved, keeper: Keeper) {
    this.#options = options
    this.#keeper = keeper
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
    if (!this.possible) throw plain()
    if (this.#topics.has(name)) throw new UsageError(`the line has the topic ${name} already`)
    const { maxUnread, report } = this.#options
    const topic: Topic = new Topic(name, options, maxUnread, report, () => this.#leave(topic))
    this.#topics.set(name, topic)
    if (this.#keeper.state.status === 'open') this.#subscribe(topic)
    return topic
  }

  handle(name: string, handler: Handler): () => void {
    if (this.#handlers.has(name)) throw new UsageError(`requests ${name} are answered already`)
    this.#handlers.set(name, handler)
    return () => this.#handlers.delete(name)
  }

  /** Sends a message that is answered, as soon as the line is open. */
  ask<A extends Answer, T>(
    message: { readonly type: string },
    options: AskOptions,
    read: (answer: A) => T,
  ): Promise<T> {
    if (!this.possible) return rejected(plain())
    const id = this.#nextId++
    let data: LineData
    try {
      data = this.#encode({ ...message, id })
    } catch (error) {
      return rejected(new UsageError(`it cannot be written: ${(error as Error).message}`, 'data'))
    }
    const errand = entrust<T>(this.#keeper, this.#options.clock, data, options, () => {
      if (message.type === 'request') this.#tell({ type: 'cancel', id })
    })
    const { promise, fail } = errand
    const forget = (): void => void this.#asked.delete(id)
    this.#asked.set(id, { isSent: () => errand.sent, done: answer => errand.done(read(answer as A)), fail })
    promise.then(forget, forget)
    return promise
  }

  /** The line is open: topics before what waits. */
  opened(): void {
    this.#faults = 0
    if (!this.on) this.end(plain())
    for (const topic of this.#topics.values()) this.#subscribe(topic)
  }

  /** The connection is gone: nobody knows what became of what was on its way. */
  lost(cause: Error | undefined): void {
    const error = new WebSocketError('ERR_CONNECTION', 'the line was lost before the answer', { cause })
    for (const { isSent, fail } of [...this.#asked.values()]) if (isSent()) fail(error)
    this.#abandon(error)
  }

  /** The line is over, or does not speak hotline.1 after all. Topics end without an error where it was the caller's wish. */
  end(error: Error, wished = false): void {
    for (const topic of this.#topics.values()) topic.end(wished ? undefined : error)
    this.#topics.clear()
    for (const { fail } of [...this.#asked.values()]) fail(error)
    this.#abandon(error)
  }

  /** Nobody waits for what the server asked. */
  #abandon(error: Error): void {
    for (const controller of this.#answering.values()) controller.abort(error)
    this.#answering.clear()
  }

  /**
   * Takes a message. Its fields are not checked one by one, to be small in pages: what cannot be used is counted, what is of
   * no use is passed over.
   */
  message(data: LineData): void {
    const message = this.#options.form.decode(data) as ServerMessage | undefined
    try {
      if (message !== undefined && this.#take(message, sizeOf(data))) return
    } catch {}
    if (message === undefined || ++this.#faults > MAX_FAULTS) {
      const error = new ProtocolError('this is not hotline.1', PROTOCOL_FAULT)
      this.#keeper.fail(error, error.closeCode, error.message)
    } else this.#refuse(message, 'malformed')
  }

  #refuse(message: unknown, code: string): void {
    this.#tell({ type: 'error', id: (message as { id?: number } | null)?.id, code, reason: code })
  }

  /** False for what is no message at all. */
  #take(message: ServerMessage, size: number): boolean {
    switch (message.type) {
      case 'welcome':
        this.#keeper.quietAtMost(message.heartbeat)
        break
      case 'retry':
        this.#keeper.retryAfter(message.after)
        break
      case 'publication':
        this.#topics.get(message.topic)?.published(message.data, message.offset, size)
        break
      case 'passed':
        this.#topics.get(message.topic)?.passed(message.count)
        break
      case 'presence':
        this.#live(message.topic)?.present(message)
        break
      case 'unsubscribed':
        if (!message.id) this.#end(this.#live(message.topic), message)
        break
      case 'request':
        this.#answer(message)
        break
      case 'cancel':
        this.#answering.get(message.id)?.abort()
        break
      case 'error':
        if (message.id) this.#asked.get(message.id)?.fail(new RequestError(message.code, message.reason))
        break
      case 'subscribed':
      case 'published':
      case 'reply':
        this.#asked.get(message.id)?.done(message)
        break
      case 'pong':
        break
      default:
        if (typeof (message as { type: unknown }).type !== 'string') return false
        if ((message as { id?: number }).id) this.#refuse(message, 'unknown-type')
    }
    return true
  }

  /** The topic that this was said of: one that was left and is had again is another. */
  #live(name: string): Topic | undefined {
    const topic = this.#topics.get(name)
    return topic?.isLive ? topic : undefined
  }

  #subscribe(topic: Topic): void {
    const id = this.#nextId++
    const done = (act: () => void): void => {
      this.#asked.delete(id)
      if (this.#topics.get(topic.name) === topic) act()
    }
    this.#asked.set(id, {
      isSent: () => true,
      done: message => done(() => topic.subscribed(message as Told<'subscribed'>)),
      // A line that is lost subscribes again when it is back; an answer of the server is one.
      fail: error => done(() => error instanceof RequestError && this.#end(topic, error.answer)),
    })
    this.#tell({ type: 'subscribe', id, ...topic.wanted() })
  }

  #end(topic: Topic | undefined, { code = '', reason = '' }: { code?: string; reason?: string }): void {
    if (topic === undefined) return
    this.#topics.delete(topic.name)
    topic.end(new RequestError(code, reason))
  }

  #leave(topic: Topic): void {
    if (this.#topics.get(topic.name) !== topic) return
    this.#topics.delete(topic.name)
    this.#tell({ type: 'unsubscribe', id: this.#nextId++, topic: topic.name })
  }

  async #answer({ id, name, data }: Told<'request'>): Promise<void> {
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
      answer = this.#encode({ type: 'error', id, ...(known ? error.answer : { code: 'failed', reason: 'failed' }) })
    }
    // Another line may be there by now, which did not ask.
    if (this.#answering.get(id) !== controller) return
    this.#answering.delete(id)
    if (controller.signal.aborted) this.#tell({ type: 'error', id, code: 'cancelled', reason: 'cancelled' })
    else this.#keeper.tell(answer)
  }

  #tell(message: object): void {
    this.#keeper.tell(this.#encode(message))
  }

  /** What is undefined is not there: not every form leaves it out by itself. */
  #encode(message: object): LineData {
    return this.#options.form.encode(defined(message)) as LineData
  }
}
