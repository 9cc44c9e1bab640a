/** The server's end of one line that speaks hotline.1. docs/protocol.md */
import type { Message } from '../../connection/inbox.ts'
import { ClosedError, RequestError } from '../../errors.ts'
import type { Close } from '../../protocol/close.ts'
import { isTopic } from '../../topics/names.ts'
import type { Publication } from '../../topics/publication.ts'
import type { PresenceChange, Subscribed, SubscribeOptions } from '../../topics/subscriber.ts'
import { isForeign, readClientMessage } from '../../topics/wire/client-messages.ts'
import type { Form } from '../../topics/wire/form.ts'
import { jsonForm } from '../../topics/wire/json.ts'
import {
  type ClientMessage,
  type Fault,
  MAX_FAULTS,
  type Publish,
  type Request,
  type ServerMessage,
  type Subscribe,
  type Unsubscribe,
  VERSION,
  WireClose,
  WireError,
} from '../../topics/wire/messages.ts'
import type { RequestContext, RequestHandler, ServerSocket } from '../routes.ts'
import { type ServerTopics, SocketSubscriber } from '../topics.ts'
import { Answering, type AnsweringOwner } from './answering.ts'
import { Asking, type AskingOwner, type RequestOptions } from './asking.ts'
import { framingOf } from './frames.ts'
import { presenceOf, toObject } from './members.ts'

/** Milliseconds after which a client may come back that was closed with 1012 or 1013, where nobody says more. */
const RETRY = 1_000

/** What holds for every line of a route. */
export interface LineRules {
  readonly form: Form
  readonly requests: Readonly<Record<string, RequestHandler>>
  readonly maxSubscriptions: number
  readonly maxRequests: number
  readonly requestTimeout: number
}

interface LineParts {
  readonly rules: LineRules
  readonly topics: ServerTopics
  /** Something of the application failed. */
  failed(error: unknown, phase: 'request' | 'topic'): void
}

export class Line extends SocketSubscriber implements AnsweringOwner, AskingOwner {
  readonly #parts: LineParts
  readonly #framing: ReturnType<typeof framingOf>
  readonly #answering: Answering
  readonly #asking: Asking
  /** What the client has subscribed to. */
  readonly #subscribed = new Set<string>()
  #faults = 0

  constructor(socket: ServerSocket, parts: LineParts) {
    super(socket, parts.topics.core)
    this.#parts = parts
    this.#framing = framingOf(parts.rules.form)
    this.#answering = new Answering(this, parts.topics.clock)
    this.#asking = new Asking(this, parts.topics.clock)
  }

  welcome(heartbeat: number): void {
    this.#send({ type: 'welcome', version: VERSION, heartbeat: Math.ceil(heartbeat) })
  }

  /** Takes a message; the next one waits for the promise, and so for a client that does not read its answers. */
  handle(message: Message): Promise<unknown> | undefined {
    const { form } = this.#parts.rules
    const decoded = form.decode(message)
    if (decoded === undefined) {
      this.socket.close(WireClose.protocol, `what came is not ${form.protocol}`)
      return undefined
    }
    const taken = this.#take(readClientMessage(decoded, message.length))
    return taken === undefined ? this.#room() : taken.then(() => this.#room())
  }

  override ask(name: string, data: unknown, options: RequestOptions): Promise<unknown> {
    return this.#asking.request(name, data, options)
  }

