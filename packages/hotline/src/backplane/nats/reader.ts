/** The consumption of one topic with history: an ordered consumer, begun anew whenever what follows may not be the next. */
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { HistoryRules } from '../../topics/rules.ts'
import type { Entry, Kept, TopicListener } from '../backplane.ts'
import { decode } from './frame.ts'
import type { Session } from './link.ts'
import { type Found, KNOWN, type Streams } from './streams.ts'

/** Publications that NATS may send before it is asked for more: what waits for this node is bounded by it. */
const BATCH = 256

/** Milliseconds between two signs of life of a consumer that has nothing to say. */
const HEARTBEAT = 10_000

/** Milliseconds between two attempts, at first and at most. */
const AGAIN = { first: 50, most: 2_000 } as const

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

/** What the next messages are for. */
type Phase =
  /** The last one that was told of comes once more: it shows that this is the life of before. */
  | { readonly is: 'checking'; readonly seen: Seen }
  | { readonly is: 'gathering'; readonly until: number; readonly entries: Dated[] }
  | { readonly is: 'following' }

interface Dated {
  readonly kept: Kept
  /** Milliseconds since 1970, by the clock of NATS. */
  readonly at: number
}

/** One try on one connection. */
interface Try {
  readonly session: Session
  readonly found: Found
  phase: Phase
  over: boolean
  messages?: ConsumerMessages
  discard?: () => Promise<boolean>
}

export class Reader {
  readonly #streams: Streams
  readonly #topic: string
  readonly #rules: HistoryRules
  readonly #listener: TopicListener
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

  constructor(streams: Streams, topic: string, rules: HistoryRules, listener: TopicListener) {
    this.#streams = streams
    this.#topic = topic
    this.#rules = rules
    this.#listener = listener
  }

  /** Begins on a connection; done when it follows, or has failed and will try again. */
  async begin(session: Session): Promise<void> {
    if (this.#ended || session.over) return
    this.#session = session
    try {
      await this.#start(session)
    } catch {
      this.#again(session)
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
    if (this.#isOver(session)) return
    const seen = this.#seen
    if (seen?.epoch === found.epoch && found.last < seen.offset) {
      await this.#renew(session, found)
      return
    }
    const { from, phase } = plan(found, seen, this.#rules.size)
    const current: Try = { session, found, phase, over: false }
    const consumer = await session.js.consumers.get(found.stream, { opt_start_seq: from })
    current.discard = () => consumer.delete()
    if (this.#isOver(session)) {
      consumer.delete().catch(() => {})
      return
    }
    this.#drop()
    this.#try = current
    if (phase.is === 'gathering' && phase.until < from) this.#tell(current)
    else if (phase.is === 'following') this.#ready()
    current.messages = await consumer.consume({
      max_messages: BATCH,
      idle_heartbeat: HEARTBEAT,
      callback: message => {
        if (!current.over) this.#take(current, message)
      },
    })
    if (current.over) current.messages.stop()
    else void this.#hear(current, current.messages)
  }

  #isOver(session: Session): boolean {
    return this.#ended || session.over || session !== this.#session
  }

  /** Something that was told of is lost: the stream ends, and with it the life. */
  async #renew(session: Session, found: Found): Promise<void> {
    await this.#streams.end(session, found)
    this.#seen = undefined
    if (!this.#isOver(session)) await this.#start(session)
  }

  #take(current: Try, message: JsMsg): void {
    const { phase, found } = current
    const dated = read(message)
    const { kept } = dated
    if (phase.is === 'checking') this.#check(current, phase.seen, kept)
    else if (phase.is === 'gathering') {
      phase.entries.push(dated)
      if (kept.offset >= phase.until) this.#tell(current)
    } else if (kept.offset === (this.#seen?.offset ?? 0) + 1) {
      this.#note(found, kept.offset, kept)
      this.#listener.kept(kept)
    } else this.#restart(current)
  }

  #check(current: Try, seen: Seen, { offset, node, sequence }: Kept): void {
    const { session, found } = current
    if (offset !== seen.offset) this.#restart(current)
    else if (node === seen.node && sequence === seen.sequence) current.phase = { is: 'following' }
    else {
      this.#drop()
      this.#renew(session, found).catch(() => this.#again(session))
    }
  }

  /** Tells what there is. */
  #tell(current: Try): void {
    const { phase, found } = current
    if (phase.is !== 'gathering') return
    current.phase = { is: 'following' }
    const last = phase.entries.at(-1)?.kept
    const place = { epoch: found.epoch, offset: last?.offset ?? phase.until }
    this.#note(found, place.offset, last)
    this.#failures = 0
    this.#listener.state(place, select(phase.entries, this.#rules))
    this.#ready()
  }

  #note({ epoch }: Found, offset: number, entry: Entry | undefined): void {
    this.#seen = { epoch, offset, node: entry?.node, sequence: entry?.sequence ?? 0 }
  }

  /** From the beginning, with the state. */
  #restart(current: Try): void {
    this.#seen = this.#seen && { ...this.#seen, node: undefined }
    this.#drop()
    this.#again(current.session)
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
    last.discard?.().catch(() => {})
  }

  async #hear(current: Try, messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (current.over) return
      // All that was there has grown too old before it came.
      const isStuck = type === 'heartbeat' && current.phase.is !== 'following'
      if (!isStuck && !BROKEN.has(type)) continue
      this.#drop()
      this.#again(current.session)
      return
    }
  }
}

/** Where to begin, and what for. */
function plan(found: Found, seen: Seen | undefined, size: number): { from: number; phase: Phase } {
  const { first, last, epoch } = found
  if (seen?.epoch === epoch) {
    if (seen.node !== undefined && seen.offset >= first && seen.offset <= last)
      return { from: seen.offset, phase: { is: 'checking', seen } }
    // Nothing is there that could be compared, and nothing was missed.
    const next = seen.offset + 1
    if (seen.offset === last && first <= next) return { from: next, phase: { is: 'following' } }
  }
  const from = Math.max(1, first, last - size + 1)
  return { from, phase: { is: 'gathering', until: last, entries: [] } }
}

function read(message: JsMsg): Dated {
  const offset = message.seq
  // What others have put into the stream has a place as well.
  const entry = decode(message.data) ?? { node: '-', sequence: offset, body: new Uint8Array() }
  return { kept: { ...entry, offset }, at: message.info.timestampNanos / 1e6 }
}

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
