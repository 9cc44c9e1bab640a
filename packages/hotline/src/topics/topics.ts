/** Topics: who has subscribed to what, and what is published to them. It knows subscribers, and no socket. */
import { UsageError } from '../errors.ts'
import { Audience } from './audience.ts'
import { Delivery, type DeliveryOwner } from './delivery.ts'
import { checkPattern, checkTopic, fits, isWildcard, PatternTree } from './names.ts'
import { Publication } from './publication.ts'
import { PLAIN, type TopicRules } from './rules.ts'
import { Shelf } from './shelf.ts'
import { type ReaderStats, readerStats, type TopicStats, topicStats } from './stats.ts'
import type { PresenceState, Published, Subscribed, SubscribeOptions, Subscriber, TopicsClock } from './subscriber.ts'
import { Forgotten, type TopicSums } from './sums.ts'
import { type PatternReaders, Reader, Topic } from './topic.ts'

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
}

export class Topics implements DeliveryOwner {
  readonly clock: TopicsClock
  readonly patterns = new PatternTree<PatternReaders>()
  readonly pendingBytes: number
  readonly #rules: readonly (readonly [pattern: string, rules: TopicRules])[]
  readonly #seal: (publication: Publication) => number
  readonly #failed: TopicsParts['failed']
  readonly #topics = new Map<string, Topic>()
  readonly #readers = new Map<Subscriber, Reader>()
  readonly #delivery = new Delivery(this)
  readonly #shelf: Shelf
  readonly #audience: Audience
  readonly #forgotten = new Forgotten()
  #sequence = 0

