/** How publications come to readers: one after the other, at once or when there is room, each as the rules of its topic say. */
import { Lane } from './lane.ts'
import type { PatternTree } from './names.ts'
import { Pace } from './pace.ts'
import type { Publication } from './publication.ts'
import type { Subscribed, TopicsClock } from './subscriber.ts'
import type { PatternReaders, Reader, Topic } from './topic.ts'

/** What a delivery needs of the topics. */
export interface DeliveryOwner {
  readonly clock: TopicsClock
  readonly patterns: PatternTree<PatternReaders>
  /** Bytes that may wait for one reader. */
  readonly pendingBytes: number
  /** A reader is too slow. */
  disconnect(reader: Reader, topic: Topic, reason: string): void
  /** A reader has thrown. */
  broken(reader: Reader, error: unknown): void
  /** A topic may have become empty. */
  left(topic: Topic): void
}

/** Milliseconds between two signs that a reader is asked for, where no `every` says more. */
const PROBE_EVERY = 25

/** Milliseconds after which no sign is waited for any more: a pong lies unread while the application reads nothing. */
const PATIENCE = 30_000

export class Delivery {
  readonly #owner: DeliveryOwner
  #busy = false
  readonly #queue: (() => void)[] = []
  #round = 0

  constructor(owner: DeliveryOwner) {
    this.#owner = owner
  }

  /** Does it now, or behind what is being done: what a subscriber does inside of `send` comes behind that. */
  run(work: () => void): void {
    this.#queue.push(work)
    if (this.#busy) return
    this.#busy = true
    try {
      this.#work()
    } finally {
      this.#busy = false
    }
  }

  #work(): void {
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next()
    } finally {
      // What throws does not hold what waits behind it.
      if (this.#queue.length > 0) this.#work()
    }
  }

  /** Does something with a reader. One that throws in spite of what `Subscriber` says is removed, and the others get theirs. */
  withReader(reader: Reader, work: (reader: Reader) => void): void {
    try {
      work(reader)
    } catch (error) {
      this.#owner.broken(reader, error)
    }
  }

  /**
   * Gives it to all that read the topic, which it is counted in as undelivered; the number of those.
   *
   * @param after - only those who came behind this number
   */
  publish(topic: Topic, publication: Publication, except: Reader | undefined, after = 0): number {
    let count = 0
    if (this.#busy) count = this.#reach(topic, except)
    this.run(() => (count = this.#deliver(topic, publication, except, after)))
    return count
  }

  #deliver(topic: Topic, publication: Publication, except: Reader | undefined, after: number): number {
    let count = 0
    const offer = (reader: Reader): void => this.#offer(reader, topic, publication)
    try {
      this.#each(topic, after, publication.sequence, except, reader => {
        count++
        this.withReader(reader, offer)
      })
      if (topic.rules.every > 0 && topic.window === undefined && count > 0) this.#openWindow(topic)
    } finally {
      topic.undelivered--
      this.#owner.left(topic)
    }
    return count
  }

  /** How many it would be. No round: one may be under way. */
  #reach(topic: Topic, except: Reader | undefined): number {
    const readers = new Set(topic.readers.keys())
    for (const more of this.#owner.patterns.find(topic.name)) for (const reader of more.keys()) readers.add(reader)
    if (except !== undefined) readers.delete(except)
    return readers.size
  }

  /** So many are not to be had. It is told behind what has been sent, and before what comes next. */
  passOver(topic: Topic, count: number, sequence: number): void {
    const tell = (reader: Reader): void => {
      this.#passed(reader, topic, count)
      const lane = reader.lanes.get(topic)
      if (lane === undefined) reader.subscriber.passedOver(topic.name, count)
      else lane.miss(count)
    }
    this.run(() => this.#each(topic, 0, sequence, undefined, reader => this.withReader(reader, tell)))
  }

  /**
   * What waits is of a history that is no more: those who subscribed to the name go on in the new one. Whoever had not got all
   * of the old one is there as if it came now, so that it gets what is given again.
   */
  renew(topic: Topic, subscribed: Subscribed, sequence: number): void {
    const tell = (reader: Reader): void => {
      if (reader.lanes.has(topic)) topic.readers.set(reader, sequence)
      this.drop(reader, topic)
      reader.subscriber.renewed?.(topic.name, subscribed)
    }
    this.run(() => {
      for (const [reader, from] of topic.readers) if (from < sequence) this.withReader(reader, tell)
    })
  }

  /** Each reader that came in this time once, whatever it has subscribed to. */
  #each(
    topic: Topic,
    after: number,
    before: number,
    except: Reader | undefined,
    visit: (reader: Reader) => void,
  ): void {
    const round = ++this.#round
    if (except !== undefined) except.round = round
    const visitOnce = (from: number, reader: Reader): void => {
      if (reader.round === round || from >= before || from < after) return
      reader.round = round
      visit(reader)
    }
    topic.readers.forEach(visitOnce)
    const { patterns } = this.#owner
    if (patterns.isEmpty) return
    for (const readers of patterns.find(topic.name)) readers.forEach(visitOnce)
  }

