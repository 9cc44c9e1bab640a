/** Subscribers that write down what they are told, and topics on a clock that a test moves. */

import { FakeClock } from '../../src/runtime/memory/clock.ts'
import type { Publication } from '../../src/topics/publication.ts'
import { PLAIN, type TopicRules } from '../../src/topics/rules.ts'
import type { PresenceChange, Subscriber } from '../../src/topics/subscriber.ts'
import { Topics, type TopicsParts } from '../../src/topics/topics.ts'

/** One line for each thing that it is told: `topic:data`, `topic:passed 3`, `topic:closed`. */
export class Reading implements Subscriber {
  readonly told: string[] = []
  readonly publications: Publication[] = []
  readonly changes: PresenceChange[] = []
  congested = false
  /** How many it takes before it has enough. */
  room = Number.POSITIVE_INFINITY
  /** Done inside of `send`. */
  onSend: ((publication: Publication) => void) | undefined

  send(publication: Publication): void {
    this.publications.push(publication)
    this.told.push(`${publication.topic}:${publication.data}`)
    if (--this.room <= 0) this.congested = true
    this.onSend?.(publication)
  }

  passedOver(topic: string, count: number): void {
    this.told.push(`${topic}:passed ${count}`)
  }

  disconnect(topic: string, reason: string): void {
    this.told.push(`${topic}:closed (${reason})`)
  }

  presence(change: PresenceChange): void {
    this.changes.push(change)
  }

  /** The offsets that it has got. */
  get offsets(): (number | undefined)[] {
    return this.publications.map(({ offset }) => offset)
  }

  /** Takes so many more. */
  relieve(topics: Topics, room = Number.POSITIVE_INFINITY): void {
    this.congested = false
    this.room = room
    topics.drained(this)
  }
}

const rules = (some: Partial<TopicRules>): TopicRules => ({ ...PLAIN, ...some })

/** Topics with these rules; epochs count up. */
export function make(patterns: Readonly<Record<string, Partial<TopicRules>>> = {}, more: Partial<TopicsParts> = {}) {
  const clock = new FakeClock()
  let epochs = 0
  const table = Object.entries(patterns).map(([pattern, some]) => [pattern, rules(some)] as const)
  const failed = (error: unknown): never => {
    throw error
  }
  const topics = new Topics({
    clock,
    random: () => `epoch ${++epochs}`,
    failed,
    rules: table,
    seal: () => 100,
    ...more,
  })
  return { topics, clock }
}
