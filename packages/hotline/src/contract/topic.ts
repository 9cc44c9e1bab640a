/** One topic of a line, with the data that its contract says: what does not fit is told, and what follows is given. */
import type { SchemaError } from '../errors.ts'
import { TypedMembers } from './members.ts'
import { afterRead, type Read, readValue } from './reader.ts'
import { Sequence } from './sequence.ts'
import type { TopicSchemas } from './topics.ts'

/** A publication as a line gives it. */
export interface ReceivedLike<Data = unknown> {
  readonly topic: string
  /** What the validator made of what was published. */
  readonly data: Data
  /** Its place in the topic's history, where it has one. */
  readonly offset?: number | undefined
  /** So many before it are missing: passed over, expired, unread, or they did not fit the contract. */
  readonly passed: number
  /** False when others may be missing before it. */
  readonly recovered: boolean
}

/** What a topic tells its listeners. */
export interface TopicEventsLike<Data = unknown, Member = unknown> {
  /** Each publication that fits; while there is a listener, `for await` gets none. */
  readonly publication: ReceivedLike<Data>
  /** The subscription stands, for the first time or again. */
  readonly subscribed: { readonly recovered: boolean; readonly code?: string | undefined }
  /** Who came and went. `join` has those whose data fits, `count` all. */
  readonly presence: {
    readonly count: number
    readonly join: Readonly<Record<string, Member>>
    readonly leave: readonly string[]
  }
  /** It is over. */
  readonly ended: Error | undefined
}

/** What is needed of a line's topic. */
export interface TopicLike extends AsyncIterable<ReceivedLike> {
  readonly name: string
  readonly count: number
  readonly members: ReadonlyMap<string, unknown> | undefined
  on<K extends keyof TopicEventsLike>(name: K, listener: (event: TopicEventsLike[K]) => unknown): () => void
  leave(): void
}

/** What did not fit: a publication by its offset, where the topic has history; a member by its key. */
export interface Misfit {
  readonly topic: string
  readonly offset?: number | undefined
  readonly member?: string
}

/** Told of what a server sent and does not fit. */
export type Misfits = (error: SchemaError, where: Misfit) => unknown

/** A topic whose publications are those of a contract. `topic` is the one below. */
export class TypedTopic<Data, Member = unknown> implements AsyncIterable<ReceivedLike<Data>>, AsyncDisposable {
  readonly topic: TopicLike
  readonly #schemas: TopicSchemas
  readonly #misfits: Misfits
  readonly #members: TypedMembers
  /** So that several listeners do not have it looked at several times. */
  readonly #reads = new WeakMap<object, Read | Promise<Read>>()
  /** What is told waits for what a validator still looks at. */
  readonly #order = new Sequence()

  /** @internal */
  constructor(topic: TopicLike, schemas: TopicSchemas, misfits: Misfits) {
    this.topic = topic
    this.#schemas = schemas
    this.#misfits = misfits
    this.#members = new TypedMembers(schemas.presence, (error, member) => misfits(error, { topic: topic.name, member }))
    topic.on('presence', ({ join }) =>
      this.#order.add(
        () => this.#members.take(join, topic.members),
        () => {},
      ),
    )
  }

  get name(): string {
    return this.topic.name
  }

  /** How many are there, where presence was asked for. */
  get count(): number {
    return this.topic.count
  }

  /** Who is there, by key, of those whose data fits; undefined where nobody tells, or there are too many for names. */
  get members(): ReadonlyMap<string, Member> | undefined {
    const { members } = this.topic
    return members && (this.#members.among(members) as ReadonlyMap<string, Member>)
  }

  /** Calls back at each event of this name. Returns what ends that. */
  on<K extends keyof TopicEventsLike>(
    name: K,
    listener: (event: TopicEventsLike<Data, Member>[K]) => unknown,
  ): () => void {
    const tell = listener as (event: unknown) => unknown
    if (name === 'publication') return this.#onPublication(tell)
    if (name === 'presence') return this.#onPresence(tell)
    const now = (): undefined => undefined
    return this.topic.on(name, event => this.#order.add(now, () => tell(event)))
  }

  /** The publications that fit, as they come. Leaving the loop leaves the topic. It throws what ended the topic. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedLike<Data>, void, undefined> {
    const given = new Given()
    for await (const received of this.topic) {
      const { error, ...read } = await this.#read(received)
      if (error !== undefined) given.passOver(received)
      else yield given.next(received, (read as { readonly message: Data }).message) as ReceivedLike<Data>
    }
  }

  /** Ends the subscription. */
  leave(): void {
    this.topic.leave()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave()
  }

  #onPublication(tell: (event: unknown) => unknown): () => void {
    const given = new Given()
    return this.topic.on('publication', received =>
      this.#order.add(
        () => this.#read(received),
        read => (read.error === undefined ? tell(given.next(received, read.message)) : given.passOver(received)),
      ),
    )
  }

  #onPresence(tell: (event: unknown) => unknown): () => void {
    return this.topic.on('presence', event =>
      this.#order.add(
        () => undefined,
        () => tell({ ...event, join: Object.fromEntries(this.#members.among(new Map(Object.entries(event.join)))) }),
      ),
    )
  }

  #read(received: ReceivedLike): Read | Promise<Read> {
    const known = this.#reads.get(received)
    if (known !== undefined) return known
    const { topic, offset } = received
    const read = afterRead<Read>(readValue(this.#schemas.data, received.data), found => {
      if (found.error !== undefined) this.#misfits(found.error, { topic, offset })
      return found
    })
    this.#reads.set(received, read)
    return read
  }
}

/** What was passed over counts as missing before the next one that is given. */
class Given {
  #passed = 0
  #recovered = true

  passOver({ passed, recovered }: ReceivedLike): void {
    this.#passed += passed + 1
    this.#recovered &&= recovered
  }

  next(received: ReceivedLike, data: unknown): ReceivedLike {
    const passed = received.passed + this.#passed
    const recovered = received.recovered && this.#recovered
    this.#passed = 0
    this.#recovered = true
    return { ...received, data, passed, recovered }
  }
}
