/** Redis between nodes: connections that are made anew when they are lost, and what goes on over them. */
import { deferred, rejected } from '../../connection/deferred.ts'
import { BackplaneError } from '../../errors.ts'
import type { HistoryRules } from '../../topics/rules.ts'
import {
  ATTENDANCE,
  type Attendance,
  type Backplane,
  type BackplaneEvents,
  type Consumption,
  type Entry,
  type Place,
  type TopicListener,
} from '../backplane.ts'
import { type Driver, loadDriver } from './driver.ts'
import { frame } from './frames.ts'
import { Links } from './links.ts'
import type { Listening } from './listening.ts'
import { Names } from './names.ts'
import { describeAddress, type ResolvedRedis } from './options.ts'
import { Passing, Watching } from './passing.ts'
import { Reading } from './reading.ts'
import { Roll, writeWord } from './roll.ts'
import { lasting, trust, whole } from './rules.ts'

/** Milliseconds: the first wait is a random time up to `BASE`, each further one up to twice as much, up to `CAP`. */
const BASE = 100
const CAP = 2000
/** Milliseconds after which the first wait is short again: one that is there and gone is not asked again and again. */
const STABLE = 10_000
/** So many topics at a time begin again when Redis is back. */
const AT_ONCE = 64
/** Milliseconds that what was given has to be sent when it is closed. */
const CLOSING = 1000
/** Milliseconds between two looks for nodes that are silent, and for topics whose place must stay. */
const LOOK = 1000
const TOUCH = 3_600_000

/** @internal What a test puts in the place of the real thing. */
export interface Surroundings {
  readonly load?: () => Promise<unknown>
  readonly now?: () => number
  readonly random?: () => number
}

export class RedisBackplane implements Backplane {
  readonly name: string
  readonly #options: ResolvedRedis
  readonly #names: Names
  readonly #surroundings: Surroundings
  readonly #listening = new Set<Listening>()
  readonly #forget = (listening: Listening): void => void this.#listening.delete(listening)
  #driver: Driver | undefined
  #events: BackplaneEvents | undefined
  #links: Links | undefined
  #away = new BackplaneError('Redis is not connected to yet: call open first')
  #underway = 0
  #idle: (() => void) | undefined
  /** Attempts since Redis was there for a while. */
  #attempts = 0
  #upSince = 0
  #waiting: ReturnType<typeof setTimeout> | undefined
  #timers: ReturnType<typeof setInterval>[] = []
  #closed = false

  constructor(options: ResolvedRedis, surroundings: Surroundings = {}) {
    this.name = `Redis at ${options.seeds.map(describeAddress).join(', ')}`
    this.#options = options
    this.#names = new Names(options.prefix, options.database)
    this.#surroundings = surroundings
  }

