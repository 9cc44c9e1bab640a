/** What one client of hotline.1 subscribes to and publishes, as far as the application lets it. */
import { BackplaneError, type ClosedError, RequestError, type TimeoutError } from '../../errors.ts'
import { isTopic } from '../../topics/names.ts'
import { SLOWEST } from '../../topics/pace.ts'
import type { Published, Subscribed, SubscribeOptions } from '../../topics/subscriber.ts'
import { isForeign } from '../../topics/wire/client-messages.ts'
import { jsonForm } from '../../topics/wire/json.ts'
import {
  type Publish,
  type ServerMessage,
  type Subscribe,
  type Unsubscribe,
  WireError,
} from '../../topics/wire/messages.ts'
import type { ServerSocket } from '../routes.ts'
import type { ServerTopics } from '../topics.ts'
import { Deciding, type DecidingOwner } from './deciding.ts'
import { presenceOf } from './members.ts'
import { Rate } from './rate.ts'
import type { LineRules } from './rules.ts'

/** The line that it has. */
export interface ParticipantOwner {
  readonly socket: ServerSocket
  readonly rules: LineRules
  readonly topics: ServerTopics
  tell(message: ServerMessage): void
  refuse(id: number | undefined, code: string, reason: string): void
  /** The application failed at a topic. */
  topicFailed(error: unknown): void
}

/** Publications of one line that may be on their way to the engine between the servers before its next message is read. */
const MOST_UNSTORED = 128

const UNAVAILABLE = {
  no: 'the publication was not stored: try again later',
  unknown: 'it is not known whether the publication was stored',
} as const

export class Participant implements DecidingOwner {
  readonly #owner: ParticipantOwner
  /** Made for the first question to a function of the application. */
  #deciding: Deciding | undefined
  #closed: ClosedError | undefined
  readonly #subscribed = new Set<string>()
  /** Topics that it has asked for and that are not on this server yet, each with the id of the message. */
  readonly #entering = new Map<string, number>()
  /** Publications that are not stored yet. */
  readonly #unstored = new Set<Promise<void>>()
  readonly #rate: Rate | undefined

  /** @param closed - the end of a line that has had it: what was sent before may be read behind it */
  constructor(owner: ParticipantOwner, closed: ClosedError | undefined) {
    const { rules, topics } = owner
    this.#owner = owner
    this.#closed = closed
    if (rules.maxPublications < Number.POSITIVE_INFINITY)
      this.#rate = new Rate(rules.maxPublications, topics.clock.now())
  }

  /** The next message waits for the promise. */
  take(message: Subscribe | Unsubscribe | Publish): Promise<void> | undefined {
    if (!isTopic(message.topic)) this.#owner.refuse(message.id, WireError.topic, 'this is no name of a topic')
    else if (message.type === 'subscribe') return this.#subscribe(message)
    else if (message.type === 'publish') return this.#publish(message)
    else this.#unsubscribe(message)
    return undefined
  }

  /** True when the client has subscribed to the topic. */
  has(topic: string): boolean {
    return this.#subscribed.has(topic)
  }

  /** The application has ended a subscription; false when it was not the client's, or had not begun. */
  dropped(topic: string): boolean {
    const id = this.#entering.get(topic)
    if (id !== undefined) this.#cancel(id, topic, WireError.denied, 'the server ended the subscription')
    return this.#subscribed.delete(topic)
  }

  /** Fulfilled when every publication has its answer. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.#unstored)
  }

  close(error: ClosedError): void {
    this.#closed = error
    this.#deciding?.close(error)
  }

  // DecidingOwner

  get permissionTimeout(): number {
    return this.#owner.rules.permissionTimeout
  }

  undecided(error: TimeoutError): void {
    this.#owner.topicFailed(error)
  }

  async #subscribe(message: Subscribe): Promise<void> {
    const { id, topic } = message
    const { topics, rules, socket } = this.#owner
    if (this.#subscribed.has(topic) || this.#entering.has(topic)) {
      this.#owner.refuse(id, WireError.alreadySubscribed, 'this line has the topic already')
    } else if (this.#subscribed.size + this.#entering.size >= rules.maxSubscriptions) {
      this.#owner.refuse(id, WireError.limit, `more than ${rules.maxSubscriptions} subscriptions in one line`)
    } else {
      await this.#permitted(id, 'subscribe to', async () => {
        const may = topics.optionsOf(topic)?.subscribe ?? false
        const said =
          typeof may === 'function' ? await this.#decide().subscription(context => may(socket, topic, context)) : may
        if (said && socket.state === 'open') this.#enter(message)
        return said || socket.state !== 'open'
      })
    }
  }

  /** What fails in the middle is as if it had not been. */
  #enter({ id, topic, since, last, presence, every }: Subscribe): void {
    const { topics, socket } = this.#owner
    const told = (subscribed: Subscribed): void => {
      this.#entering.delete(topic)
      this.#subscribed.add(topic)
      this.#tell(id, topic, subscribed, presence)
    }
    // Anew, whatever of it waits already for a subscription of the application: `offset` is what comes first.
    const options: SubscribeOptions = {
      since,
      last: last ?? 0,
      watch: presence,
      every: every && Math.min(every, SLOWEST),
      told,
    }
    try {
      const { ready } = topics.subscribe(socket, topic, options)
      if (ready === undefined) return
      this.#entering.set(topic, id)
      ready.catch(() => this.#cancel(id, topic, WireError.failed, 'the server failed'))
    } catch (error) {
      this.#subscribed.delete(topic)
      topics.unsubscribe(socket, topic)
      throw error
    }
  }

