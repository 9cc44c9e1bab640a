/** The server's end of one line that speaks hotline.1. docs/protocol.md */
import type { Clock } from '../../connection/clock.ts'
import { SENT } from '../../connection/deferred.ts'
import type { Message } from '../../connection/inbox.ts'
import type { Prepared } from '../../connection/prepared.ts'
import { ClosedError, RequestError } from '../../errors.ts'
import { CloseCode } from '../../protocol/close.ts'
import { isTopic } from '../../topics/names.ts'
import type { Publication } from '../../topics/publication.ts'
import type { PresenceChange, PresenceState, Subscribed, Subscriber } from '../../topics/subscriber.ts'
import type { Topics } from '../../topics/topics.ts'
import { readClientMessage } from '../../topics/wire/client-messages.ts'
import {
  type ClientMessage,
  type Fault,
  MAX_FAULTS,
  type Members,
  type Publish,
  type Request,
  type ServerMessage,
  type Subscribe,
  type Unsubscribe,
  VERSION,
  WireClose,
  WireError,
} from '../../topics/wire/messages.ts'
import type { ServerSocket } from '../routes.ts'
import { Answering, type AnsweringOwner } from './answering.ts'
import { Asking, type AskingOwner, type RequestOptions } from './asking.ts'
import { type Framing, framingOf } from './frames.ts'
import type { LineRules, RequestContext } from './policy.ts'

/** Milliseconds after which a reader that was too slow may come back. */
const RETRY_SLOW = 1_000

export interface LineParts {
  readonly socket: ServerSocket
  readonly topics: Topics
  readonly rules: LineRules
  readonly clock: Clock
}

export class Line implements Subscriber, AnsweringOwner, AskingOwner {
  readonly #socket: ServerSocket
  readonly #topics: Topics
  readonly #rules: LineRules
  readonly #framing: Framing
  readonly #answering: Answering
  readonly #asking: Asking
  /** What the client has subscribed to. */
  readonly #subscribed = new Set<string>()
  #faults = 0
  /** Until the queue for the client is short again. */
  #room: Promise<void> | undefined

  constructor({ socket, topics, rules, clock }: LineParts) {
    this.#socket = socket
    this.#topics = topics
    this.#rules = rules
    this.#framing = framingOf(rules.form)
    this.#answering = new Answering(this, clock)
    this.#asking = new Asking(this, clock)
    this.#send({ type: 'welcome', version: VERSION, heartbeat: rules.heartbeat })
  }

  /** Takes a message; the next one waits for the promise, and so for a client that does not read its answers. */
  handle(message: Message): Promise<void> | undefined {
    const decoded = this.#rules.form.decode(message)
    if (decoded === undefined) {
      this.#socket.close(WireClose.protocol, `what came is not ${this.#rules.form.protocol}`)
      return undefined
    }
    return this.#take(readClientMessage(decoded, message.length)) ?? this.#room
  }

  /** Asks the client. */
  request(name: string, data: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#asking.request(name, data, options)
  }

