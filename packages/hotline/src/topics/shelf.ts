/** The histories of all topics: how much they take together, and when they are too old. */
import { History } from './history.ts'
import type { Publication } from './publication.ts'
import type { Position, TopicsClock } from './subscriber.ts'
import type { Topic } from './topic.ts'

export interface ShelfOwner {
  readonly clock: TopicsClock
  /** A fresh epoch, which nobody can guess. */
  readonly random: () => string
  /** A topic may have become empty. */
  left(topic: Topic): void
}

/** Bytes that a topic with a history takes beside its publications. */
const TOPIC = 1024
/** Bytes that a publication takes in a history beside its content. */
const ENTRY = 256

export class Shelf {
  readonly #owner: ShelfOwner
  readonly #budget: number
  /** Those that have something, the one that was published to longest ago first, and what each was counted with. */
  readonly #topics = new Map<Topic, number>()
  readonly #timers = new Map<Topic, { clear(): void }>()
  bytes = 0

  constructor(budget: number, owner: ShelfOwner) {
    this.#budget = budget
    this.#owner = owner
  }

  /** The history of a topic whose rules have one. */
  historyOf(topic: Topic): History | undefined {
    const { history } = topic.rules
    if (history === undefined) return undefined
    topic.history ??= new History(this.#owner.random(), history)
    return topic.history
  }

  /** The history of the topic begins behind this place, whatever was in it. */
  begin(topic: Topic, { epoch, offset }: Position): void {
    const { history } = topic.rules
    if (history === undefined) return
    this.#forget(topic)
    this.#unwatch(topic)
    topic.history = new History(epoch, history, offset)
  }

  /** @param age - milliseconds since it was published */
  add(topic: Topic, publication: Publication, age = 0): void {
    const history = topic.history as History
    history.add(publication, ENTRY + publication.cost, this.#owner.clock.now(), age)
    this.#forget(topic)
    this.#count(topic)
    while (this.bytes > this.#budget) this.#shrink()
    this.#watch(topic)
  }

  /** Drops what is too old, so that what is said of the history is true now. */
  expire(topic: Topic): void {
    topic.history?.expire(this.#owner.clock.now())
    if (this.#topics.has(topic)) this.#count(topic)
  }

  /** Nothing of the topic is kept any more. */
  clear(topic: Topic): void {
    this.#forget(topic)
    this.#unwatch(topic)
    topic.history = undefined
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.clear()
    this.#timers.clear()
  }

  /** Counts it as it is now, in its place. */
  #count(topic: Topic): void {
    const { size = 0, bytes = 0 } = topic.history ?? {}
    this.bytes -= this.#topics.get(topic) ?? 0
    if (size === 0) {
      this.#topics.delete(topic)
      return
    }
    this.#topics.set(topic, TOPIC + bytes)
    this.bytes += TOPIC + bytes
  }

  #forget(topic: Topic): void {
    this.bytes -= this.#topics.get(topic) ?? 0
    this.#topics.delete(topic)
  }

  /** The topic that was published to longest ago loses its oldest publication. */
  #shrink(): void {
    for (const topic of this.#topics.keys()) {
      topic.history?.dropOldest()
      this.#count(topic)
      this.#emptied(topic)
      return
    }
  }

  /** Comes back when the oldest publication is too old. */
  #watch(topic: Topic): void {
    if (this.#timers.has(topic)) return
    const wait = topic.history?.expiry(this.#owner.clock.now())
    if (wait === undefined) return
    const look = (): void => {
      this.#timers.delete(topic)
      this.expire(topic)
      this.#emptied(topic)
      this.#watch(topic)
    }
    this.#timers.set(topic, this.#owner.clock.setTimeout(look, Math.min(Math.max(wait, 1), LONGEST_TIMER)))
  }

  #emptied(topic: Topic): void {
    if (topic.history?.size !== 0) return
    this.#unwatch(topic)
    this.#owner.left(topic)
  }

  #unwatch(topic: Topic): void {
    this.#timers.get(topic)?.clear()
    this.#timers.delete(topic)
  }
}

/** What timers can hold. */
const LONGEST_TIMER = 2_147_483_647