  async open(events: BackplaneEvents): Promise<void> {
    this.#driver = await loadDriver(this.#surroundings.load)
    const links = await Links.open(this.#driver, this.#options)
    this.#events = events
    this.#timers = [setInterval(() => this.#expire(), LOOK), setInterval(() => void this.#touch(), TOUCH)]
    for (const timer of this.#timers) timer.unref()
    this.#adopt(links)
  }

  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption {
    return this.#listen(
      history === undefined
        ? new Passing(topic, listener, this.#names, this.#forget)
        : new Reading(topic, history, listener, this.#names, this.#forget),
    )
  }

  watch(pattern: string, listener: (topic: string, entry: Entry) => void): Consumption {
    return this.#listen(new Watching(pattern, listener, this.#names, this.#forget))
  }

  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): Consumption {
    return this.#listen(new Roll(topic, listener, this.#names, this.#now, this.#forget))
  }

  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined> {
    return this.#give(links =>
      history === undefined ? this.#tell(links, topic, entry) : this.#keep(links, topic, history, entry),
    )
  }

  attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void> {
    return this.#give(async links => {
      const keys = [this.#names.words(topic), this.#names.terms(topic)]
      const publish = links.isCluster ? 'SPUBLISH' : 'PUBLISH'
      const args = [node, writeWord(attendance), String(ATTENDANCE), publish, this.#names.wordsChannel(topic)]
      await links.of(topic).run('attend', keys, args)
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#waiting)
    for (const timer of this.#timers) clearInterval(timer)
    for (const listening of [...this.#listening]) listening.end()
    if (this.#underway > 0 && this.#links !== undefined) {
      const { promise, resolve } = deferred<void>()
      const deadline = setTimeout(resolve, CLOSING)
      this.#idle = () => resolve()
      await promise
      clearTimeout(deadline)
    }
    this.#links?.end()
    this.#links = undefined
  }

  /** Sent at once, or not at all: nothing waits here. */
  async #give<T>(act: (links: Links) => Promise<T>): Promise<T> {
    const links = this.#links
    if (links === undefined || this.#closed) return await rejected(this.#closed ? closedError() : this.#awayError())
    this.#underway++
    try {
      return await act(links)
    } finally {
      if (--this.#underway === 0) this.#idle?.()
    }
  }

  async #keep(links: Links, topic: string, history: HistoryRules, entry: Entry): Promise<Place | undefined> {
    const { run, durable } = trust(links.of(topic))
    const { node, sequence, body } = entry
    const previous = links.begin(topic, sequence)
    const { size, age, bytes } = history
    const rules = [whole(size), lasting(age), whole(bytes)]
    const [publish, also] = this.#telling(links)
    const keys = [this.#names.place(topic), this.#names.stream(topic)]
    try {
      const reply = await links
        .of(topic)
        .run('publish', keys, [
          ...[run, durable, node, String(sequence), previous, ...rules],
          ...[this.#names.channel(topic), publish, also, bytesOf(body)],
        ])
      const [epoch, offset] = reply as [Buffer, Buffer]
      return Number(offset) === 0 ? undefined : { epoch: String(epoch), offset: Number(offset) }
    } finally {
      links.settle(topic)
    }
  }

  async #tell(links: Links, topic: string, entry: Entry): Promise<undefined> {
    const message = frame(entry)
    const commands = this.#telling(links).filter(command => command !== '')
    const channel = this.#names.channel(topic)
    await Promise.all(commands.map(command => links.of(topic).command(command, channel, message)))
  }

  /** The commands that tell a publication: in a cluster the second one is for patterns, which sharded channels have not. */
  #telling(links: Links): readonly [publish: string, also: string] {
    if (!links.isCluster) return ['PUBLISH', '']
    return ['SPUBLISH', this.#options.patterns ? 'PUBLISH' : '']
  }

  #listen<T extends Listening>(listening: T): T {
    this.#listening.add(listening)
    if (this.#links !== undefined) void listening.start(this.#links)
    return listening
  }

  #adopt(links: Links): void {
    this.#links = links
    this.#upSince = this.#now()
    links.watch(error => this.#lose(links, error))
    void this.#startAll(links)
  }

  async #startAll(links: Links): Promise<void> {
    const all = [...this.#listening]
    while (all.length > 0 && this.#links === links)
      await Promise.all(all.splice(0, AT_ONCE).map(listening => listening.start(links)))
  }

  #lose(links: Links, error: Error): void {
    if (this.#links !== links) return
    this.#links = undefined
    this.#away = error as BackplaneError
    if (!this.#closed) this.#events?.down(error)
    void this.#leave(links)
  }

  async #leave(links: Links): Promise<void> {
    await links.drain()
    for (const listening of this.#listening) listening.pause()
    if (this.#now() - this.#upSince > STABLE) this.#attempts = 0
    if (!this.#closed) this.#reconnect()
  }

  #reconnect(): void {
    const window = Math.min(CAP, BASE * 2 ** this.#attempts++)
    const again = async (): Promise<void> => {
      const links = await Links.open(this.#driver as Driver, this.#options).catch(() => undefined)
      if (this.#closed) links?.end()
      else if (links === undefined) this.#reconnect()
      else this.#welcome(links)
    }
    this.#waiting = setTimeout(() => void again(), Math.round(this.#random() * window))
  }

  #welcome(links: Links): void {
    this.#adopt(links)
    if (this.#links === links) this.#events?.up()
  }

  #expire(): void {
    const links = this.#links
    if (links === undefined) return
    for (const listening of this.#listening) if (listening instanceof Roll) listening.expire(links)
  }

  async #touch(): Promise<void> {
    const links = this.#links
    if (links === undefined) return
    for (const listening of [...this.#listening])
      if (listening instanceof Reading) await listening.touch(links).catch(() => {})
  }

  get #now(): () => number {
    return this.#surroundings.now ?? (() => performance.now())
  }

  get #random(): () => number {
    return this.#surroundings.random ?? Math.random
  }

  #awayError(): BackplaneError {
    return new BackplaneError(this.#away.message, 'no', { cause: this.#away })
  }
}

const closedError = (): BackplaneError => new BackplaneError('the backplane is closed')

/** The same bytes, as node-redis takes them. */
const bytesOf = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength)
