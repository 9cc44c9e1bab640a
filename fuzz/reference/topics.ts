/** What subscribers must be told, by the words of docs/guide/topics.md and nothing else: lists, and no cleverness. */

/** The rules of the topics that are tried: by the first segment of their names. */
export const RULES = {
  off: { slow: 'disconnect', maxPending: 3, every: 0, keys: 0, kept: 0 },
  old: { slow: 'drop-oldest', maxPending: 3, every: 0, keys: 0, kept: 0 },
  new: { slow: 'latest', maxPending: 2, every: 0, keys: 3, kept: 0 },
  one: { slow: 'latest', maxPending: 2, every: 0, keys: 1, kept: 0 },
  now: { slow: 'drop-oldest', maxPending: 4, every: 50, keys: 0, kept: 0 },
  his: { slow: 'disconnect', maxPending: 40, every: 0, keys: 0, kept: 6 },
} as const

/** Milliseconds that a history keeps what it has, and publications that one replay may have. */
export const AGE = 1000
export const REPLAY = 4

type Rule = (typeof RULES)[keyof typeof RULES]

export const ruleOf = (topic: string): Rule => RULES[topic.slice(0, 3) as keyof typeof RULES]

/** True for the patterns that are tried: `x`, `x/*`, `*` + `/1`, `**`. */
const covers = (pattern: string, topic: string): boolean =>
  pattern === topic ||
  pattern === '**' ||
  (pattern.endsWith('/*') && topic.startsWith(pattern.slice(0, -1))) ||
  (pattern === '*/1' && topic.endsWith('/1'))

interface Item {
  readonly n: number
  readonly key: number
}

/** What one has to do with one topic since it came to it. */
export interface Part {
  /** What it was to get, replayed or live. */
  offered: number
  /** What it must have been told: a number of a publication, or `passed 2`. */
  readonly told: (number | string)[]
  waiting: Item[]
  passed: number
}

export class ModelReader {
  readonly names = new Set<string>()
  readonly parts = new Map<string, Part>()
  congested = false
  closed = false

  covers(topic: string): boolean {
    return [...this.names].some(name => covers(name, topic))
  }

  part(topic: string): Part {
    let part = this.parts.get(topic)
    if (part === undefined) this.parts.set(topic, (part = { offered: 0, told: [], waiting: [], passed: 0 }))
    return part
  }

  /** Forgets what it does not read any more. */
  forget(): void {
    for (const topic of this.parts.keys()) if (!this.covers(topic)) this.parts.delete(topic)
  }

  offer(topic: string, item: Item): void {
    const part = this.part(topic)
    part.offered++
    if (!this.congested) {
      part.told.push(item.n)
      return
    }
    const { slow, maxPending } = ruleOf(topic)
    const before = part.waiting.length
    if (slow === 'latest') part.waiting = part.waiting.filter(({ key }) => key !== item.key)
    part.passed += before - part.waiting.length
    if (part.waiting.length >= maxPending) {
      if (slow === 'disconnect') {
        this.close()
        return
      }
      part.waiting.shift()
      part.passed++
    }
    part.waiting.push(item)
  }

  close(): void {
    this.closed = true
    this.names.clear()
    this.parts.clear()
  }

  relieve(): void {
    this.congested = false
    for (const part of this.parts.values()) {
      if (part.waiting.length > 0 && part.passed > 0) part.told.push(`passed ${part.passed}`)
      if (part.waiting.length > 0) part.passed = 0
      part.told.push(...part.waiting.splice(0).map(({ n }) => n))
    }
  }
}

/** The history of a topic: what is kept, and what offset the newest had. */
export class ModelHistory {
  epoch: string | undefined
  offset = 0
  kept: { readonly n: number; readonly offset: number; readonly at: number }[] = []

  add(n: number, at: number, most: number): void {
    this.kept.push({ n, at, offset: ++this.offset })
    this.kept = this.kept.slice(-most)
  }

  expire(now: number): void {
    this.kept = this.kept.filter(({ at }) => at + AGE > now)
  }

  /** Why what was missed cannot be had; undefined when it can. */
  lost(epoch: string, offset: number): string | undefined {
    if (epoch !== this.epoch) return 'epoch'
    if (offset < 0 || offset > this.offset) return 'future'
    const missed = this.offset - offset
    if (missed > this.kept.length) return 'expired'
    return missed > REPLAY ? 'cost' : undefined
  }

  after(offset: number): number[] {
    return this.kept.filter(one => one.offset > offset).map(({ n }) => n)
  }
}
