/** Topics: who has subscribed to what, and what is published to them. It knows subscribers, and no socket. */
import { Audience, type AudienceOwner } from './audience.ts'
import { Delivery, type DeliveryOwner } from './delivery.ts'
import { checkPattern, checkTopic, fits, isWildcard } from './names.ts'
import { checkPatternOptions, NOTHING_MORE, Patterns } from './patterns.ts'
import { Publication } from './publication.ts'
import { PLAIN, type TopicRules } from './rules.ts'
import { Shelf } from './shelf.ts'
import { Source } from './source.ts'
import { type ReaderStats, readerStats, type TopicStats, topicStats } from './stats.ts'
import type {
  Arrival,
  Position,
  PresenceState,
  Published,
  Subscribed,
  SubscribeOptions,
  Subscriber,
  TopicsClock,
} from './subscriber.ts'
import { Reader, Topic } from './topic.ts'
import { NOBODY, welcome } from './welcome.ts'

export interface TopicsParts {
  readonly clock: TopicsClock
  /** A text of 128 bits that nobody can guess: the epoch of a history. */
  readonly random: () => string
  /** The rules of each pattern; the first pattern that a topic fits decides. */
  readonly rules?: readonly (readonly [pattern: string, rules: TopicRules])[]
  /**
   * Called once for each publication, before anybody gets it: what is written of it is to be made now, since the
   * application may change the data while it is kept. Gives the bytes that it takes; what it throws, `publish` throws.
   */
  readonly seal?: (publication: Publication) => number
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
  readonly #rules: readonly (readonly [pattern: string, rules: TopicRules])[]
  readonly #seal: (publication: Publication) => number
  readonly #failed: TopicsParts['failed']
  readonly #unread: TopicsParts['unread']
  readonly #topics = new Map<string, Topic>()
  readonly #readers = new Map<Subscriber, Reader>()
  readonly delivery = new Delivery(this)
  readonly shelf: Shelf
  readonly #audience: Audience
  #sequence = 0

