/** The engine in memory: topics with their journals, those who consume and watch them, and the roster. It calls back at once. */
import { PatternTree } from '../topics/names.ts'
import type { HistoryRules } from '../topics/rules.ts'
import type { TopicsClock } from '../topics/subscriber.ts'
import type { Attendance, Entry, Place, TopicListener } from './backplane.ts'
import { Ears } from './ears.ts'
import { Journal, REMEMBERED } from './journal.ts'
import { Roster } from './roster.ts'

export interface HubParts {
  readonly clock: TopicsClock
  /** A fresh epoch, which nobody can guess. */
  readonly random: () => string
  /** Bytes of all journals together; above, the topic that was used longest ago loses its oldest publication. */
  readonly bytes: number
}

/** Milliseconds between two looks for what is old and unused, and the part of all topics that one look sees. */
const SWEEP = 1000
const PART = 30

/** Bytes that a topic takes beside its publications. */
const TOPIC = 1024

interface Topic {
  readonly name: string
  journal: Journal | undefined
  readonly keeping: Ears<TopicListener>
  readonly passing: Ears<TopicListener>
  /** When it was used last. */
  used: number
  /** What its journal was counted with. */
  counted: number
}

type Watcher = (topic: string, entry: Entry) => void

export class Hub {
  readonly #clock: TopicsClock
  readonly #random: () => string
  readonly #budget: number
  readonly #roster: Roster
  readonly #topics = new Map<string, Topic>()
  /** Those whose journal has something, the one that was published to longest ago first. */
  readonly #kept = new Set<Topic>()
  readonly #patterns = new PatternTree<Ears<Watcher>>()
  #sweep: { clear(): void } | undefined
  #round: Iterator<Topic> | undefined
  /** Bytes of all journals. */
  bytes = 0

  constructor({ clock, random, bytes }: HubParts) {
    this.#clock = clock
    this.#random = random
    this.#budget = bytes
    this.#roster = new Roster(clock)
  }

  /** Topics that it knows. */
  get size(): number {
    return this.#topics.size
  }

  /** Begins with `state` in this very call when there is a history. Returns what ends it. */
  consume(name: string, history: HistoryRules | undefined, listener: TopicListener): () => void {
    const topic = this.#use(name)
    if (history === undefined) return topic.passing.add(listener)
    const journal = this.#journal(topic, history)
    const end = topic.keeping.add(listener)
    listener.state(journal.place, journal.entries)
    return () => {
      end()
      topic.used = this.#clock.now()
    }
  }

  watch(pattern: string, watcher: Watcher): () => void {
    let ears = this.#patterns.get(pattern)
    if (ears === undefined) this.#patterns.set(pattern, (ears = new Ears()))
    const end = ears.add(watcher)
    return () => {
      end()
      if (this.#patterns.get(pattern)?.isEmpty) this.#patterns.delete(pattern)
    }
  }

  /** Its place; undefined without history, and for one that has been kept before and is not here any more. */
  publish(name: string, history: HistoryRules | undefined, entry: Entry): Place | undefined {
    const topic = history === undefined ? this.#topics.get(name) : this.#use(name)
    if (topic === undefined || history === undefined) {
      topic?.passing.each(listener => listener.passed(entry))
      this.#signal(name, entry)
      return undefined
    }
    const journal = this.#journal(topic, history)
    const kept = journal.add(entry, this.#clock.now())
    this.#kept.delete(topic)
    this.#count(topic)
    this.#shrink()
    if (kept === undefined) return journal.find(entry)
    topic.keeping.each(listener => listener.kept(kept))
    this.#signal(name, entry)
    return { epoch: journal.epoch, offset: kept.offset }
  }

  attend(topic: string, node: string, attendance: Attendance | undefined): void {
    this.#roster.say(topic, node, attendance)
  }

  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): () => void {
    return this.#roster.listen(topic, listener)
  }

  /** A node is gone: what it said about its members does not count any more. */
  forget(node: string): void {
    this.#roster.forget(node)
  }

  /** Forgets everything; it can be used anew. */
  close(): void {
    this.#sweep?.clear()
    this.#sweep = undefined
    this.#round = undefined
    this.#roster.close()
    this.#topics.clear()
    this.#kept.clear()
    this.bytes = 0
  }

  #use(name: string): Topic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = { name, journal: undefined, keeping: new Ears(), passing: new Ears(), used: 0, counted: 0 }
      this.#topics.set(name, topic)
      this.#sweep ??= this.#clock.setTimeout(this.#look, SWEEP)
    }
    topic.used = this.#clock.now()
    return topic
  }

  #journal(topic: Topic, history: HistoryRules): Journal {
    topic.journal ??= new Journal(this.#random(), history)
    topic.journal.rules = history
    topic.journal.expire(topic.used)
    return topic.journal
  }

  #signal(name: string, entry: Entry): void {
    if (this.#patterns.isEmpty) return
    for (const ears of this.#patterns.find(name)) ears.each(watcher => watcher(name, entry))
  }

  /** Counts it as it is now. One that was not counted before comes behind the others. */
  #count(topic: Topic): void {
    const { size = 0, bytes = 0 } = topic.journal ?? {}
    const now = size === 0 ? 0 : TOPIC + bytes
    this.bytes += now - topic.counted
    topic.counted = now
    if (now === 0) this.#kept.delete(topic)
    else this.#kept.add(topic)
  }

  /** Those that were published to longest ago lose what they have, the oldest first, until all is within the budget. */
  #shrink(): void {
    for (const topic of this.#kept) {
      while (this.bytes > this.#budget && this.#kept.has(topic)) {
        topic.journal?.dropOldest()
        this.#count(topic)
      }
      if (this.bytes <= this.#budget) return
    }
  }

  /** Looks at a part of all topics, so that no look is long however many there are. */
  readonly #look = (): void => {
    this.#sweep = undefined
    const now = this.#clock.now()
    for (let left = Math.ceil(this.#topics.size / PART); left > 0; left--) {
      const next = (this.#round ??= this.#topics.values()).next()
      if (next.done) this.#round = undefined
      else this.#age(next.value, now)
    }
    if (this.#topics.size > 0) this.#sweep = this.#clock.setTimeout(this.#look, SWEEP)
  }

  /** Drops what is too old of it, and forgets it when nothing is left and nobody has used it for as long as its places may come back. */
  #age(topic: Topic, now: number): void {
    topic.journal?.expire(now)
    this.#count(topic)
    if (!topic.keeping.isEmpty || !topic.passing.isEmpty || (topic.journal?.size ?? 0) > 0) return
    const age = topic.journal?.rules.age ?? 0
    const rest = topic.journal === undefined ? 0 : Math.max(REMEMBERED, Number.isFinite(age) ? age : 0)
    if (now - topic.used >= rest) this.#topics.delete(topic.name)
  }
}
