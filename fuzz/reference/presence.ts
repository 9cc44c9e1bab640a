/** Who is in a topic, by the words of docs/guide/topics.md and nothing else. */

export const RULES = { grace: 150, max: 3 } as const

interface Member {
  data: number
  readonly holders: Set<object>
  /** When it is said to have left, once nobody is it any more. */
  due: number | undefined
}

export class ModelPresence {
  readonly #members = new Map<string, Member>()
  /** What each one is. */
  readonly #keys = new Map<object, string>()

  enter(who: object, key: string, data: number, now: number): void {
    const before = this.#keys.get(who)
    const member = this.#members.get(key) ?? { data, holders: new Set(), due: undefined }
    this.#members.set(key, Object.assign(member, { data, due: undefined }))
    member.holders.add(who)
    this.#keys.set(who, key)
    if (before !== undefined && before !== key) this.#release(who, before, now)
  }

  leave(who: object, now: number): void {
    const key = this.#keys.get(who)
    this.#keys.delete(who)
    if (key !== undefined) this.#release(who, key, now)
  }

  expire(now: number): void {
    for (const [key, { due = Number.POSITIVE_INFINITY }] of this.#members) if (due <= now) this.#members.delete(key)
  }

  has(key: string): boolean {
    return this.#members.has(key)
  }

  get count(): number {
    return this.#members.size
  }

  /** By name; undefined where there are too many. */
  get names(): Record<string, number> | undefined {
    if (this.count > RULES.max) return undefined
    return Object.fromEntries([...this.#members].map(([key, { data }]) => [key, data]))
  }

  #release(who: object, key: string, now: number): void {
    const member = this.#members.get(key) as Member
    member.holders.delete(who)
    if (member.holders.size > 0) return
    // Behind those that went before, so that the one that is due first comes first.
    this.#members.delete(key)
    this.#members.set(key, member)
    member.due = now + RULES.grace
    const gone = [...this.#members].filter(([, { due }]) => due !== undefined)
    for (const [oldest] of gone.slice(0, Math.max(0, gone.length - RULES.max))) this.#members.delete(oldest)
  }
}

/** What one that watches knows, by docs/protocol.md. */
export class View {
  count = 0
  names: Map<string, number> | undefined

  constructor({ count, members }: { count: number; members?: ReadonlyMap<string, unknown> }) {
    this.count = count
    this.names = members && new Map(members as ReadonlyMap<string, number>)
  }

  change(news: {
    count: number
    members?: ReadonlyMap<string, unknown>
    join?: ReadonlyMap<string, unknown>
    leave?: readonly string[]
  }): void {
    this.count = news.count
    if (news.members !== undefined) this.names = new Map(news.members as ReadonlyMap<string, number>)
    else if (news.join === undefined && news.leave === undefined) this.names = undefined
    for (const [key, data] of news.join ?? []) this.names?.set(key, data as number)
    for (const key of news.leave ?? []) this.names?.delete(key)
  }
}
