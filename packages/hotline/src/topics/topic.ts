/** What is held for a topic, and for one that reads. */
import type { History } from './history.ts'
import type { Lane } from './lane.ts'
import type { Pace } from './pace.ts'
import type { Presence } from './presence.ts'
import type { TopicRules } from './rules.ts'
import type { Subscriber } from './subscriber.ts'

/** What happened in a topic since there is somebody or something in it. */
export interface TopicCounters {
  published: number
  /** Publications that were sent to a subscriber, each counted for each. */
  sent: number
  /** Publications that were passed over for a subscriber, each counted for each. */
  passedOver: number
  /** Subscribers that were too slow and were closed. */
  disconnected: number
}

export class Topic {
  readonly name: string
  readonly rules: TopicRules
  /** Each with the sequence number of the last publication before it came. */
  readonly readers = new Map<Reader, number>()
  /** Those for which something waits. */
  readonly waiting = new Set<Reader>()
  /** Those that want to know who is here. */
  watchers: Set<Reader> | undefined
  history: History | undefined
  presence: Presence | undefined
  /** True while a backplane gives what is published here: then it is that which forgets the topic. */
  joined = false
  /** The number at which it was joined, or its history began anew. */
  renewedAt = 0
  /** Publications that are being delivered, or wait behind one that is: so long it is not forgotten. */
  undelivered = 0
  /** Runs while a batch is gathered. */
  window: { clear(): void } | undefined
  readonly counters: TopicCounters = { published: 0, sent: 0, passedOver: 0, disconnected: 0 }

  constructor(name: string, rules: TopicRules) {
    this.name = name
    this.rules = rules
  }

  /** True when nothing would be lost if it were forgotten. */
  get isEmpty(): boolean {
    const kept = (this.history?.size ?? 0) + (this.presence?.count ?? 0)
    return (
      this.window === undefined &&
      !this.joined &&
      kept + this.undelivered + this.readers.size + this.waiting.size + (this.watchers?.size ?? 0) === 0
    )
  }
}

/** Those that subscribed to a pattern, as in `Topic.readers`. */
export type PatternReaders = Map<Reader, number>

/** Of all for whom nothing waits. */
const NOTHING: ReadonlyMap<Topic, Lane> = new Map()

export class Reader {
  readonly subscriber: Subscriber
  readonly topics = new Set<Topic>()
  patterns: Set<string> | undefined
  /** What waits for it: for most that is nothing, and takes nothing (docs/guide/topics.md). */
  lanes: ReadonlyMap<Topic, Lane> = NOTHING
  /** Of the topics that it wants more slowly than they are. */
  paces: Map<Topic, Pace> | undefined
  /** The member that it is. */
  members: Map<Topic, string> | undefined
  /** Topics of which it has to be told anew who is there. */
  stale: Set<Topic> | undefined
  /** Bytes of all that waits for it. */
  bytes = 0
  /** Publications that were passed over for it. */
  passedOver = 0
  /** True until it has given the sign that it was asked for. */
  probing = false
  probedAt = Number.NEGATIVE_INFINITY
  /** The number of the last round that has come to it. */
  round = 0

  constructor(subscriber: Subscriber) {
    this.subscriber = subscriber
  }

  /** True while what is published to this topic is gathered for it. */
  gathers(topic: Topic): boolean {
    return topic.window !== undefined || this.paces?.get(topic)?.gathers === true
  }

  addLane(topic: Topic, lane: Lane): void {
    if (this.lanes === NOTHING) this.lanes = new Map()
    ;(this.lanes as Map<Topic, Lane>).set(topic, lane)
  }

  removeLane(topic: Topic): void {
    if (this.lanes.has(topic)) (this.lanes as Map<Topic, Lane>).delete(topic)
  }

  /** True when nothing of this topic is to be sent to it now. */
  isBusy(topic: Topic): boolean {
    return this.subscriber.congested || (this.probing && topic.rules.slow === 'latest')
  }
}