  #offer(reader: Reader, topic: Topic, publication: Publication): void {
    if (reader.probing && this.#owner.clock.now() - reader.probedAt >= PATIENCE) reader.probing = false
    if (!reader.lanes.has(topic) && !reader.gathers(topic) && !reader.isBusy(topic)) {
      this.#send(reader, topic, publication)
      this.#probe(reader, topic)
      return
    }
    const lane = this.laneOf(reader, topic)
    if (!this.#makeRoom(reader, topic, lane, publication)) return
    if (lane.push(publication)) this.#passed(reader, topic, 1)
    if (lane.due) this.flush(reader)
  }

  /** What waits of a topic for a reader; a new one is due unless a batch is being gathered. */
  laneOf(reader: Reader, topic: Topic): Lane {
    let lane = reader.lanes.get(topic)
    if (lane === undefined) {
      lane = new Lane(topic.rules, !reader.gathers(topic), reader)
      reader.addLane(topic, lane)
      topic.waiting.add(reader)
    }
    return lane
  }

  /** By the policy of the topic; false when the publication is not to wait. */
  #makeRoom(reader: Reader, topic: Topic, lane: Lane, publication: Publication): boolean {
    while (lane.isFull(publication, this.#owner.pendingBytes - reader.bytes)) {
      if (topic.rules.slow === 'disconnect') {
        topic.counters.disconnected++
        this.#owner.disconnect(reader, topic, `reads ${topic.name} too slowly`)
        return false
      }
      const passed = lane.passOver()
      this.#passed(reader, topic, 1)
      if (passed) continue
      lane.passed++
      return false
    }
    return true
  }

  #passed(reader: Reader, topic: Topic, count: number): void {
    topic.counters.passedOver += count
    reader.passedOver += count
  }

  /** Sends what waits and is due for as long as the reader takes it, the topics in turns. */
  flush(reader: Reader): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const [topic, lane] of reader.lanes) {
        if (lane.settle()) this.drop(reader, topic)
        else if (lane.due && !reader.isBusy(topic) && this.#sendOne(reader, topic, lane)) moved = true
      }
    }
  }

  #sendOne(reader: Reader, topic: Topic, lane: Lane): boolean {
    const replayed = lane.isReplaying
    const publication = lane.shift()
    if (publication === undefined) {
      lane.due = !reader.gathers(topic)
      return false
    }
    if (!replayed && lane.passed > 0) {
      const { passed } = lane
      lane.passed = 0
      reader.subscriber.passedOver(topic.name, passed)
    }
    this.#send(reader, topic, publication)
    // What comes behind the last of a batch belongs to the next one.
    if (lane.size === 0) lane.due = !reader.gathers(topic)
    // Behind a batch, or a part of one, not behind each of it.
    if (lane.size === 0 || reader.subscriber.congested) this.#probe(reader, topic)
    return true
  }

  #send(reader: Reader, topic: Topic, publication: Publication): void {
    reader.paces?.get(topic)?.begin(() => this.run(() => this.#release(reader, topic)))
    topic.counters.sent++
    reader.subscriber.send(publication)
  }

  /** From now on the reader gets at most one batch in so many milliseconds; 0 is as the topic has it. */
  setPace(reader: Reader, topic: Topic, every: number): void {
    const before = reader.paces?.get(topic)
    if (before === undefined && every <= topic.rules.every) return
    before?.end()
    reader.paces?.delete(topic)
    if (every > topic.rules.every) (reader.paces ??= new Map()).set(topic, new Pace(every, this.#owner.clock))
    this.run(() => this.#release(reader, topic))
  }

  /** What waits for the reader is a batch now, unless one is being gathered. */
  #release(reader: Reader, topic: Topic): void {
    const lane = reader.lanes.get(topic)
    if (lane === undefined || reader.gathers(topic)) return
    lane.due = true
    this.withReader(reader, one => this.flush(one))
  }

  /** Nothing of the topic waits for the reader any more. */
  drop(reader: Reader, topic: Topic): void {
    const lane = reader.lanes.get(topic)
    if (lane === undefined) return
    lane.clear()
    reader.removeLane(topic)
    topic.waiting.delete(reader)
    this.#owner.left(topic)
  }

  /** Asks for the sign that what was sent has been read; until it comes, nothing of `latest` topics is sent. */
  #probe(reader: Reader, topic: Topic): void {
    const { rules } = topic
    if (rules.slow !== 'latest' || reader.probing || reader.subscriber.probe === undefined) return
    const now = this.#owner.clock.now()
    if (rules.every === 0 && now - reader.probedAt < PROBE_EVERY) return
    reader.probing = true
    reader.probedAt = now
    reader.subscriber.probe()
  }

  /** From here on a batch is gathered, until the time of the topic is over. */
  #openWindow(topic: Topic): void {
    topic.window = this.#owner.clock.setTimeout(() => this.run(() => this.#closeWindow(topic)), topic.rules.every)
  }

  #closeWindow(topic: Topic): void {
    topic.window = undefined
    const waiting = [...topic.waiting].filter(reader => (reader.lanes.get(topic)?.size ?? 0) > 0)
    for (const reader of waiting) this.#release(reader, topic)
    if (waiting.length > 0) this.#openWindow(topic)
    this.#owner.left(topic)
  }
}
