/**
 * A node of several: what is published on it goes to the engine, and what comes from there goes to those who read here. All
 * that is alike for all engines is done here, and in the files beside it.
 */
import { isTopic, isWildcard } from '../topics/names.ts'
import type { Source } from '../topics/source.ts'
import type { Arrival, Member, Position, Subscriber, TopicsClock } from '../topics/subscriber.ts'
import { Attending } from './attending.ts'
import { ATTENDANCE, type Backplane, type Entry } from './backplane.ts'
import { toBody } from './body.ts'
import { Channel } from './channel.ts'
import { Complaints } from './complaints.ts'
import { Echoes } from './echoes.ts'
import { Linger } from './linger.ts'
import type { ChannelOwner, Local } from './local.ts'
import { Outbox, type OutboxRules } from './outbox.ts'
import { Parcel } from './parcel.ts'
import { Receipt } from './receipt.ts'
import { Recent } from './recent.ts'
import { Watches } from './watches.ts'

export interface ExchangeRules extends OutboxRules {
  /** Milliseconds for which a topic is kept that nobody on this node reads any more. */
  readonly linger: number
}

export interface ExchangeParts {
  readonly backplane: Backplane
  readonly rules: ExchangeRules
  readonly local: Local
  readonly clock: TopicsClock
  /** Milliseconds since 1970: what is written on publications, for their age. */
  readonly today: () => number
  /** A text that no other node has. */
  readonly node: string
  /** Something went wrong, and nobody is told otherwise. */
  failed(error: unknown): void
  /** The engine is away, or is there again. */
  turned(isUp: boolean, reason?: Error): void
}

/** How the backplane is. */
export interface BackplaneState {
  /** What it is, without credentials. */
  readonly name: string
  readonly up: boolean
  /** Publications of this server that are not stored yet. */
  readonly pending: number
  /**
   * Milliseconds from `publish` to where it is delivered on this server: of the last one that came back, or so far of the
   * oldest that is not stored yet, where that is longer. Undefined before the first.
   */
  readonly lag: number | undefined
}

export class Exchange implements ChannelOwner {
  readonly local: Local
  readonly node: string
  readonly clock: TopicsClock
  readonly #parts: ExchangeParts
  readonly #outbox: Outbox
  readonly #echoes: Echoes
  readonly #channels = new Map<string, Channel>()
  readonly #watches = new Watches((topic, entry) => this.#signed(topic, entry))
  readonly #recent = new Recent()
  readonly #linger: Linger<string>
  readonly #attending: Attending
  readonly #complaints: Complaints
  #sweep: { clear(): void } | undefined
  /** Once it is open. */
  #engine: Backplane | undefined
  #isUp = false
  #closed = false
  #sequence = 0