  override dropped(topic: string): void {
    if (!this.#subscribed.delete(topic)) return
    this.#send({ type: 'unsubscribed', topic, code: WireError.denied, reason: 'the server ended the subscription' })
  }

  override retry(after = RETRY): void {
    this.#send({ type: 'retry', after: Math.ceil(after) })
  }

  closed({ code, reason }: Close): void {
    const error = new ClosedError(code, reason)
    this.#answering.close(error)
    this.#asking.close(error)
  }

  /** Fulfilled when no request is being answered. */
  whenIdle(): Promise<void> {
    return this.#answering.whenIdle()
  }

  // Subscriber

  override send(publication: Publication): void {
    try {
      this.write(publication.form(this.#framing))
    } catch (error) {
      // JSON can write it, and the codec of the application cannot.
      this.passedOver(publication.topic, 1)
      this.#parts.failed(error, 'topic')
    }
  }

  override passedOver(topic: string, count: number): void {
    this.#send({ type: 'passed', topic, count })
  }

  presence({ topic, count, members, join, leave }: PresenceChange): void {
    const who = {
      ...(members && { members: toObject(members) }),
      ...(join && { join: toObject(join) }),
      ...(leave && { leave }),
    }
    try {
      this.#send({ type: 'presence', topic, count, ...who })
    } catch (error) {
      // The application gave public data that cannot be written.
      this.#parts.failed(error, 'topic')
    }
  }

  // AnsweringOwner, AskingOwner

  get maxRequests(): number {
    return this.#parts.rules.maxRequests
  }

  get requestTimeout(): number {
    return this.#parts.rules.requestTimeout
  }

  handlerOf(name: string): ((data: unknown, context: RequestContext) => unknown) | undefined {
    const { requests } = this.#parts.rules
    const handler = Object.hasOwn(requests, name) ? requests[name] : undefined
    return handler && ((data, context) => handler(this.socket, data, context))
  }

  tell(message: ServerMessage): void {
    this.#send(message)
  }

  failed(error: unknown): void {
    this.#parts.failed(error, 'request')
  }

  /** Undefined while the client reads its answers; never rejects. */
  #room(): Promise<void> | undefined {
    return this.socket.room()?.catch(ignore)
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
      this.socket.close(WireClose.protocol, `${MAX_FAULTS} malformed messages; the last: ${reason}`.slice(0, 120))
    }
  }

  async #subscribe({ id, topic, since, last, presence }: Subscribe): Promise<void> {
    const { topics, rules } = this.#parts
    const { maxSubscriptions } = rules
    if (this.#subscribed.has(topic)) {
      this.#refuse(id, WireError.alreadySubscribed, 'this line has the topic already')
    } else if (this.#subscribed.size >= maxSubscriptions) {
      this.#refuse(id, WireError.limit, `more than ${maxSubscriptions} subscriptions in one line`)
    } else {
      await this.#permitted(id, 'subscribe to', async () => {
        const may = topics.optionsOf(topic)?.subscribe ?? false
        if (!(typeof may === 'function' ? await may(this.socket, topic) : may)) return false
        if (this.socket.state !== 'open') return true
        const told = (subscribed: Subscribed): void => {
          this.#subscribed.add(topic)
          this.#tell(id, topic, subscribed, presence)
        }
        // Anew, whatever of it waits already for a subscription of the application: `offset` is what comes first.
        this.#enter(topic, { since, last: last ?? 0, watch: presence, told })
        return true
      })
    }
  }

  /** What fails in the middle is as if it had not been. */
  #enter(topic: string, options: SubscribeOptions): void {
    const { topics } = this.#parts
    try {
      topics.subscribe(this.socket, topic, options)
    } catch (error) {
      this.#subscribed.delete(topic)
      topics.unsubscribe(this.socket, topic)
      throw error
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
    this.#parts.topics.unsubscribe(this.socket, topic)
    this.#send({ type: 'unsubscribed', id, topic })
  }

  async #publish({ id, topic, data, self }: Publish): Promise<void> {
    if (this.#parts.rules.form !== jsonForm && isForeign(data)) {
      this.#refuse(id, WireError.schema, 'data is what JSON can write, or bytes, which are the whole of it')
      return
    }
    await this.#permitted(id, 'publish to', async () => {
      const { topics } = this.#parts
      const may = topics.optionsOf(topic)?.publish ?? false
      if (!(typeof may === 'function' ? await may(this.socket, topic, data) : may)) return false
      const { offset } = topics.publish(topic, data, self === false ? this.socket : undefined)
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
        this.#parts.failed(error, 'topic')
      }
    }
  }

  #refuse(id: number | undefined, code: string, reason: string): void {
    this.#send(id === undefined ? { type: 'error', code, reason } : { type: 'error', id, code, reason })
  }

  #send(message: ServerMessage): void {
    this.write(this.#parts.rules.form.encode(message))
  }
}

const ignore = (): void => {}
