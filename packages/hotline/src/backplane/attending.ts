/** What this node says about its members: soon after they come and go, and again as long as there are any. */
import type { Member, TopicsClock } from '../topics/subscriber.ts'
import { ATTENDANCE, type Backplane } from './backplane.ts'
import { toAttendance } from './roll.ts'

export interface AttendingOwner {
  readonly clock: TopicsClock
  readonly node: string
  /** Members up to which they are told by name. */
  maxOf(topic: string): number
  failed(topic: string, error: unknown): void
}

/** Milliseconds for which changes are gathered. */
const GATHER = 100

/** Topics that are spoken of at once, or more where there are so many that their words would not last till the next. */
const AT_ONCE = 500

interface Held extends Pick<Member, 'data'> {
  data: unknown
  /** Readers that are this member. */
  holders: number
}

export class Attending {
  readonly #owner: AttendingOwner
  readonly #topics = new Map<string, Map<string, Held>>()
  /** When each was spoken of last, the longest ago first. */
  readonly #said = new Map<string, number>()
  /** Those of which there is news. */
  readonly #news = new Set<string>()
  /** Those of which the engine has not answered. */
  readonly #saying = new Set<string>()
  #backplane: Backplane | undefined
  #timer: { clear(): void } | undefined
  /** When that is due. */
  #at = 0

  constructor(owner: AttendingOwner) {
    this.#owner = owner
  }

  /** A reader has become a member, or (undefined) is none any more. */
  changed(topic: string, key: string, member: Member | undefined): void {
    let members = this.#topics.get(topic)
    if (members === undefined) this.#topics.set(topic, (members = new Map()))
    const held = members.get(key)
    if (member !== undefined) members.set(key, { data: member.data, holders: (held?.holders ?? 0) + 1 })
    else if (held !== undefined && --held.holders === 0) members.delete(key)
    if (members.size === 0) this.#topics.delete(topic)
    this.#tellOf(topic)
  }

  /** The engine is there: it may have forgotten everything. */
  start(backplane: Backplane): void {
    this.#backplane = backplane
    for (const topic of this.#topics.keys()) this.#tellOf(topic)
  }

  /** The engine is away. */
  stop(): void {
    this.#backplane = undefined
    this.#timer?.clear()
    this.#timer = undefined
  }

  /** Nobody of this node is anywhere any more. */
  close(): void {
    for (const topic of this.#said.keys()) void this.#say(topic, undefined)
    this.stop()
  }

  #tellOf(topic: string): void {
    this.#news.add(topic)
    this.#wait(GATHER)
  }

  /** After so long, or sooner when that is set already. */
  #wait(ms: number): void {
    const at = this.#owner.clock.now() + ms
    if (this.#backplane === undefined || (this.#timer !== undefined && this.#at <= at)) return
    this.#timer?.clear()
    this.#at = at
    this.#timer = this.#owner.clock.setTimeout(() => this.#turn(), ms)
  }

  #turn(): void {
    this.#timer = undefined
    const now = this.#owner.clock.now()
    let left = Math.max(AT_ONCE, Math.ceil(((this.#said.size + this.#news.size) * GATHER) / AGAIN))
    for (const topic of this.#due(now)) {
      if (left-- === 0) break
      this.#sayNow(topic, now)
    }
    this.#goOn(now)
  }

  *#due(now: number): Iterable<string> {
    for (const topic of this.#news) if (!this.#saying.has(topic)) yield topic
    for (const [topic, at] of this.#said) {
      if (at + AGAIN > now) return
      if (!this.#saying.has(topic)) yield topic
    }
  }

  #sayNow(topic: string, now: number): void {
    const members = this.#topics.get(topic)
    this.#news.delete(topic)
    this.#said.delete(topic)
    if (members !== undefined) this.#said.set(topic, now)
    void this.#say(topic, members)
  }

  async #say(topic: string, members: ReadonlyMap<string, Held> | undefined): Promise<void> {
    const { node } = this.#owner
    this.#saying.add(topic)
    try {
      await this.#backplane?.attend(topic, node, members && toAttendance(members, this.#owner.maxOf(topic)))
    } catch (error) {
      // It is said again in any case; while the engine is away, that is no news.
      if (this.#backplane !== undefined) this.#owner.failed(topic, error)
    }
    this.#saying.delete(topic)
    if (this.#news.has(topic)) this.#wait(GATHER)
  }

  #goOn(now: number): void {
    for (const topic of this.#news) {
      if (this.#saying.has(topic)) continue
      this.#wait(GATHER)
      break
    }
    const [oldest] = this.#said.values()
    if (oldest !== undefined) this.#wait(Math.max(GATHER, oldest + AGAIN - now))
  }
}

/** Milliseconds after which it is said again. */
const AGAIN = ATTENDANCE / 3