  constructor(parts: ExchangeParts) {
    const { local, rules, clock, backplane } = parts
    this.#parts = parts
    this.local = local
    this.node = parts.node
    this.clock = clock
    this.#complaints = new Complaints(clock, parts.failed)
    this.#echoes = new Echoes(parts)
    this.#outbox = new Outbox({
      rules,
      clock,
      backplane,
      unheard: error => this.#complaints.tell(error),
      gone: ({ sequence }) => this.#echoes.drop(sequence),
    })
    this.#attending = new Attending({
      clock,
      node: parts.node,
      maxOf: topic => local.rulesOf(topic).presence?.max ?? 0,
      failed: (topic, error) => this.unfit(topic, error),
    })
    this.#linger = new Linger(rules.linger, clock, name => this.#letGo(name))
  }

  get state(): BackplaneState {
    const { size: pending, since } = this.#outbox
    // While it hangs nothing comes back, and what came back last was quick.
    const last = this.#echoes.lag
    const lag = since === undefined ? last : Math.max(last ?? 0, this.#parts.clock.now() - since)
    return { name: this.#parts.backplane.name, up: this.#isUp, pending, lag }
  }

  /** @throws BackplaneError when the engine cannot be had */
  async open(): Promise<void> {
    const { backplane } = this.#parts
    let isDown = false
    await backplane.open({
      up: () => {
        isDown = false
        if (this.#engine !== undefined) this.#turn(true)
      },
      down: reason => {
        isDown = true
        this.#turn(false, reason)
      },
      trouble: reason => this.#complaints.tell(reason),
    })
    if (this.#closed) return backplane.close()
    this.#engine = backplane
    this.#watches.start(backplane)
    for (const channel of this.#channels.values()) channel.start(backplane)
    if (!isDown) this.#turn(true)
  }

  /** @param late - from then on what is not stored yet is not waited for */
  async close(late: Promise<void>): Promise<void> {
    if (this.#closed) return
    await Promise.race([this.#outbox.whenEmpty(), late])
    this.#closed = true
    this.#attending.close()
    this.#linger.close()
    this.#sweep?.clear()
    for (const channel of this.#channels.values()) channel.end()
    this.#outbox.close()
    this.#complaints.close()
    await this.#engine?.close()
  }

  /** The source is that of what is published, as it is now. */
  publish(topic: string, source: Source, except: Subscriber | undefined): Receipt {
    const { history } = this.local.rulesOf(topic)
    const receipt = new Receipt(this.local.reach(topic, except))
    const at = this.clock.now()
    const entry = { node: this.node, sequence: ++this.#sequence, body: toBody(source, this.#parts.today()) }
    if (this.#isHeard(topic)) this.#echoes.add(entry.sequence, { source, except, at })
    this.#outbox.add(new Parcel(topic, history, entry, receipt, at))
    return receipt
  }

  /** True when those who subscribe to this topic or pattern can be answered, those too who come from another node. */
  isHere(name: string, since?: Position): boolean {
    if (isWildcard(name)) return this.#watches.isOpen(name)
    const entrance = this.#channels.get(name)?.entrance
    return entrance?.isOpen === true && !entrance.isBehind(since)
  }

  /** Calls back when they can. Returns what takes that back. */
  whenHere(name: string, waiter: () => void, since?: Position): () => void {
    const come = (): void => {
      try {
        waiter()
      } finally {
        // One that fails to come in is as if it had left.
        if (!this.local.isRead(name)) this.unread(name)
      }
    }
    const end = isWildcard(name) ? this.#whenWatched(name, come) : this.#channel(name).entrance.wait(since, come)
    return () => {
      end()
      this.unread(name)
    }
  }

  /** Nobody on this node reads it any more. */
  unread(name: string): void {
    if (!this.#closed) this.#linger.add(name)
  }

  /** A reader on this node has become a member, or (undefined) is none any more. */
  attended(topic: string, key: string, member: Member | undefined): void {
    if (!this.#closed) this.#attending.changed(topic, key, member)
  }

  // ChannelOwner

  get isUp(): boolean {
    return this.#isUp
  }

  arrivalOf(entry: Entry, isNew: boolean): Arrival {
    return this.#echoes.arrivalOf(entry, isNew)
  }

  unfit(topic: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#complaints.tell(new Error(`the topic ${topic}: ${why}`, { cause: error }))
  }

  opened(topic: string): void {
    this.#outbox.release(topic)
  }

  /** True when what is published to the topic here comes back here. */
  #isHeard(topic: string): boolean {
    return this.#channels.has(topic) || this.local.isFollowed(topic)
  }

  #channel(name: string, sign?: Entry): Channel {
    let channel = this.#channels.get(name)
    if (channel !== undefined) return channel
    channel = new Channel(name, this, this.#recent.of(name), sign)
    this.#channels.set(name, channel)
    // What is published here meanwhile comes behind what those who wait have asked for.
    this.#outbox.hold(name)
    if (this.#engine !== undefined) channel.start(this.#engine)
    return channel
  }

  #whenWatched(pattern: string, waiter: () => void): () => void {
    this.#watches.add(pattern, this.#engine)
    return this.#watches.whenOpen(pattern, waiter)
  }

  /** Something was published to a topic that fits a pattern. */
  #signed(topic: string, entry: Entry): void {
    if (!isTopic(topic) || this.#closed || !this.local.isFollowed(topic)) return
    const { history } = this.local.rulesOf(topic)
    const channel = this.#channels.get(topic)
    if (channel !== undefined) {
      if (history === undefined) channel.passed(entry)
      else channel.signed(entry)
    } else if (history === undefined) this.#pass(topic, entry)
    else if (!this.#recent.of(topic).has(entry)) {
      this.#channel(topic, entry)
      this.#linger.add(topic)
    }
  }

  #pass(topic: string, entry: Entry): void {
    if (!this.#recent.of(topic).note(entry)) return
    try {
      this.local.deliver(topic, this.arrivalOf(entry, true))
    } catch (error) {
      this.unfit(topic, error)
    }
  }

  /** It was not needed for a while. */
  #letGo(name: string): void {
    if (this.local.isRead(name)) return
    if (isWildcard(name)) {
      if (!this.#watches.isAwaited(name)) this.#watches.end(name)
      return
    }
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    if (channel.isAwaited || this.#isFollowed(channel)) {
      this.#linger.add(name)
      return
    }
    this.#channels.delete(name)
    channel.end()
    this.#outbox.release(name)
  }

  /** True when those who read patterns have got something of it lately: else they find it again by its next sign. */
  #isFollowed({ name, lastAt }: Channel): boolean {
    return this.local.isFollowed(name) && this.clock.now() - lastAt < this.#parts.rules.linger
  }

  #turn(isUp: boolean, reason?: Error): void {
    if (this.#isUp === isUp || this.#closed) return
    this.#isUp = isUp
    if (isUp) this.#goOn(this.#engine as Backplane)
    else {
      this.#outbox.down()
      this.#attending.stop()
      this.#sweep?.clear()
    }
    this.#parts.turned(isUp, reason)
  }

  #goOn(engine: Backplane): void {
    this.#outbox.up()
    this.#attending.start(engine)
    const now = this.clock.now()
    for (const { elsewhere } of this.#channels.values()) elsewhere?.renew(now)
    this.#sweepSoon()
  }

  /** While the engine is there, what other nodes have not said again does not count any more. */
  #sweepSoon(): void {
    this.#sweep = this.clock.setTimeout(() => {
      for (const { elsewhere } of this.#channels.values()) elsewhere?.expire(this.clock.now())
      this.#sweepSoon()
    }, ATTENDANCE / 3)
  }
}