  #tell(id: number, topic: string, subscribed: Subscribed, presence: boolean | undefined): void {
    const { replayed: _, presence: state, ...place } = subscribed
    const there = presence === true && state !== undefined ? { presence: presenceOf(state) } : {}
    this.#owner.tell({ type: 'subscribed', id, topic, ...place, ...there } as ServerMessage)
  }

  /** One that has not begun will not. */
  #cancel(id: number, topic: string, code: string, reason: string): void {
    this.#subscribed.delete(topic)
    if (this.#entering.get(topic) === id) this.#entering.delete(topic)
    this.#owner.refuse(id, code, reason)
  }

  #unsubscribe({ id, topic }: Unsubscribe): void {
    const entering = this.#entering.get(topic)
    if (entering !== undefined) this.#cancel(entering, topic, WireError.cancelled, 'the client has unsubscribed')
    if (!this.#subscribed.delete(topic) && entering === undefined) {
      this.#owner.refuse(id, WireError.notSubscribed, 'this line does not have the topic')
      return
    }
    this.#owner.topics.unsubscribe(this.#owner.socket, topic)
    this.#owner.tell({ type: 'unsubscribed', id, topic })
  }

  async #publish({ id, topic, data, self }: Publish): Promise<void> {
    const { topics, rules, socket } = this.#owner
    if (this.#rate?.take(topics.clock.now()) === false) {
      this.#owner.refuse(id, WireError.limit, `more than ${rules.maxPublications} publications a second`)
      return
    }
    if (rules.form !== jsonForm && isForeign(data)) {
      this.#owner.refuse(id, WireError.schema, 'data is what JSON can write, or bytes, which are the whole of it')
      return
    }
    await this.#permitted(id, 'publish to', async () => {
      const may = topics.optionsOf(topic)?.publish ?? false
      const said =
        typeof may === 'function' ? await this.#decide().publication(context => may(socket, topic, data, context)) : may
      if (!said) return false
      const { offset, stored } = topics.publish(topic, data, self === false ? socket : undefined)
      if (stored !== undefined) await this.#whenStored(id, stored)
      else if (id !== undefined)
        this.#owner.tell({ type: 'published', id, ...(offset === undefined ? {} : { offset }) })
      return true
    })
  }

  /** The answer comes when it is stored; the line's next messages wait only for one that has sent too much of it. */
  async #whenStored(id: number | undefined, stored: NonNullable<Published['stored']>): Promise<void> {
    const told = this.#told(id, stored).finally(() => this.#unstored.delete(told))
    this.#unstored.add(told)
    if (this.#unstored.size >= MOST_UNSTORED) await Promise.race(this.#unstored)
  }

  async #told(id: number | undefined, stored: NonNullable<Published['stored']>): Promise<void> {
    try {
      const place = await stored
      if (id !== undefined) this.#owner.tell({ type: 'published', id, ...(place && { offset: place.offset }) })
    } catch (error) {
      const kept = error instanceof BackplaneError ? error.kept : 'unknown'
      this.#owner.refuse(id, WireError.unavailable, UNAVAILABLE[kept])
    }
  }

  #decide(): Deciding {
    if (this.#deciding === undefined) {
      this.#deciding = new Deciding(this, this.#owner.topics.clock)
      if (this.#closed !== undefined) this.#deciding.close(this.#closed)
    }
    return this.#deciding
  }

  /** Does what the application may deny, or fail at. */
  async #permitted(id: number | undefined, what: string, work: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await work())) this.#owner.refuse(id, WireError.denied, `this client may not ${what} the topic`)
    } catch (error) {
      if (error instanceof RequestError) this.#owner.refuse(id, error.answer.code, error.answer.reason)
      else {
        this.#owner.refuse(id, WireError.failed, 'the server failed')
        this.#owner.topicFailed(error)
      }
    }
  }
}
