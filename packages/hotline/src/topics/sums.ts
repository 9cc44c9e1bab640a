/** Figures of all topics together, those that are forgotten among them. */
import type { SlowPolicy } from './rules.ts'
import type { Topic } from './topic.ts'

/** What happened in all topics, and what is in them. */
export interface TopicSums {
  /** Topics that somebody or something is in, and subscriptions to their names. */
  readonly count: number
  readonly subscriptions: number
  readonly published: number
  readonly sent: number
  /** Publications that wait, each counted for each reader. */
  readonly pending: number
  /** Publications that were passed over, and readers that were disconnected, by the policy that did it. */
  readonly drops: Readonly<Record<SlowPolicy, number>>
}

/** What is left of topics that are forgotten: sums only go up. */
export class Forgotten {
  #published = 0
  #sent = 0
  readonly #drops: Record<SlowPolicy, number> = { disconnect: 0, 'drop-oldest': 0, latest: 0 }

  add({ counters, rules: { slow } }: Topic): void {
    this.#published += counters.published
    this.#sent += counters.sent
    this.#drops[slow] += slow === 'disconnect' ? counters.disconnected : counters.passedOver
  }

  /** Of these and of those that are there. */
  with(topics: Iterable<Topic>): TopicSums {
    const all = new Forgotten()
    all.#published = this.#published
    all.#sent = this.#sent
    Object.assign(all.#drops, this.#drops)
    let [count, subscriptions, pending] = [0, 0, 0]
    for (const topic of topics) {
      all.add(topic)
      count++
      subscriptions += topic.readers.size
      for (const reader of topic.waiting) pending += reader.lanes.get(topic)?.size ?? 0
    }
    return { count, subscriptions, pending, published: all.#published, sent: all.#sent, drops: all.#drops }
  }
}
