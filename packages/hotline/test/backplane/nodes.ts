/** Nodes as a server has them, with readers that write down what they are told. */
import { Exchange, type ExchangeRules } from '../../src/backplane/exchange.ts'
import type { FakeClock } from '../../src/runtime/memory/clock.ts'
import type { Publication } from '../../src/topics/publication.ts'
import { PLAIN, type TopicRules } from '../../src/topics/rules.ts'
import { Source } from '../../src/topics/source.ts'
import type { Subscribed, SubscribeOptions, Subscriber } from '../../src/topics/subscriber.ts'
import { Topics } from '../../src/topics/topics.ts'
import type { Shaky } from './shaky.ts'

export type Told =
  | { readonly type: 'subscribed'; readonly subscribed: Subscribed }
  | { readonly type: 'publication'; readonly topic: string; readonly text: string; readonly offset: number | undefined }
  | { readonly type: 'passed'; readonly topic: string; readonly count: number }
  | { readonly type: 'renewed'; readonly topic: string; readonly subscribed: Subscribed }

export class Reader implements Subscriber {
  readonly told: Told[] = []
  congested = false

  send({ topic, data, offset }: Publication): void {
    this.told.push({ type: 'publication', topic, text: (data as Source).text, offset })
  }

  passedOver(topic: string, count: number): void {
    this.told.push({ type: 'passed', topic, count })
  }

  renewed(topic: string, subscribed: Subscribed): void {
    this.told.push({ type: 'renewed', topic, subscribed })
  }

  disconnect(): void {
    throw new Error('nobody is slow here')
  }

  /** What was published, as far as it has come. */
  get texts(): string[] {
    return this.told.flatMap(one => (one.type === 'publication' ? [one.text] : []))
  }
}

export const HISTORY = { size: 8, age: Number.POSITIVE_INFINITY, bytes: 1_048_576 }

const EXCHANGE: ExchangeRules = {
  publishTimeout: 30_000,
  whenAway: 'wait',
  maxUnstored: 100,
  maxUnstoredBytes: 1_048_576,
  linger: 1000,
}

export interface NodeOptions {
  readonly topics?: Readonly<Record<string, Partial<TopicRules>>>
  readonly exchange?: Partial<ExchangeRules>
}

let nodes = 0

/** One node; topics under `kept/` have a history. */
export class Node {
  readonly engine: Shaky
  readonly topics: Topics
  readonly exchange: Exchange
  readonly failed: unknown[] = []
  readonly turns: boolean[] = []

  constructor(
    engine: Shaky,
    clock: FakeClock,
    { topics = { 'kept/**': { history: HISTORY } }, exchange }: NodeOptions = {},
  ) {
    this.engine = engine
    this.topics = new Topics({
      clock,
      random: () => 'an epoch of its own',
      rules: Object.entries(topics).map(([pattern, rules]) => [pattern, { ...PLAIN, ...rules }] as const),
      failed: error => this.failed.push(error),
      seal: () => 100,
      unread: name => this.exchange.unread(name),
      attended: (topic, key, member) => this.exchange.attended(topic, key, member),
    })
    this.exchange = new Exchange({
      backplane: engine,
      rules: { ...EXCHANGE, ...exchange },
      local: this.topics.joined,
      clock,
      today: () => clock.now(),
      node: `node${++nodes}`,
      failed: error => this.failed.push(error),
      turned: isUp => this.turns.push(isUp),
    })
  }

  /** As soon as it is there. Returns what takes that back. */
  subscribe(reader: Reader, name: string, options: SubscribeOptions = {}): () => void {
    const told = (subscribed: Subscribed): unknown => reader.told.push({ type: 'subscribed', subscribed })
    const enter = (): void => void this.topics.subscribe(reader, name, { ...options, told })
    const { since } = options
    if (!this.exchange.isHere(name, since)) return this.exchange.whenHere(name, enter, since)
    enter()
    return () => {}
  }

  publish(topic: string, text: string, except?: Reader) {
    return this.exchange.publish(topic, new Source(text, false), except)
  }
}
