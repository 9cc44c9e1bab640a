/** Topics under random operations: subscribers that keep up, that stop and that nibble, beside a model of what each must be told. */
import type { Publication } from '../../packages/hotline/src/topics/publication.ts'
import { PLAIN, type TopicRules } from '../../packages/hotline/src/topics/rules.ts'
import type { Subscribed, Subscriber } from '../../packages/hotline/src/topics/subscriber.ts'
import { Topics } from '../../packages/hotline/src/topics/topics.ts'
import { Clock } from '../engine/clock.ts'
import { Draw } from '../engine/draw.ts'
import { claim, type Target } from '../engine/target.ts'
import { AGE, ModelHistory, ModelReader, REPLAY, RULES, ruleOf } from '../reference/topics.ts'

const TOPICS = ['off/1', 'off/2', 'old/1', 'new/1', 'one/1', 'now/1', 'now/2', 'his/1', 'his/2']
const PATTERNS = ['**', '*/1', 'off/*', 'now/*', 'his/*']

/** A subscriber: what it was told of each topic, and how it was to be. */
class Reader implements Subscriber {
  readonly model = new ModelReader()
  readonly told = new Map<string, (number | string)[]>()
  congested = false
  room = Number.POSITIVE_INFINITY
  onSend: (() => void) | undefined

  /** True for one whose model says each word: it has room for all, or for nothing. */
  readonly exact: boolean

  constructor(exact: boolean) {
    this.exact = exact
  }

  send({ topic, data }: Publication): void {
    this.#tell(topic, data as number)
    if (--this.room <= 0) this.congested = true
    this.onSend?.()
  }

  passedOver(topic: string, count: number): void {
    claim(ruleOf(topic).slow !== 'disconnect', 'nothing is passed over where who is slow is disconnected', topic)
    this.#tell(topic, `passed ${count}`)
  }

  disconnect(topic: string): void {
    claim(ruleOf(topic).slow === 'disconnect', 'only where the policy says so is one disconnected', topic)
    if (this.exact) claim(this.model.closed, 'one that is not too slow is not disconnected', topic)
    this.told.clear()
    this.model.close()
  }

  /** What it was told of a topic, and what must hold of that without any model. */
  of(topic: string): (number | string)[] {
    const told = this.told.get(topic) ?? []
    const numbers = told.filter(one => typeof one === 'number')
    claim(
      numbers.every((n, at) => at === 0 || n > (numbers[at - 1] as number)),
      'publications come once, and in their order',
      topic,
      told,
    )
    return told
  }

  /** Forgets what was told of topics that it does not read any more. */
  forget(): void {
    this.model.forget()
    for (const topic of this.told.keys()) if (!this.model.covers(topic)) this.told.delete(topic)
  }

  /** How many publications it got, or was told that it did not. */
  counted(topic: string): number {
    return this.of(topic).reduce<number>((sum, one) => sum + (typeof one === 'number' ? 1 : Number(one.slice(7))), 0)
  }

  #tell(topic: string, what: number | string): void {
    claim(this.model.covers(topic), 'nothing comes to one that has left', topic)
    const told = this.told.get(topic)
    if (told === undefined) this.told.set(topic, [what])
    else told.push(what)
  }
}

const ruleFor = (some: (typeof RULES)[keyof typeof RULES]): TopicRules => ({
  ...PLAIN,
  slow: some.slow,
  every: some.every,
  maxPending: some.maxPending,
  key: some.keys > 1 ? data => (data as number) % some.keys : undefined,
  history: some.kept > 0 ? { size: some.kept, age: AGE, bytes: 1e6 } : undefined,
  replay: { size: REPLAY, bytes: 1e6 },
})

class Run {
  readonly #draw: Draw
  readonly #clock = new Clock()
  readonly #readers = [new Reader(true), new Reader(true), new Reader(false), new Reader(false)]
  readonly #histories = new Map<string, ModelHistory>()
  readonly #topics: Topics
  #published = 0
  #epochs = 0
  #nested = 0

