/** Topics that a backplane gives: their histories and places come from elsewhere, and are delivered by what delivers all. */
import type { Audience } from './audience.ts'
import type { Catalog } from './catalog.ts'
import type { Delivery } from './delivery.ts'
import type { Patterns } from './patterns.ts'
import type { Presence } from './presence.ts'
import type { Press } from './press.ts'
import type { TopicRules } from './rules.ts'
import type { Shelf } from './shelf.ts'
import type { Arrival, Position, Subscribed, Subscriber } from './subscriber.ts'
import type { Reader } from './topic.ts'

export interface JoinedOwner {
  readonly catalog: Catalog
  readonly press: Press
  readonly shelf: Shelf
  readonly delivery: Delivery
  readonly audience: Audience
  readonly patterns: Patterns
  readerOf(subscriber: Subscriber): Reader | undefined
}

export class Joined {
  readonly #owner: JoinedOwner

  constructor(owner: JoinedOwner) {
    this.#owner = owner
  }

  rulesOf(name: string): TopicRules {
    return this.#owner.catalog.rulesOf(name)
  }

  /** True when somebody has subscribed to this very name or pattern. */
  isRead(name: string): boolean {
    const { catalog, patterns } = this.#owner
    return (catalog.get(name)?.readers.size ?? 0) > 0 || patterns.has(name)
  }

  /** True when somebody has subscribed to a pattern that the topic fits. */
  isFollowed(name: string): boolean {
    return this.#owner.patterns.tree.find(name).length > 0
  }

  /** How many it would be for that is published now. */
  reach(name: string, except?: Subscriber): number {
    const { catalog, patterns, readerOf } = this.#owner
    let readers: Pick<ReadonlyMap<Reader, number>, 'has' | 'size'> | ReadonlySet<Reader> =
      catalog.get(name)?.readers ?? NONE
    const more = patterns.tree.find(name)
    if (more.length > 0)
      readers = new Set([readers as ReadonlyMap<Reader, number>, ...more].flatMap(some => [...some.keys()]))
    const left = except && readerOf(except)
    return left !== undefined && readers.has(left) ? readers.size - 1 : readers.size
  }

  /** From now on the topic is kept until it is parted from. */
  join(name: string): void {
    const topic = this.#owner.catalog.open(name)
    topic.joined = true
    topic.renewedAt = ++this.#owner.press.sequence
  }

  /** The backplane does not give the topic any more: nothing of it is kept. */
  part(name: string): void {
    const topic = this.#owner.catalog.get(name)
    if (topic === undefined) return
    topic.joined = false
    this.#owner.shelf.clear(topic)
    this.#owner.catalog.left(topic)
  }

  /** The history of the topic begins behind this place, whatever was in it. */
  begin(name: string, place: Position): void {
    this.#owner.shelf.begin(this.#owner.catalog.open(name), place)
  }

  /**
   * Gives it to all who have subscribed, in its place.
   * @throws what the topic's `key` throws, or whoever seals it
   */
  deliver(name: string, { data, offset, except, age, again }: Arrival): void {
    const { catalog, press, delivery, readerOf } = this.#owner
    const topic = catalog.wanted(name)
    if (topic === undefined) return
    const publication = press.make(topic, data, offset)
    press.admit(topic, publication, age)
    delivery.publish(topic, publication, except && readerOf(except), again ? topic.renewedAt : 0)
  }

  /**
   * Keeps it in its place, for those who come.
   * @throws as `deliver`
   */
  keep(name: string, { data, offset, age }: Arrival): void {
    const { catalog, press, shelf } = this.#owner
    const topic = catalog.open(name)
    const publication = press.make(topic, data, offset)
    if (topic.history !== undefined) shelf.add(topic, publication, age)
  }

  /** So many publications that came behind the last one are not to be had: all who read are told. */
  passOver(name: string, count: number): void {
    const { catalog, press, delivery } = this.#owner
    const topic = catalog.wanted(name)
    if (topic !== undefined) delivery.passOver(topic, count, ++press.sequence)
  }

  /** The history has begun anew: all who subscribed to the name are told. */
  renew(name: string, subscribed: Subscribed): void {
    const { catalog, press, delivery } = this.#owner
    const topic = catalog.get(name)
    if (topic === undefined) return
    topic.renewedAt = ++press.sequence
    delivery.renew(topic, subscribed, topic.renewedAt)
  }

  /** Who is in the topic, to which those on other nodes are added; undefined where its rules have no presence. */
  presentIn(name: string): Presence | undefined {
    return this.#owner.audience.presenceOf(this.#owner.catalog.open(name))
  }
}

const NONE: ReadonlyMap<Reader, number> = new Map()
