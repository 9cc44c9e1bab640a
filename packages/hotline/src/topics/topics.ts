/** Topics: who has subscribed to what, and what is published to them. It knows subscribers, and no socket. */
import { Audience, type AudienceOwner } from './audience.ts'
import { Catalog, type RuleTable } from './catalog.ts'
import { Delivery, type DeliveryOwner } from './delivery.ts'
import { Joined } from './joined.ts'
import { checkPattern, checkTopic, isWildcard } from './names.ts'
import { checkPatternOptions, NOTHING_MORE, Patterns } from './patterns.ts'
import { Press, type Seal } from './press.ts'
import type { TopicRules } from './rules.ts'
import { Shelf } from './shelf.ts'
import { type ReaderStats, readerStats, type TopicStats, topicStats } from './stats.ts'
import type { PresenceState, Published, Subscribed, SubscribeOptions, Subscriber, TopicsClock } from './subscriber.ts'
import type { TopicSums } from './sums.ts'
import { Reader, type Topic } from './topic.ts'
import { NOBODY, welcome } from './welcome.ts'

export interface TopicsParts {
  readonly clock: TopicsClock
  /** A text of 128 bits that nobody can guess: the epoch of a history. */
  readonly random: () => string
  /** The rules of each pattern; the first pattern that a topic fits decides. */
  readonly rules?: RuleTable
  /** What makes of a publication what is kept of it. */
  readonly seal?: Seal
  /** A subscriber has thrown, though none should. It has been removed from everything already. */
  readonly failed: (error: unknown, subscriber: Subscriber) => void
  /** Bytes that all histories may take together. */
  readonly historyBytes?: number
  /** Bytes that may wait for one subscriber. */
  readonly pendingBytes?: number
  /** With a backplane: nobody reads the topic, or the pattern, any more. */
  readonly unread?: (name: string) => void
  /** With a backplane: who of those that read here is in a topic has changed. */
  readonly attended?: AudienceOwner['attended']
}

export class Topics implements DeliveryOwner {
  readonly clock: TopicsClock
  readonly #patterns = new Patterns()
  readonly patterns = this.#patterns.tree
  readonly pendingBytes: number
  readonly #failed: TopicsParts['failed']
  readonly #unread: TopicsParts['unread']
  readonly #readers = new Map<Subscriber, Reader>()
  readonly delivery = new Delivery(this)
  readonly shelf: Shelf
  /** What a backplane does with them. */
  readonly joined: Joined
  readonly #catalog: Catalog
  readonly #press: Press
  readonly #audience: Audience

