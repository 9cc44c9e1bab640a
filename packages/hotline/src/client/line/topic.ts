/** One topic of a line, from the application's side: what comes of it, in order, and honestly what did not. */
import type { ServerMessage } from '../../topics/wire/messages.ts'
import { Listeners } from './listeners.ts'
import { Unread } from './unread.ts'

/** The message of the server of this type. */
export type Told<T extends ServerMessage['type']> = Extract<ServerMessage, { readonly type: T }>

/** Public data of members, by their keys. */
export type Members = Readonly<Record<string, unknown>>

/** How a topic is subscribed to. */
export interface TopicOptions {
  /**
   * So many of the newest publications come first, where the topic has history and nothing was missed.
   * @defaultValue 0
   */
  readonly last?: number | undefined
  /**
   * Tells who is there.
   * @defaultValue false
   */
  readonly presence?: boolean | undefined
  /**
   * Milliseconds: at most one batch of publications in that time, though the topic gives more. What the server's policy for
   * slow readers passes over meanwhile is in `passed`.
   * @defaultValue 0: as they come
   */
  readonly every?: number | undefined
}

/** A publication as it came. */
export interface Received {
  readonly topic: string
  readonly data: unknown
  /** Its place in the topic's history, where it has one. */
  readonly offset?: number | undefined
  /** So many publications before it are known to be missing: passed over by the server's policy, expired, or unread here. */
  readonly passed: number
  /** False when others may be missing before it: the line was away, and the server could not make up for it. */
  readonly recovered: boolean
}

/** What a topic tells its listeners. */
export interface TopicEvents {
  /** Each publication; while there is a listener, `for await` gets none. */
  readonly publication: Received
  /** The subscription stands, for the first time or again. `code` says why it was not recovered. */
  readonly subscribed: { readonly recovered: boolean; readonly code?: string | undefined }
  readonly presence: { readonly count: number; readonly join: Members; readonly leave: readonly string[] }
  /** It is over, by `leave`, or with the error of the server or the line. */
  readonly ended: Error | undefined
}

/** A topic that a line is subscribed to, until `leave` or the end of a loop. */
export class Topic implements AsyncDisposable {
  readonly name: string
  /** How many there are, where presence was asked for. */
  count = 0
  /** Who is there, by key; undefined where nobody tells, or there are too many for names. */
  members: ReadonlyMap<string, unknown> | undefined
  readonly #options: TopicOptions
  readonly #leave: () => void
  readonly #listeners: Listeners<TopicEvents>
  readonly #unread: Unread<Received>
  #epoch: string | undefined
  #offset = 0
  /** True once it was subscribed to, and while it is. */
  #known = false
  #live = false
  /** What is to be told with the next publication that comes, and that is read. */
  #missed = { passed: 0, recovered: true }
  #skipped = { passed: 0, recovered: true }

  /** @internal */
  constructor(
    name: string,
    options: TopicOptions,
    maxUnread: number,
    report: (error: unknown) => void,
    leave: () => void,
  ) {
    this.name = name
    this.#options = options
    this.#leave = leave
    this.#listeners = new Listeners(report)
    this.#unread = new Unread(maxUnread, ({ passed, recovered }) => {
      this.#skipped.passed += passed + 1
      this.#skipped.recovered &&= recovered
    })
  }

  /** Calls back at each event of this name. Returns what ends that. */
  on<K extends keyof TopicEvents>(name: K, listener: (event: TopicEvents[K]) => unknown): () => void {
    return this.#listeners.on(name, listener)
  }

  /** The publications as they come. Leaving the loop leaves the topic. It throws what ended the topic or closed the line. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Received, void, undefined> {
    try {
      const unread = this.#unread
      for (let value = await unread.next(); value !== undefined; value = await unread.next()) {
        const { passed, recovered } = this.#skipped
        this.#skipped = { passed: 0, recovered: true }
        yield { ...value, passed: value.passed + passed, recovered: value.recovered && recovered }
      }
    } finally {
      this.leave()
    }
  }

  /** Ends the subscription. */
  leave(): void {
    this.#leave()
    this.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave()
  }

  /** @internal False from asking the server for it until the answer: what comes then was for the topic before. */
  get isLive(): boolean {
    return this.#live
  }

  /** @internal What to ask the server for: what was missed, or as at the beginning. */
  wanted(): object {
    this.#live = false
    const since = this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: this.#offset }
    return { topic: this.name, since, ...this.#options }
  }

  /** @internal */
  subscribed({ epoch, offset = 0, recovered, code, presence }: Told<'subscribed'>): void {
    const whole = recovered === true || !this.#known
    if (!whole) {
      if (epoch === this.#epoch) this.#missed.passed += Math.max(0, offset - this.#offset)
      this.#missed.recovered = false
    }
    this.#epoch = epoch
    this.#offset = offset
    this.#known = this.#live = true
    this.#listeners.tell('subscribed', { recovered: whole, code })
    if (presence !== undefined) this.present(presence)
  }

  /** @internal */
  published(data: unknown, offset: number | undefined, size: number): void {
    // Offsets only rise: what came already does not come again. One without an offset has no place.
    if (offset && offset <= this.#offset) return
    if (offset) this.#offset = offset
    const received = { topic: this.name, data, offset, ...this.#missed }
    this.#missed = { passed: 0, recovered: true }
    if (this.#listeners.has('publication')) this.#listeners.tell('publication', received)
    else this.#unread.push(received, size)
  }

  /** @internal The server passed so many over. */
  passed(count: number): void {
    this.#missed.passed += count
  }

  /** @internal */
  present({ count = 0, members, join, leave = [] }: Omit<Told<'presence'>, 'type' | 'topic'>): void {
    const known = join || leave.length > 0 ? this.members : members && new Map<string, unknown>()
    const came = { ...members, ...join }
    const now = known && new Map([...known, ...Object.entries(came)])
    for (const key of leave) now?.delete(key)
    // A server has a bound of its own, and may have none.
    this.members = now && now.size <= 10_000 ? now : undefined
    this.count = count
    this.#listeners.tell('presence', { count, join: came, leave })
  }

  /** @internal */
  end(error?: Error): void {
    if (this.#unread.end(error)) this.#listeners.tell('ended', error)
  }
}