  constructor(draw: Draw) {
    this.#draw = draw
    this.#topics = new Topics({
      clock: this.#clock,
      random: () => `epoch ${++this.#epochs}`,
      failed(error) {
        throw error
      },
      rules: Object.entries(RULES).map(([name, rule]) => [`${name}/*`, ruleFor(rule)] as const),
      seal: () => 100,
    })
  }

  step(): void {
    const draw = this.#draw
    const reader = draw.pick(this.#readers)
    const { [draw.below(16)]: command = () => this.#publish(draw.pick(TOPICS)) } = [
      () => this.#subscribe(reader, draw.pick(TOPICS)),
      () => this.#subscribe(reader, draw.pick(TOPICS)),
      () => this.#subscribe(reader, draw.pick(PATTERNS)),
      () => this.#resume(reader, draw.pick(['his/1', 'his/2'])),
      () => this.#leave(reader, draw.pick([...TOPICS, ...PATTERNS])),
      () => this.#remove(reader),
      () => this.#congest(reader),
      () => this.#congest(reader),
      () => this.#relieve(reader, draw.below(6)),
      () => this.#clock.advance(draw.pick([1, 20, 50, 400, 1000])),
      () => this.#publish(draw.pick(TOPICS), reader),
      () => this.#slow(reader, draw.pick(TOPICS), draw.pick([0, 30, 120])),
    ]
    command()
  }

  #publish(topic: string, except?: Reader): void {
    const n = ++this.#published
    const { keys, kept } = ruleOf(topic)
    for (const reader of this.#readers) {
      if (reader === except || !reader.model.covers(topic)) continue
      if (reader.exact) reader.model.offer(topic, { n, key: keys > 0 ? n % keys : n })
      else reader.model.part(topic).offered++
    }
    const history = kept > 0 ? this.#historyOf(topic) : undefined
    history?.add(n, this.#clock.now(), kept)
    const expected = history?.offset
    const { offset } = this.#topics.publish(topic, n, { except })
    claim(offset === expected, 'offsets count the publications of an epoch', offset, expected)
  }

  /** As it must be now: without what is too old, and begun anew when nothing and nobody was left. */
  #historyOf(topic: string): ModelHistory {
    let history = this.#histories.get(topic)
    history?.expire(this.#clock.now())
    if (history === undefined || (history.kept.length === 0 && this.#topics.stats(topic) === undefined)) {
      this.#histories.set(topic, (history = new ModelHistory()))
    }
    return history
  }

  #subscribe(reader: Reader, name: string): void {
    const since = ruleOf(name)?.kept > 0 ? this.#historyOf(name) : undefined
    reader.model.closed = false
    reader.model.names.add(name)
    const subscribed = this.#topics.subscribe(reader, name)
    if (since !== undefined) this.#sameEpoch(since, subscribed)
  }

  #sameEpoch(history: ModelHistory, { epoch }: Subscribed): void {
    history.epoch ??= epoch
    claim(epoch === history.epoch, 'the epoch changes only when nothing is left', epoch, history.epoch)
  }

  /** Wants less of it, or all of it again; the models that say each word have no time, and so no pace. */
  #slow(reader: Reader, topic: string, every: number): void {
    if (!reader.exact && reader.model.names.has(topic)) this.#topics.subscribe(reader, topic, { every })
  }

  /** Comes back with a position, true or not. */
  #resume(reader: Reader, topic: string): void {
    const draw = this.#draw
    const history = this.#historyOf(topic)
    const epoch = draw.below(8) > 0 ? (history.epoch ?? 'epoch 0') : 'epoch 0'
    const offset = history.offset - draw.below(9) + draw.pick([0, 0, 0, 1, -1])
    const last = draw.pick([undefined, 0, 1, 3, 100])
    const { model } = reader
    model.closed = false
    model.names.add(topic)
    model.parts.delete(topic)
    reader.told.delete(topic)
    const known = history.epoch !== undefined
    const lost = history.lost(epoch, offset)
    const part = model.part(topic)
    const start = lost === undefined ? offset : history.offset - Math.min(last ?? 0, history.kept.length, REPLAY)
    const replay = history.after(start)
    part.offered = replay.length
    if (reader.exact && model.congested) part.waiting = replay.map(n => ({ n, key: n }))
    else if (reader.exact) part.told.push(...replay)
    const told = (): void => claim(!reader.told.has(topic), 'the answer comes before what is replayed')
    const subscribed = this.#topics.subscribe(reader, topic, { since: { epoch, offset }, last, told })
    this.#sameEpoch(history, subscribed)
    const recovered = lost === undefined
    if (known) claim(subscribed.code === lost, 'why nothing is recovered is told', subscribed.code, lost)
    claim(subscribed.recovered === recovered, 'what is recovered is said honestly', subscribed, lost)
    claim(subscribed.offset === start, 'the offset is that before the first that follows', subscribed, start)
    claim(subscribed.replayed === replay.length, 'what is missed is replayed, all of it', subscribed, replay)
  }

  #leave(reader: Reader, name: string): void {
    claim(
      this.#topics.unsubscribe(reader, name) === reader.model.names.delete(name),
      'only a subscription that is there can be ended',
    )
    reader.forget()
  }

  #remove(reader: Reader): void {
    this.#topics.remove(reader)
    reader.model.names.clear()
    reader.forget()
  }

  #congest(reader: Reader): void {
    reader.congested = reader.model.congested = true
  }

  #relieve(reader: Reader, room: number): void {
    if (reader.exact) reader.model.relieve()
    reader.congested = false
    reader.room = reader.exact || room === 0 ? Number.POSITIVE_INFINITY : room
    this.#nest(reader, room)
    this.#topics.drained(reader)
  }

  /** Some publish inside of `send`. */
  #nest(reader: Reader, room: number): void {
    reader.onSend =
      room !== 5
        ? undefined
        : () => {
            if (reader.exact || this.#nested > 40 || this.#nested++ % 3 > 0) return
            this.#publish(TOPICS[this.#nested % TOPICS.length] as string)
          }
  }

  /** What was told so far is what must have been. */
  check(): void {
    for (const { exact, model, told } of this.#readers) {
      if (!exact) continue
      for (const [topic, part] of model.parts) {
        if (ruleOf(topic).every > 0) continue
        const real = told.get(topic) ?? []
        claim(JSON.stringify(real) === JSON.stringify(part.told), 'one is told what the model says', topic, real, part)
      }
    }
  }

  /** When all have read everything, each publication was sent, or told to have been passed over; and nothing is left. */
  end(): void {
    for (const reader of this.#readers) this.#relieve(reader, 0)
    this.#clock.advance(200)
    this.check()
    for (const reader of this.#readers) {
      for (const [topic, part] of reader.model.parts) {
        const counted = reader.counted(topic)
        claim(counted === part.offered, 'what is not sent is told', topic, counted, part.offered)
      }
      const stats = this.#topics.readerStats(reader)
      claim((stats?.pending ?? 0) === 0 && (stats?.pendingBytes ?? 0) === 0, 'who has read all holds no memory', stats)
    }
    for (const reader of this.#readers) this.#remove(reader)
    this.#clock.advance(2 * AGE)
    claim([...this.#topics.names()].length === 0 && this.#topics.historyBytes === 0, 'nothing is left', [
      ...this.#topics.names(),
    ])
    claim(this.#clock.pending === 0, 'no timer is left')
  }
}

export const topics: Target = {
  name: 'topics',
  about: 'topics under random operations: a model of what each subscriber is told, by its policy and of the history',
  longest: 600,

  make: random => random.bytes(20 + random.below(400)),

  run(input) {
    const draw = new Draw(input)
    const run = new Run(draw)
    for (let left = 200; left > 0 && !draw.done; left--) {
      run.step()
      run.check()
    }
    run.end()
  },
}