  constructor({ clock, random, failed, rules = [], seal = () => 0, ...bounds }: TopicsParts) {
    const { historyBytes = 67_108_864, pendingBytes = 4_194_304 } = bounds
    this.clock = clock
    this.pendingBytes = pendingBytes
    this.#failed = failed
    this.#unread = bounds.unread
    this.#catalog = new Catalog(rules, this.patterns)
    this.shelf = new Shelf(historyBytes, { clock, random, left: topic => this.left(topic) })
    this.#audience = new Audience({
      clock,
      run: work => this.delivery.run(work),
      withReader: (reader, work) => this.delivery.withReader(reader, work),
      left: topic => this.left(topic),
      attended: bounds.attended,
    })
    this.#press = new Press(seal, this.#catalog, this.shelf)
    const { shelf, delivery } = this
    const [catalog, press, audience, patterns] = [this.#catalog, this.#press, this.#audience, this.#patterns]
    const readerOf = (subscriber: Subscriber): Reader | undefined => this.#readers.get(subscriber)
    this.joined = new Joined({ catalog, press, shelf, delivery, audience, patterns, readerOf })
  }

  /** The rules that hold for a topic. */
  rulesOf(name: string): TopicRules {
    return this.#catalog.rulesOf(name)
  }

  /**
   * From now on the subscriber gets what is published to the topic, or to each topic that fits the pattern; once, however
   * many of its patterns fit. Subscribing again changes nothing, but with `since` or `last` it begins anew.
   * @throws UsageError when the name is neither a topic nor a pattern, or a pattern is subscribed to with options
   */
  subscribe(subscriber: Subscriber, name: string, options: SubscribeOptions = {}): Subscribed {
    checkPattern(name)
    if (isWildcard(name)) {
      checkPatternOptions(name, options)
      this.#patterns.add(this.#readerOf(subscriber), name, this.#press.sequence)
      options.told?.(NOTHING_MORE)
      return NOTHING_MORE
    }
    const reader = this.#readerOf(subscriber)
    const topic = this.#catalog.open(name)
    const anew = options.since !== undefined || options.last !== undefined
    if (anew || !topic.readers.has(reader)) topic.readers.set(reader, this.#press.sequence)
    reader.topics.add(topic)
    if (anew) this.delivery.drop(reader, topic)
    if (options.every !== undefined) this.delivery.setPace(reader, topic, options.every)
    if (options.member !== undefined) this.#audience.enter(reader, topic, options.member)
    const subscribed = welcome(this, [reader, topic], options)
    // Unless it has gone while it was told.
    if (options.watch === true && topic.readers.has(reader)) this.#audience.watch(reader, topic)
    return subscribed
  }

  /** False when it was not subscribed to this very name or pattern. It gets nothing more, and is no member any more. */
  unsubscribe(subscriber: Subscriber, name: string): boolean {
    const reader = this.#readers.get(subscriber)
    if (reader === undefined) return false
    const topic = this.#catalog.get(name)
    const left = topic?.readers.has(reader) ? this.#leave(reader, topic) : this.#leavePattern(reader, name)
    if (this.countOf(subscriber) === 0) this.remove(subscriber)
    return left
  }

  /** The subscriber is gone: it gets nothing more, and is no member of anything. */
  remove(subscriber: Subscriber): void {
    const reader = this.#readers.get(subscriber)
    if (reader === undefined) return
    this.#readers.delete(subscriber)
    for (const pattern of reader.patterns ?? []) this.#leavePattern(reader, pattern)
    for (const topic of reader.topics) this.#leave(reader, topic)
    for (const topic of reader.lanes.keys()) this.delivery.drop(reader, topic)
  }

  /**
   * Publishes to all who have subscribed. What is published inside of a subscriber's `send` comes behind what is being
   * sent, so that all get everything in one order.
   * @throws UsageError when the name is no topic; and what the topic's `key` throws
   */
  publish(name: string, data: unknown, { except }: { except?: Subscriber | undefined } = {}): Published {
    checkTopic(name)
    const topic = this.#catalog.wanted(name)
    if (topic === undefined) return { subscribers: 0 }
    const history = this.shelf.historyOf(topic)
    const publication = this.#press.make(topic, data, history && history.offset + 1)
    this.#press.admit(topic, publication)
    const subscribers = this.delivery.publish(topic, publication, except && this.#readers.get(except))
    return publication.offset === undefined ? { subscribers } : { offset: publication.offset, subscribers }
  }

  /** There is room again for what waits for the subscriber. */
  drained(subscriber: Subscriber): void {
    const reader = this.#readers.get(subscriber)
    if (reader === undefined) return
    const goOn = (): void => {
      this.#audience.catchUp(reader)
      this.delivery.flush(reader)
    }
    this.delivery.run(() => this.delivery.withReader(reader, goOn))
  }

  /** The sign that `Subscriber.probe` asked for has come. */
  heard(subscriber: Subscriber): void {
    const reader = this.#readers.get(subscriber)
    if (reader === undefined) return
    reader.probing = false
    this.drained(subscriber)
  }

  /** What a subscriber has subscribed to: topics, and patterns. */
  topicsOf(subscriber: Subscriber): string[] {
    const { topics = [], patterns = [] } = this.#readers.get(subscriber) ?? {}
    return [...[...topics].map(({ name }) => name), ...patterns]
  }

  /** How many names and patterns a subscriber has subscribed to. */
  countOf(subscriber: Subscriber): number {
    const { topics, patterns } = this.#readers.get(subscriber) ?? {}
    return (topics?.size ?? 0) + (patterns?.size ?? 0)
  }

  /** Who is in a topic; nobody where its rules have no presence. */
  presence(name: string): PresenceState {
    return this.#catalog.get(name)?.presence?.state ?? NOBODY
  }

  /** Figures of a topic; undefined when there is nobody and nothing in it. */
  stats(name: string): TopicStats | undefined {
    const topic = this.#catalog.get(name)
    if (topic !== undefined) this.shelf.expire(topic)
    return topic && topicStats(topic)
  }

  /** Figures of a subscriber; undefined when it has subscribed to nothing. */
  readerStats(subscriber: Subscriber): ReaderStats | undefined {
    return readerStats(this.#readers.get(subscriber))
  }

  /** The names of all topics that there is somebody or something in. */
  names(): IterableIterator<string> {
    return this.#catalog.names()
  }

  /** Figures of all topics together, since the beginning. */
  get sums(): TopicSums {
    return this.#catalog.sums
  }

  /** Bytes that all histories take. */
  get historyBytes(): number {
    return this.shelf.bytes
  }

  /** Forgets everything; no timer is left. */
  close(): void {
    for (const subscriber of [...this.#readers.keys()]) this.remove(subscriber)
    this.#catalog.close()
    this.shelf.close()
  }

  // DeliveryOwner

  disconnect({ subscriber }: Reader, topic: Topic, reason: string): void {
    this.remove(subscriber)
    subscriber.disconnect(topic.name, reason)
  }

  broken({ subscriber }: Reader, error: unknown): void {
    this.remove(subscriber)
    this.#failed(error, subscriber)
  }

  left(topic: Topic): void {
    this.#catalog.left(topic)
  }

  #readerOf(subscriber: Subscriber): Reader {
    let reader = this.#readers.get(subscriber)
    if (reader === undefined) this.#readers.set(subscriber, (reader = new Reader(subscriber)))
    return reader
  }

  #leavePattern(reader: Reader, pattern: string): boolean {
    if (!this.#patterns.remove(reader, pattern)) return false
    for (const topic of reader.lanes.keys()) this.#dropUnread(reader, topic)
    if (!this.#patterns.has(pattern)) this.#unread?.(pattern)
    return true
  }

  #leave(reader: Reader, topic: Topic): boolean {
    topic.readers.delete(reader)
    reader.topics.delete(topic)
    this.#audience.leave(reader, topic)
    this.#dropUnread(reader, topic)
    this.delivery.setPace(reader, topic, 0)
    this.left(topic)
    if (topic.readers.size === 0) this.#unread?.(topic.name)
    return true
  }

  /** Forgets what waits for the reader, unless one of its patterns still fits. */
  #dropUnread(reader: Reader, topic: Topic): void {
    if (!topic.readers.has(reader) && !Patterns.reads(reader, topic.name)) this.delivery.drop(reader, topic)
  }
}
