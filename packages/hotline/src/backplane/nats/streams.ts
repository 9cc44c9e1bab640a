/** The streams of topics with history: made on first use, changed when the rules are others, made anew when something was lost. */
import type { StreamConfig, StreamInfo } from '@nats-io/jetstream'
import { BackplaneError } from '../../errors.ts'
import type { HistoryRules } from '../../topics/rules.ts'
import type { Session } from './link.ts'
import { ENDING, lifeOf, newLife, streamOf, subjectOf } from './names.ts'
import type { Settings } from './options.ts'

/**
 * Milliseconds for which NATS knows a publication again. After a restart it knows those only that are still in the stream, and
 * nodes that are a little behind read from the stream as well: so it has more in it than the rules say.
 */
export const KNOWN = 120_000
const KNOWN_SIZE = 8192
const KNOWN_BYTES = 8_388_608

/** A stream as it was found. */
export interface Found {
  readonly stream: string
  /** One life of it: in its subject, so that nothing is ever kept in another one. */
  readonly epoch: string
  readonly subject: string
  readonly first: number
  readonly last: number
}

/** Codes of errors of the JetStream API. */
const STREAM_NOT_FOUND = 10059
const WRONG_LAST_SEQUENCE = new Set([10071, 10164])
const NO_STORAGE = 10047
const NO_MEMORY = 10028

/** The code of an error of the JetStream API; undefined for others. */
export const codeOf = (error: unknown): number | undefined => {
  const { code } = error as { code?: unknown }
  return typeof code === 'number' ? code : undefined
}

/** How often it is looked whether another node has made, or deleted, a stream: some 35 ms apart. */
const TRIES = 60

/**
 * Does what makes or deletes a stream, unless another node is about it. NATS 2.9 does not say who was first: of two that
 * delete a stream at a time, one takes the next one with it; and one that is made meanwhile has what was in the old one.
 *
 * @returns undefined when another node is about it
 */
export async function alone<T>({ words }: Session, stream: string, work: () => Promise<T>): Promise<T | undefined> {
  // No topic has such a key. It is forgotten like the word of a node that has gone.
  const key = `/${stream}`
  try {
    await words.create(key, '')
  } catch (error) {
    if (WRONG_LAST_SEQUENCE.has(codeOf(error) ?? 0)) return undefined
    throw error
  }
  try {
    return await work()
  } finally {
    await words.delete(key).catch(() => {})
  }
}

export class Streams {
  readonly #settings: Settings
  readonly #opening = new Map<string, Promise<Found>>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Finds the stream of a topic, or makes it. */
  async open(session: Session, topic: string, rules: HistoryRules): Promise<Found> {
    const going = this.#opening.get(topic)
    if (going) return going
    const opening = this.#open(session, topic, rules).finally(() => this.#opening.delete(topic))
    this.#opening.set(topic, opening)
    return opening
  }

  /** True when the stream is there, in the life of before. */
  async has(session: Session, { stream, epoch }: Found): Promise<boolean> {
    const info = await find(session, stream)
    return info !== undefined && this.#read(info).epoch === epoch
  }

  /** Ends a life of a stream, unless another node does so; the next `open` begins another one. */
  async end(session: Session, found: Found): Promise<void> {
    await alone(session, found.stream, async () => {
      if (await this.has(session, found)) await session.jsm.streams.delete(found.stream)
    })
  }

  async #open(session: Session, topic: string, rules: HistoryRules): Promise<Found> {
    const name = await streamOf(this.#settings.prefix, topic)
    for (let tries = 0; tries < TRIES; tries++) {
      const info = await find(session, name)
      if (info && this.#read(info).epoch !== ENDING) return this.#read(await this.#adapt(session, info, rules))
      const made = await alone(session, name, () => this.#make(session, name, topic, rules))
      if (made) return this.#read(made)
      await new Promise(done => setTimeout(done, 20 + Math.random() * 30))
    }
    throw new BackplaneError(`the stream ${name} of ${topic} cannot be made: another node is about it`)
  }

  /** Makes it, after what a node has left that went while it deleted it. */
  async #make(session: Session, name: string, topic: string, rules: HistoryRules): Promise<StreamInfo | undefined> {
    const info = await find(session, name)
    if (info && this.#read(info).epoch !== ENDING) return info
    if (info) await session.jsm.streams.delete(name)
    return await this.#create(session, name, topic, rules)
  }

  async #create(session: Session, name: string, topic: string, rules: HistoryRules): Promise<StreamInfo> {
    const { prefix, replicas, storage } = this.#settings
    const config = {
      ...this.#limits(rules),
      name,
      description: `hotline: ${topic}`,
      subjects: [subjectOf(prefix, newLife(), topic)],
      retention: 'limits' as const,
      discard: 'old' as const,
      storage,
      num_replicas: replicas,
    }
    try {
      return await session.jsm.streams.add(config)
    } catch (error) {
      if (codeOf(error) !== NO_STORAGE && codeOf(error) !== NO_MEMORY) throw error
      // NATS sets the bytes of all streams aside. Where it has no more of them, their number bounds the publications.
      return await session.jsm.streams.add({ ...config, max_bytes: -1 })
    }
  }

  /** Another node may have made it by other rules: the last one that opens it is right. */
  async #adapt(session: Session, info: StreamInfo, rules: HistoryRules): Promise<StreamInfo> {
    const limits = this.#limits(rules)
    const { max_msgs, max_age, max_bytes } = info.config
    const unbound = max_bytes === -1
    if (max_msgs === limits.max_msgs && max_age === limits.max_age && (unbound || max_bytes === limits.max_bytes)) {
      return info
    }
    return session.jsm.streams.update(info.config.name, unbound ? { ...limits, max_bytes: -1 } : limits)
  }

  #limits({
    size,
    age,
    bytes,
  }: HistoryRules): Pick<StreamConfig, 'max_msgs' | 'max_age' | 'max_bytes' | 'duplicate_window'> {
    const bound = (value: number, least: number): number => (Number.isFinite(value) ? Math.max(value, least) : -1)
    return {
      max_msgs: bound(size, KNOWN_SIZE),
      max_bytes: bound(bytes, KNOWN_BYTES),
      // In nanoseconds; 0 is for ever.
      max_age: Number.isFinite(age) ? Math.max(age, KNOWN) * 1e6 : 0,
      duplicate_window: KNOWN * 1e6,
    }
  }

  #read({ config, state }: StreamInfo): Found {
    const [subject = ''] = config.subjects
    const life = lifeOf(this.#settings.prefix, subject)
    return { stream: config.name, epoch: life, subject, first: state.first_seq, last: state.last_seq }
  }
}

async function find({ jsm }: Session, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name)
  } catch (error) {
    if (codeOf(error) === STREAM_NOT_FOUND) return undefined
    throw error
  }
}
