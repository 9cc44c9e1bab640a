/** Who is in a topic: members by key, each for as long as one subscriber is it and a grace period longer. */
import type { PresenceRules } from './rules.ts'
import type { Member, PresenceState, TopicsClock } from './subscriber.ts'

/** What a presence tells: its state now, or what has changed. */
export interface PresenceNews extends PresenceState {
  readonly join?: ReadonlyMap<string, unknown>
  readonly leave?: readonly string[]
}

export interface PresenceOwner {
  readonly clock: TopicsClock
  changed(news: PresenceNews): void
  /** Nobody is there any more. */
  emptied(): void
}

interface Entry {
  data: unknown
  /** Subscribers that are this member. */
  holders: number
}

/** Milliseconds between two things that are told: of names, and of numbers only. */
const NAMES_EVERY = 100
const NUMBER_EVERY = 1000

export class Presence {
  readonly #rules: PresenceRules
  readonly #owner: PresenceOwner
  readonly #members = new Map<string, Entry>()
  /** Those that have gone, with when that is told; all wait equally long, so the first is due first. */
  readonly #leaving = new Map<string, number>()
  #grace: { clear(): void } | undefined
  /** What each key was to those who were told last; undefined for nobody. */
  readonly #before = new Map<string, Entry['data'] | typeof NOBODY>()
  #pause: { clear(): void } | undefined
  /** Members on other nodes that are not known by name. */
  #more = 0
  #toldCount = 0
  #toldNames = true
  /** True when somebody was given the number without the names, since names were told: changes are of no use to them. */
  #withoutNames = false
  /** True when somebody was given the state between two that are told: what is undone since then is news for that one. */
  #given = false

  constructor(rules: PresenceRules, owner: PresenceOwner) {
    this.#rules = rules
    this.#owner = owner
  }

  get count(): number {
    return this.#members.size + this.#more
  }

  get state(): PresenceState {
    this.#given = this.#before.size > 0
    if (this.#hasNames) return { count: this.count, members: this.#list() }
    this.#withoutNames = true
    return { count: this.count }
  }

  enter({ key, data }: Member): void {
    const entry = this.#members.get(key)
    this.#leaving.delete(key)
    if (entry !== undefined) {
      entry.holders++
      if (isSame(entry.data, data)) return
      this.#note(key, entry.data)
      entry.data = data
    } else {
      this.#note(key, NOBODY)
      this.#members.set(key, { data, holders: 1 })
    }
    this.#tellSoon()
  }

  leave(key: string): void {
    const entry = this.#members.get(key)
    if (entry === undefined || --entry.holders > 0) return
    this.#leaving.set(key, this.#owner.clock.now() + this.#rules.grace)
    // Who comes and goes under new names cannot fill the memory with members that have gone.
    this.#remove(this.#rules.max)
  }

  /** So many more are there that are not known by name. */
  more(count: number): void {
    if (count === this.#more) return
    this.#more = count
    this.#tellSoon()
    if (this.count === 0) this.#owner.emptied()
  }

  /** Those that have gone have left. */
  forget(): void {
    this.#remove(0)
  }

  close(): void {
    this.#grace?.clear()
    this.#pause?.clear()
  }

  get #hasNames(): boolean {
    return this.count <= this.#rules.max && this.#more === 0
  }

  #list(): Map<string, unknown> {
    return new Map([...this.#members].map(([key, { data }]) => [key, data]))
  }

  #note(key: string, before: unknown): void {
    if (!this.#before.has(key)) this.#before.set(key, before)
  }

  /** Removes who is due, and of the others all but so many. */
  #remove(most: number): void {
    const now = this.#owner.clock.now()
    let removed = false
    for (const [key, due] of this.#leaving) {
      if (due > now && this.#leaving.size <= most) break
      this.#note(key, this.#members.get(key)?.data)
      this.#leaving.delete(key)
      this.#members.delete(key)
      removed = true
    }
    this.#grace?.clear()
    this.#grace = undefined
    for (const due of this.#leaving.values()) {
      this.#grace = this.#owner.clock.setTimeout(() => this.#remove(this.#rules.max), Math.max(due - now, 1))
      break
    }
    if (removed) this.#tellSoon()
    if (removed && this.count === 0) this.#owner.emptied()
  }

  /** At once when nothing was told lately; else when that is a while ago. */
  #tellSoon(): void {
    if (this.#pause !== undefined) return
    this.#tell()
    this.#wait()
  }

  #wait(): void {
    const wait = this.#toldNames ? NAMES_EVERY : NUMBER_EVERY
    this.#pause = this.#owner.clock.setTimeout(() => {
      this.#pause = undefined
      if (this.#tell()) this.#wait()
    }, wait)
  }

  /** False when there is nothing to tell. */
  #tell(): boolean {
    const news = this.#news()
    this.#before.clear()
    if (news === undefined) return false
    this.#toldCount = news.count
    this.#toldNames = this.#hasNames
    this.#withoutNames = false
    this.#given = false
    this.#owner.changed(news)
    return true
  }

  #news(): PresenceNews | undefined {
    const { count } = this
    const given = this.#given
    if (!this.#hasNames) return this.#toldNames || given || count !== this.#toldCount ? { count } : undefined
    if (!this.#toldNames || this.#withoutNames) return this.state
    const join = new Map<string, unknown>()
    const leave: string[] = []
    for (const [key, before] of this.#before) {
      const entry = this.#members.get(key)
      if (entry === undefined) {
        if (given || before !== NOBODY) leave.push(key)
      } else if (given || before === NOBODY || !isSame(before, entry.data)) join.set(key, entry.data)
    }
    if (join.size + leave.length === 0) return undefined
    return { count, ...(join.size > 0 ? { join } : {}), ...(leave.length > 0 ? { leave } : {}) }
  }
}

const NOBODY = Symbol('nobody')

/** As far as it can be seen: what cannot be written as JSON is news each time. */
function isSame(a: unknown, b: unknown): boolean {
  try {
    return a === b || JSON.stringify(a) === JSON.stringify(b)
  } catch {
    return false
  }
}