  /** Ends a subscription that the client has, or that the application made; false when there is none. */
  unsubscribe(topic: string, code: string, reason: string): boolean {
    const known = this.#topics.unsubscribe(this, topic)
    if (this.#subscribed.delete(topic)) this.#send({ type: 'unsubscribed', topic, code, reason })
    return known
  }

  /** Tells the client when to come back: right before a close with 1012 or 1013. */
  retry(after: number): void {
    this.#send({ type: 'retry', after: Math.ceil(after) })
  }

  /** The line is closed. */
  closed(code: number, reason: string): void {
    const error = new ClosedError(code, reason)
    this.#topics.remove(this)
    this.#answering.close(error)
    this.#asking.close(error)
  }

  /** Fulfilled when no request is being answered. */
  whenIdle(): Promise<void> {
    return this.#answering.whenIdle()
  }

  // Subscriber

  get congested(): boolean {
    return this.#room !== undefined
  }

  send(publication: Publication): void {
    this.#write(publication.form(this.#framing))
  }

  passedOver(topic: string, count: number): void {
    this.#send({ type: 'passed', topic, count })
  }

  disconnect(_topic: string, reason: string): void {
    this.retry(RETRY_SLOW)
    this.#socket.close(CloseCode.tryAgainLater, reason)
  }

  presence({ topic, count, members, join, leave }: PresenceChange): void {
    this.#send({
      type: 'presence',
      topic,
      count,
      ...(members && { members: toObject(members) }),
      ...(join && { join: toObject(join) }),
      ...(leave && { leave }),
    })
  }

  /** A pong says that all before it has been read. RFC 6455 §5.5.3 */
  probe(): void {
    this.#socket.ping().then(
      () => this.#topics.heard(this),
      () => {},
    )
  }

  // AnsweringOwner, AskingOwner

  get maxRequests(): number {
    return this.#rules.maxRequests
  }

  get requestTimeout(): number {
    return this.#rules.requestTimeout
  }

  handlerOf(name: string): ((data: unknown, context: RequestContext) => unknown) | undefined {
    const { requests } = this.#rules
    const handler = Object.hasOwn(requests, name) ? requests[name] : undefined
    return handler && ((data, context) => handler(this.#socket as never, data as never, context))
  }

  answer(message: ServerMessage): void {
    this.#send(message)
  }

  ask(message: ServerMessage): void {
    this.#send(message)
  }

  failed(error: unknown): void {
    this.#rules.report(error, 'request', this.#socket)
  }

  #take(message: ClientMessage | Fault): Promise<void> | undefined {
    switch (message.type) {
      case 'fault':
        this.#faulty(message)
        return undefined
      case 'subscribe':
      case 'unsubscribe':
      case 'publish':
      case 'request':
        return this.#takeNew(message)
      case 'cancel':
        this.#answering.cancel(message.id)
        return undefined
      case 'reply':
      case 'error':
        this.#asking.settle(message)
        return undefined
      case 'ping':
        this.#send({ type: 'pong' })
        return undefined
    }
  }

  #takeNew(message: Subscribe | Unsubscribe | Publish | Request): Promise<void> | undefined {
    if (message.id !== undefined && this.#answering.has(message.id)) {
      this.#refuse(message.id, WireError.duplicateId, `request ${message.id} is still unanswered`)
      return undefined
    }
    if (message.type === 'request') this.#answering.take(message)
    else if (!isTopic(message.topic)) this.#refuse(message.id, WireError.topic, 'this is no name of a topic')
    else if (message.type === 'unsubscribe') this.#unsubscribe(message)
    else return message.type === 'subscribe' ? this.#subscribe(message) : this.#publish(message)
    return undefined
  }

  /** A few are answered; the line of a client that does nothing else is closed. */
  #faulty({ code, id, reason }: Fault): void {
    if (code === 'unknown-type') {
      if (id !== undefined) this.#refuse(id, WireError.unknownType, reason)
      return
    }
    this.#refuse(id, WireError.malformed, reason)
    if (++this.#faults >= MAX_FAULTS) {
      this.#socket.close(WireClose.protocol, `${MAX_FAULTS} malformed messages; the last: ${reason}`.slice(0, 120))
    }
  }

  async #subscribe({ id, topic, since, last, presence }: Subscribe): Promise<void> {
    const { policy, maxSubscriptions } = this.#rules
    if (this.#subscribed.has(topic)) {
      this.#refuse(id, WireError.alreadySubscribed, 'this line has the topic already')
    } else if (this.#subscribed.size >= maxSubscriptions) {
      this.#refuse(id, WireError.limit, `more than ${maxSubscriptions} subscriptions in one line`)
    } else {
      await this.#permitted(id, 'subscribe to', async () => {
        if (!(await policy.maySubscribe(this.#socket, topic))) return false
        const member = policy.memberOf(this.#socket, topic)
        if (this.#socket.state !== 'open') return true
        this.#subscribed.add(topic)
        const told = (subscribed: Subscribed): void => this.#tell(id, topic, subscribed, presence)
        this.#topics.subscribe(this, topic, { since, last, member, watch: presence, told })
        return true
      })
    }
  }

  #tell(id: number, topic: string, subscribed: Subscribed, presence: boolean | undefined): void {
    const { replayed: _, presence: state, ...place } = subscribed
    const there = presence === true && state !== undefined ? { presence: presenceOf(state) } : {}
    this.#send({ type: 'subscribed', id, topic, ...place, ...there } as ServerMessage)
  }

  #unsubscribe({ id, topic }: Unsubscribe): void {
    if (!this.#subscribed.delete(topic)) {
      this.#refuse(id, WireError.notSubscribed, 'this line does not have the topic')
      return
    }
    this.#topics.unsubscribe(this, topic)
    this.#send({ type: 'unsubscribed', id, topic })
  }

  async #publish({ id, topic, data, self }: Publish): Promise<void> {
    await this.#permitted(id, 'publish to', async () => {
      if (!(await this.#rules.policy.mayPublish(this.#socket, topic, data))) return false
      const { offset } = this.#topics.publish(topic, data, { except: self === false ? this : undefined })
      if (id !== undefined) this.#send({ type: 'published', id, ...(offset === undefined ? {} : { offset }) })
      return true
    })
  }

  /** Does what the application may deny, or fail at. */
  async #permitted(id: number | undefined, what: string, work: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await work())) this.#refuse(id, WireError.denied, `this client may not ${what} the topic`)
    } catch (error) {
      if (error instanceof RequestError) this.#refuse(id, error.answer.code, error.answer.reason)
      else {
        this.#refuse(id, WireError.failed, 'the server failed')
        this.#rules.report(error, 'topic', this.#socket)
      }
    }
  }

  #refuse(id: number | undefined, code: string, reason: string): void {
    this.#send(id === undefined ? { type: 'error', code, reason } : { type: 'error', id, code, reason })
  }

  #send(message: ServerMessage): void {
    this.#write(this.#rules.form.encode(message))
  }

  /** What is not sent at once makes the line congested, until the queue is short again. */
  #write(data: string | Uint8Array | Prepared): void {
    const sent = this.#socket.send(data)
    if (sent === SENT || this.#room !== undefined) return
    const over = (): void => {
      this.#room = undefined
      this.#topics.drained(this)
    }
    this.#room = sent.then(over, over)
  }
}

const toObject = (members: ReadonlyMap<string, unknown>): Members => Object.fromEntries(members)

const presenceOf = ({ count, members }: PresenceState): { count: number; members?: Members } =>
  members === undefined ? { count } : { count, members: toObject(members) }
