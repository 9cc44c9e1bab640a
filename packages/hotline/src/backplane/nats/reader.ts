/** The consumption of one topic with history: an ordered consumer, begun anew whenever what follows may not be the next. */
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { HistoryRules } from '../../topics/rules.ts'
import type { Entry, Kept, TopicListener } from '../backplane.ts'
import { decode } from './frame.ts'
import type { Session } from './link.ts'
import type { Trouble } from './starter.ts'
import { type Found, KNOWN, type Streams } from './streams.ts'

/** Publications that NATS may send before it is asked for more: what waits for this node is bounded by it. */
const BATCH = 2048

/**
 * Milliseconds between two signs of life of a consumer that has nothing to say; it counts as gone when two are missing. On one
 * server it lives as long as the connection; in a cluster it may be on a server that is gone.
 */
const HEARTBEAT = { alone: 10_000, clustered: 1_500 } as const

/** Milliseconds between two attempts, at first and at most. */
const AGAIN = { first: 100, most: 2_000 } as const

/** Attempts one after the other that fail without a word: a cluster may be choosing a leader, or another node delete a stream. */
const FEW = 3

/** What the client says of a consumer that cannot be relied on any more. */
const BROKEN = new Set([
  'heartbeats_missed',
  'consumer_deleted',
  'consumer_not_found',
  'stream_not_found',
  'exceeded_limits',
  'no_responders',
  'reset',
])

/** The last one that the listener was told of. */
interface Seen {
  readonly epoch: string
  readonly offset: number
  /** What names it; undefined when nothing was there. */
  readonly node: string | undefined
  readonly sequence: number
}

interface Dated {
  readonly kept: Kept
  /** Milliseconds since 1970, by the clock of NATS. */
  readonly at: number
}

/** One try on one connection. */
interface Try {
  readonly session: Session
  readonly found: Found
  /** What has come of the state, until all of it is there and told. */
  gathered: Dated[] | undefined
  over: boolean
  messages?: ConsumerMessages
  readonly discard: () => Promise<boolean>
}

export class Reader {
  readonly #streams: Streams
  readonly #topic: string
  readonly #rules: HistoryRules
  readonly #listener: TopicListener
  readonly #trouble: Trouble
  #session: Session | undefined
  #try: Try | undefined
  #seen: Seen | undefined
  #failures = 0
  #ended = false
  #timer: NodeJS.Timeout | undefined
  #ready = (): void => {}
  readonly ready = new Promise<void>(resolve => {
    this.#ready = resolve
  })

  constructor(streams: Streams, topic: string, rules: HistoryRules, listener: TopicListener, trouble: Trouble) {
    this.#streams = streams
    this.#topic = topic
    this.#rules = rules
    this.#listener = listener
    this.#trouble = trouble
  }