  constructor({ clock, random, failed, rules = [], seal = () => 0, ...bounds }: TopicsParts) {
    const { historyBytes = 67_108_864, pendingBytes = 4_194_304 } = bounds
    for (const [pattern] of rules) checkPattern(pattern)
    this.clock = clock
    this.pendingBytes = pendingBytes
    this.#rules = rules
    this.#seal = seal
    this.#failed = failed
    this.#unread = bounds.unread
    this.shelf = new Shelf(historyBytes, { clock, random, left: topic => this.left(topic) })
    this.#audience = new Audience({
      clock,
      run: work => this.delivery.run(work),
      withReader: (reader, work) => this.delivery.withReader(reader, work),
      left: topic => this.left(topic),
      attended: bounds.attended,
    })
  }

  /** The rules that hold for a topic. */
  rulesOf(name: string): TopicRules {
    return this.#topics.get(name)?.rules ?? this.#rules.find(([pattern]) => fits(name, pattern))?.[1] ?? PLAIN
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
      this.#patterns.add(this.#readerOf(subscriber), name, this.#sequence)
      options.told?.(NOTHING_MORE)
      return NOTHING_MORE
    }
    const reader = this.#readerOf(subscriber)
    const topic = this.#topicOf(name)
    const anew = options.since !== undefined || options.last !== undefined
    if (anew || !topic.readers.has(reader)) topic.readers.set(reader, this.#sequence)
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
    const topic = this.#topics.get(name)
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
    const topic = this.#topics.get(name) ?? this.#topicFor(name)
    if (topic === undefined) return { subscribers: 0 }
    const history = this.shelf.historyOf(topic)
    const publication = this.#make(topic, data, history && history.offset + 1)
    const subscribers = this.#spread(topic, publication, except)
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
    return this.#topics.get(name)?.presence?.state ?? NOBODY
  }

  /** Figures of a topic; undefined when there is nobody and nothing in it. */
  stats(name: string): TopicStats | undefined {
    const topic = this.#topics.get(name)
    if (topic !== undefined) this.shelf.expire(topic)
    return topic && topicStats(topic)
  }

  /** Figures of a subscriber; undefined when it has subscribed to nothing. */
  readerStats(subscriber: Subscriber): ReaderStats | undefined {
    return readerStats(this.#readers.get(subscriber))
  }

  /** The names of all topics that there is somebody or something in. */
  names(): IterableIterator<string> {
    return this.#topics.keys()
  }

  /** Bytes that all histories take. */
  get historyBytes(): number {
    return this.shelf.bytes
  }

  /** Forgets everything; no timer is left. */
  close(): void {
    for (const subscriber of [...this.#readers.keys()]) this.remove(subscriber)
    for (const topic of this.#topics.values()) this.#drop(topic)
    this.shelf.close()
  }

  // With a backplane, which gives the topics that are joined.

  /** From now on the topic is kept until it is parted from. */
  join(name: string): void {
    this.#topicOf(name).joined = true
  }

  /** The backplane does not give the topic any more: nothing of it is kept. */
  part(name: string): void {
    const topic = this.#topics.get(name)
    if (topic === undefined) return
    topic.joined = false
    this.shelf.clear(topic)
    this.left(topic)
  }

  /** The history of the topic begins behind this place, whatever was in it. */
  begin(name: string, place: Position): void {
    this.shelf.begin(this.#topicOf(name), place)
  }

  /**
   * Gives it to all who have subscribed, in its place.
   * @throws what the topic's `key` throws, or whoever seals it
   */
  deliver(name: string, { data, offset, except, age }: Arrival): void {
    const topic = this.#topics.get(name) ?? this.#topicFor(name)
    if (topic !== undefined) this.#spread(topic, this.#make(topic, data, offset), except, age)
  }

  /**
   * Keeps it in its place, for those who come.
   * @throws as `deliver`
   */
  keep(name: string, { data, offset, age }: Arrival): void {
    const topic = this.#topicOf(name)
    const publication = this.#make(topic, data, offset)
    if (topic.history !== undefined) this.shelf.add(topic, publication, age)
  }

  /** So many publications that came behind the last one are not to be had: all who read are told. */
  passOver(name: string, count: number): void {
    const topic = this.#topics.get(name) ?? this.#topicFor(name)
    if (topic !== undefined) this.delivery.passOver(topic, count, ++this.#sequence)
  }

  /** The history has begun anew: all who subscribed to the name are told. */
  renew(name: string, subscribed: Subscribed): void {
    const topic = this.#topics.get(name)
    if (topic !== undefined) this.delivery.renew(topic, subscribed, ++this.#sequence)
  }

  /** Who is somewhere else is in the topic too. */
  get audience(): Audience {
    return this.#audience
  }

  /** How many it would be for that is published now. */
  reach(name: string, except?: Subscriber): number {
    const readers = new Set(this.#topics.get(name)?.readers.keys())
    for (const more of this.patterns.find(name)) for (const reader of more.keys()) readers.add(reader)
    const left = except && this.#readers.get(except)
    return left !== undefined && readers.has(left) ? readers.size - 1 : readers.size
  }

  /** True when somebody has subscribed to this very name or pattern. */
  isRead(name: string): boolean {
    return (this.#topics.get(name)?.readers.size ?? 0) > 0 || this.#patterns.has(name)
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
    if (topic.isEmpty && this.#topics.get(topic.name) === topic) this.#drop(topic)
  }

  #drop(topic: Topic): void {
    this.#topics.delete(topic.name)
    topic.window?.clear()
    topic.presence?.close()
  }

  #readerOf(subscriber: Subscriber): Reader {
    let reader = this.#readers.get(subscriber)
    if (reader === undefined) this.#readers.set(subscriber, (reader = new Reader(subscriber)))
    return reader
  }

  #topicOf(name: string): Topic {
    let topic = this.#topics.get(name)
    if (topic === undefined) this.#topics.set(name, (topic = new Topic(name, this.rulesOf(name))))
    return topic
  }

  /** A topic that nobody has subscribed to by its name: it is needed for its history, or by patterns. */
  #topicFor(name: string): Topic | undefined {
    const needed = this.rulesOf(name).history !== undefined || this.patterns.find(name).length > 0
    return needed ? this.#topicOf(name) : undefined
  }

  #make(topic: Topic, data: unknown, offset: number | undefined): Publication {
    try {
      const { rules, name } = topic
      const key = keyOf(data, rules)
      const place = { offset, sequence: this.#sequence + 1, key }
      const publication = new Publication(name, data, place)
      publication.cost = this.#seal(publication)
      return publication
    } catch (error) {
      this.left(topic)
      throw error
    }
  }

  #spread(topic: Topic, publication: Publication, except: Subscriber | undefined, age?: number): number {
    this.#sequence++
    topic.counters.published++
    topic.undelivered++
    if (publication.offset !== undefined) this.shelf.add(topic, publication, age)
    return this.delivery.publish(topic, publication, except && this.#readers.get(except))
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

/** Of which thing it is the news. */
const keyOf = (data: unknown, { slow, key }: TopicRules): string | number | undefined =>
  slow === 'latest' ? key?.(data instanceof Source ? data.value : data) : undefined