  constructor({ clock, random, failed, rules = [], seal = () => 0, ...bounds }: TopicsParts) {
    const { historyBytes = 67_108_864, pendingBytes = 4_194_304 } = bounds
    for (const [pattern] of rules) checkPattern(pattern)
    this.clock = clock
    this.pendingBytes = pendingBytes
    this.#rules = rules
    this.#seal = seal
    this.#failed = failed
    this.#shelf = new Shelf(historyBytes, { clock, random, left: topic => this.left(topic) })
    this.#audience = new Audience({
      clock,
      run: work => this.#delivery.run(work),
      withReader: (reader, work) => this.#delivery.withReader(reader, work),
      left: topic => this.left(topic),
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
    if (isWildcard(name)) return this.#subscribePattern(subscriber, name, options)
    const reader = this.#readerOf(subscriber)
    const topic = this.#topicOf(name)
    const anew = options.since !== undefined || options.last !== undefined
    if (anew || !topic.readers.has(reader)) topic.readers.set(reader, this.#sequence)
    reader.topics.add(topic)
    if (anew) this.#delivery.drop(reader, topic)
    if (options.every !== undefined) this.#delivery.setPace(reader, topic, options.every)
    if (options.member !== undefined) this.#audience.enter(reader, topic, options.member)
    const subscribed = this.#welcome(reader, topic, options)
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
    for (const topic of reader.lanes.keys()) this.#delivery.drop(reader, topic)
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
    const publication = this.#make(topic, data)
    this.#sequence++
    topic.counters.published++
    topic.undelivered++
    if (publication.offset !== undefined) this.#shelf.add(topic, publication)
    const subscribers = this.#delivery.publish(topic, publication, except && this.#readers.get(except))
    return publication.offset === undefined ? { subscribers } : { offset: publication.offset, subscribers }
  }

  /** There is room again for what waits for the subscriber. */
  drained(subscriber: Subscriber): void {
    const reader = this.#readers.get(subscriber)
    if (reader === undefined) return
    const goOn = (): void => {
      this.#audience.catchUp(reader)
      this.#delivery.flush(reader)
    }
    this.#delivery.run(() => this.#delivery.withReader(reader, goOn))
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
    if (topic !== undefined) this.#shelf.expire(topic)
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

  /** Figures of all topics together, since the beginning. */
  get sums(): TopicSums {
    return this.#forgotten.with(this.#topics.values())
  }

  /** Bytes that all histories take. */
  get historyBytes(): number {
    return this.#shelf.bytes
  }

  /** Forgets everything; no timer is left. */
  close(): void {
    for (const subscriber of [...this.#readers.keys()]) this.remove(subscriber)
    for (const topic of this.#topics.values()) this.#drop(topic)
    this.#shelf.close()
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
    this.#forgotten.add(topic)
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

  #make(topic: Topic, data: unknown): Publication {
    try {
      const { rules, name } = topic
      const history = this.#shelf.historyOf(topic)
      const key = rules.slow === 'latest' ? rules.key?.(data) : undefined
      const place = { offset: history && history.offset + 1, sequence: this.#sequence + 1, key }
      const publication = new Publication(name, data, place)
      publication.cost = this.#seal(publication)
      return publication
    } catch (error) {
      this.left(topic)
      throw error
    }
  }

  #subscribePattern(subscriber: Subscriber, pattern: string, { told, ...options }: SubscribeOptions): Subscribed {
    if (Object.values(options).some(option => option !== undefined)) {
      throw new UsageError(`the pattern ${pattern} has no history, presence or pace: subscribe to its topics`, 'topic')
    }
    const reader = this.#readerOf(subscriber)
    let readers = this.patterns.get(pattern)
    if (readers === undefined) this.patterns.set(pattern, (readers = new Map()))
    if (!readers.has(reader)) readers.set(reader, this.#sequence)
    ;(reader.patterns ??= new Set()).add(pattern)
    told?.(NOTHING_MORE)
    return NOTHING_MORE
  }

  #leavePattern(reader: Reader, pattern: string): boolean {
    if (reader.patterns?.delete(pattern) !== true) return false
    const readers = this.patterns.get(pattern)
    readers?.delete(reader)
    if (readers?.size === 0) this.patterns.delete(pattern)
    for (const topic of reader.lanes.keys()) this.#dropUnread(reader, topic)
    return true
  }

  #leave(reader: Reader, topic: Topic): boolean {
    topic.readers.delete(reader)
    reader.topics.delete(topic)
    this.#audience.leave(reader, topic)
    this.#dropUnread(reader, topic)
    this.#delivery.setPace(reader, topic, 0)
    this.left(topic)
    return true
  }

  /** Forgets what waits for the reader, unless one of its patterns still fits. */
  #dropUnread(reader: Reader, topic: Topic): void {
    if (topic.readers.has(reader)) return
    for (const pattern of reader.patterns ?? []) if (fits(topic.name, pattern)) return
    this.#delivery.drop(reader, topic)
  }

  /** Tells what became of the subscription, and then sends what is replayed. */
  #welcome(reader: Reader, topic: Topic, { since, last, told }: SubscribeOptions): Subscribed {
    this.#shelf.expire(topic)
    const presence = topic.rules.presence && { presence: topic.presence?.state ?? NOBODY }
    const history = this.#shelf.historyOf(topic)
    if (history === undefined) {
      const subscribed = { replayed: 0, ...(since && NO_HISTORY), ...presence }
      told?.(subscribed)
      return subscribed
    }
    const { publications, ...replay } = history.replay(since, last ?? 0, this.#capOf(reader, topic))
    const subscribed = { epoch: history.epoch, ...replay, replayed: publications.length, ...presence }
    if (publications.length > 0) this.#delivery.laneOf(reader, topic).replay(publications)
    told?.(subscribed)
    if (publications.length > 0) this.#delivery.run(() => this.#flush(reader))
    return subscribed
  }

  #flush(reader: Reader): void {
    this.#delivery.withReader(reader, one => this.#delivery.flush(one))
  }

  #capOf(reader: Reader, { rules }: Topic): TopicRules['replay'] {
    return { size: rules.replay.size, bytes: Math.min(rules.replay.bytes, this.pendingBytes - reader.bytes) }
  }
}

const NOTHING_MORE: Subscribed = { replayed: 0 }
const NO_HISTORY = { recovered: false, code: 'epoch', reason: 'the topic has no history' } as const
const NOBODY: PresenceState = { count: 0, members: new Map() }