  /** Begins on a connection; done when it follows, or has failed and will try again. */
  async begin(session: Session): Promise<void> {
    if (this.#ended || session.over) return
    this.#session = session
    try {
      await this.#start(session)
    } catch (error) {
      this.#again(session)
      if (this.#failures >= FEW && !this.#isOver(session)) this.#trouble(`the topic ${this.#topic}`, error as Error)
    }
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#drop()
    this.#ready()
  }

  async #start(session: Session): Promise<void> {
    const found = await this.#streams.open(session, this.#topic, this.#rules)
    const seen = this.#seen?.epoch === found.epoch ? this.#seen : undefined
    if (seen && !(await isThere(session, found, seen))) {
      // Something that was told of is lost: the stream ends, and with it the epoch.
      await this.#streams.end(session, found)
      this.#seen = undefined
      throw new Error('the topic begins anew')
    }
    const from = Math.max(1, found.first, found.last - this.#rules.size + 1, (seen?.offset ?? 0) + 1)
    const consumer = await session.js.consumers.get(found.stream, { opt_start_seq: from })
    const current: Try = { session, found, gathered: [], over: false, discard: () => consumer.delete() }
    this.#drop()
    this.#try = current
    if (this.#isOver(session)) this.#drop()
    else if (found.last < from) this.#tell(current)
    if (current.over) return
    current.messages = await consumer.consume({
      max_messages: BATCH,
      idle_heartbeat: session.clustered ? HEARTBEAT.clustered : HEARTBEAT.alone,
      callback: message => {
        if (!current.over) this.#take(current, read(message))
      },
    })
    if (current.over) current.messages.stop()
    else void this.#hear(current, current.messages)
  }

  #isOver(session: Session): boolean {
    return this.#ended || session.over || session !== this.#session
  }

  #take(current: Try, dated: Dated): void {
    const { gathered, found } = current
    const { kept } = dated
    if (gathered) {
      gathered.push(dated)
      if (kept.offset >= found.last) this.#tell(current)
    } else if (kept.offset === (this.#seen?.offset ?? 0) + 1) {
      this.#note(found, kept.offset, kept)
      this.#listener.kept(kept)
    } else {
      this.#drop()
      this.#again(current.session)
    }
  }

  /** Tells what there is, as far as it was not told before. */
  #tell(current: Try): void {
    const { gathered = [], found } = current
    const last = gathered.at(-1)?.kept
    const offset = last?.offset ?? found.last
    current.gathered = undefined
    if (last || this.#seen?.epoch !== found.epoch || this.#seen.offset !== offset) this.#note(found, offset, last)
    this.#failures = 0
    this.#listener.state({ epoch: found.epoch, offset }, select(gathered, this.#rules))
    this.#ready()
  }

  #note({ epoch }: Found, offset: number, entry: Entry | undefined): void {
    this.#seen = { epoch, offset, node: entry?.node, sequence: entry?.sequence ?? 0 }
  }

  #again(session: Session): void {
    if (this.#isOver(session)) return
    const wait = Math.min(AGAIN.most, AGAIN.first * 2 ** this.#failures++)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.begin(session), wait)
    this.#timer.unref()
  }

  #drop(): void {
    const last = this.#try
    this.#try = undefined
    if (last === undefined || last.over) return
    last.over = true
    if (last.session.over) return
    last.messages?.stop()
    last.discard().catch(() => {})
  }

  async #hear(current: Try, messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (current.over) return
      // All that was there has grown too old before it came.
      const isStuck = type === 'heartbeat' && current.gathered !== undefined
      if (!isStuck && !BROKEN.has(type)) continue
      this.#drop()
      this.#again(current.session)
      return
    }
  }
}

/** True unless the stream shows that it has lost the last one that was told of: after a crash another one may have its place. */
async function isThere({ jsm }: Session, { stream, first, last }: Found, seen: Seen): Promise<boolean> {
  if (last < seen.offset) return false
  if (seen.node === undefined || seen.offset < first) return true
  const message = await jsm.streams.getMessage(stream, { seq: seen.offset })
  if (message === null) return true
  const { node, sequence } = entryOf(message.data, seen.offset)
  return node === seen.node && sequence === seen.sequence
}

const read = (message: JsMsg): Dated => ({
  kept: { ...entryOf(message.data, message.seq), offset: message.seq },
  at: message.info.timestampNanos / 1e6,
})

/** What others have put into the stream has a place as well. */
const entryOf = (bytes: Uint8Array, offset: number): Entry =>
  decode(bytes) ?? { node: '-', sequence: offset, body: new Uint8Array() }

/** Those that the rules keep: there may be more in the stream, for {@link KNOWN}. */
function select(entries: readonly Dated[], { size, age, bytes }: HistoryRules): Kept[] {
  const oldest = age < KNOWN ? Date.now() - age : 0
  const selected: Kept[] = []
  let total = 0
  for (let at = entries.length - 1; at >= 0 && selected.length < size; at--) {
    const { kept, at: time } = entries[at] as Dated
    total += kept.body.length
    if (time < oldest || (total > bytes && selected.length > 0)) break
    selected.push(kept)
  }
  return selected.reverse()
}
