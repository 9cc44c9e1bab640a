/** The server's end of one line that speaks hotline.1. docs/protocol.md */
import { rejected } from '../../connection/deferred.ts'
import type { Message } from '../../connection/inbox.ts'
import { ClosedError } from '../../errors.ts'
import type { Close } from '../../protocol/close.ts'
import type { Publication } from '../../topics/publication.ts'
import type { PresenceChange, Subscribed } from '../../topics/subscriber.ts'
import { readClientMessage } from '../../topics/wire/client-messages.ts'
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
import type { Notice } from '../joining.ts'
import type { RequestContext, ServerSocket } from '../routes.ts'
import { type ServerTopics, SocketSubscriber } from '../topics.ts'
import { Answering, type AnsweringOwner } from './answering.ts'
import { Asking, type AskingOwner, type RequestOptions } from './asking.ts'
import { toObject } from './members.ts'
import { Participant, type ParticipantOwner } from './participant.ts'
import type { LineRules } from './rules.ts'

/** Milliseconds after which a client may come back that was closed with 1012 or 1013, where nobody says more. */
const RETRY = 1_000

const NOTICES: Readonly<Record<Notice, string>> = {
  interrupted: 'the server has lost touch with the others: what is published meanwhile comes when it is back',
  restored: 'the server is in touch with the others again',
}

interface LineParts {
  readonly rules: LineRules
  readonly topics: ServerTopics
  /** Something of the application failed. */
  failed(error: unknown, phase: 'request' | 'topic'): void
}

export class Line extends SocketSubscriber implements AnsweringOwner, AskingOwner, ParticipantOwner {
  readonly #parts: LineParts
  // Each is made when the client, or the application, does what needs it.
  #answering: Answering | undefined
  #asking: Asking | undefined
  #participant: Participant | undefined
  #closed: ClosedError | undefined
  #faults = 0

  constructor(socket: ServerSocket, parts: LineParts) {
    super(socket, parts.topics.core)
    this.#parts = parts
  }

  welcome(heartbeat: number): void {
    this.#send({ type: 'welcome', version: VERSION, heartbeat: Math.ceil(heartbeat) })
  }

  /** Takes a message; the next one waits for the promise, and so for a client that does not read its answers. */
  handle(message: Message): Promise<unknown> | undefined {
    const { form } = this.rules
    const decoded = form.decode(message)
    if (decoded === undefined) {
      this.socket.close(WireClose.protocol, `what came is not ${form.protocol}`)
      return undefined
    }
    const taken = this.#take(readClientMessage(decoded, message.length))
    return taken === undefined ? this.#room() : taken.then(() => this.#room())
  }

  override ask(name: string, data: unknown, options: RequestOptions): Promise<unknown> {
    if (this.#closed !== undefined) return rejected(this.#closed)
    this.#asking ??= new Asking(this, this.topics.clock)
    return this.#asking.request(name, data, options)
  }

  override dropped(topic: string): void {
    if (this.#participant?.dropped(topic) !== true) return
    this.#send({ type: 'unsubscribed', topic, code: WireError.denied, reason: 'the server ended the subscription' })
  }

  override notice(code: Notice): void {
    this.#send({ type: 'notice', code, reason: NOTICES[code] })
  }

  override retry(after = RETRY): void {
    this.write(this.retryMessage(after))
  }

  /** When to come back, as it is sent. */
  retryMessage(after = RETRY): string | Uint8Array {
    return this.rules.form.encode({ type: 'retry', after: Math.ceil(after) })
  }

  closed({ code, reason }: Close): void {
    this.#closed = new ClosedError(code, reason)
    this.#answering?.close(this.#closed)
    this.#asking?.close(this.#closed)
    this.#participant?.close(this.#closed)
  }

  /** Fulfilled when no request is being answered, and no publication is on its way. */
  async whenIdle(): Promise<void> {
    await Promise.all([this.#answering?.whenIdle(), this.#participant?.whenIdle()])
  }

  // Subscriber

  override send(publication: Publication): void {
    try {
      this.write(publication.form(this.rules.framing))
    } catch (error) {
      // JSON can write it, and the codec of the application cannot.
      this.passedOver(publication.topic, 1)
      this.topicFailed(error)
    }
  }

  override passedOver(topic: string, count: number): void {
    this.#send({ type: 'passed', topic, count })
  }

  renewed(topic: string, { epoch, offset, recovered, code, reason }: Subscribed): void {
    if (this.#participant?.has(topic) !== true) return
    this.#send({ type: 'subscribed', topic, epoch, offset, recovered, code, reason } as ServerMessage)
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
      this.topicFailed(error)
    }
  }

  // AnsweringOwner, AskingOwner

  get maxRequests(): number {
    return this.rules.maxRequests
  }

  get requestTimeout(): number {
    return this.rules.requestTimeout
  }

  handlerOf(name: string): ((data: unknown, context: RequestContext) => unknown) | undefined {
    const { requests } = this.rules
    const handler = Object.hasOwn(requests, name) ? requests[name] : undefined
    return handler && ((data, context) => handler(this.socket, data, context))
  }

  tell(message: ServerMessage): void {
    this.#send(message)
  }

  failed(error: unknown): void {
    this.#parts.failed(error, 'request')
  }

  // ParticipantOwner

  get rules(): LineRules {
    return this.#parts.rules
  }

  get topics(): ServerTopics {
    return this.#parts.topics
  }

  topicFailed(error: unknown): void {
    this.#parts.failed(error, 'topic')
  }

  refuse(id: number | undefined, code: string, reason: string): void {
    this.#send(id === undefined ? { type: 'error', code, reason } : { type: 'error', id, code, reason })
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
        this.#answering?.cancel(message.id)
        return undefined
      case 'reply':
      case 'error':
        this.#asking?.settle(message)
        return undefined
      case 'ping':
        this.#send({ type: 'pong' })
        return undefined
    }
  }

  #takeNew(message: Subscribe | Unsubscribe | Publish | Request): Promise<void> | undefined {
    if (message.id !== undefined && this.#answering?.has(message.id)) {
      this.refuse(message.id, WireError.duplicateId, `request ${message.id} is still unanswered`)
      return undefined
    }
    if (message.type !== 'request') {
      this.#participant ??= new Participant(this, this.#closed)
      return this.#participant.take(message)
    }
    // What came before the end may be read behind it, and nobody would stop its work.
    if (this.#closed !== undefined) return undefined
    this.#answering ??= new Answering(this, this.topics.clock)
    this.#answering.take(message)
    return undefined
  }

  /** A few are answered; the line of a client that does nothing else is closed. */
  #faulty({ code, id, reason }: Fault): void {
    if (code === 'unknown-type') {
      if (id !== undefined) this.refuse(id, WireError.unknownType, reason)
      return
    }
    this.refuse(id, WireError.malformed, reason)
    if (++this.#faults >= MAX_FAULTS) {
      this.socket.close(WireClose.protocol, `${MAX_FAULTS} malformed messages; the last: ${reason}`.slice(0, 120))
    }
  }

  #send(message: ServerMessage): void {
    this.write(this.rules.form.encode(message))
  }
}

const ignore = (): void => {}
