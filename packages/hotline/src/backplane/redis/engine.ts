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
import type { Keeper, Listening } from './listening.ts'
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
  readonly #load: (() => Promise<unknown>) | undefined
  readonly #now: () => number
  readonly #random: () => number
  readonly #listening = new Set<Listening>()
  readonly #keeper: Keeper = {
    forget: listening => void this.#listening.delete(listening),
    refused: reason => this.#events?.trouble?.(reason),
  }
  /** From `open` to `close`: aborted then, with whatever is just being connected. */
  #life: AbortController | undefined
  #closing: Promise<void> | undefined
  #driver: Driver | undefined
  #events: BackplaneEvents | undefined
  #links: Links | undefined
  /** Those that are lost, while what they have brought is told. */
  #left: Links | undefined
  /** Why there are no connections. */
  #away: Error = new BackplaneError('Redis is not connected to yet: call open first')
  #underway = 0
  #idle: (() => void) | undefined
  /** Attempts since Redis was there for a while. */
  #attempts = 0
  #upSince = 0
  #waiting: ReturnType<typeof setTimeout> | undefined
  #timers: ReturnType<typeof setInterval>[] = []

  constructor(options: ResolvedRedis, { load, now, random }: Surroundings = {}) {
    this.name = `Redis at ${options.seeds.map(describeAddress).join(', ')}`
    this.#options = options
    this.#names = new Names(options.prefix, options.database)
    this.#load = load
    this.#now = now ?? (() => performance.now())
    this.#random = random ?? Math.random
  }

  async open(events: BackplaneEvents): Promise<void> {
    if (this.#life !== undefined)
      throw new BackplaneError('this Redis backplane is open already: make one for each server')
    const life = new AbortController()
    this.#life = life
    try {
      this.#driver = await loadDriver(this.#load)
      const links = await this.#connect(this.#driver, life)
      this.#events = events
      this.#timers = [setInterval(() => this.#expire(), LOOK), setInterval(() => void this.#touch(), TOUCH)]
      for (const timer of this.#timers) timer.unref()
      this.#adopt(links)
    } catch (error) {
      if (life.signal.aborted) throw closedError()
      this.#life = undefined
      throw error
    }
  }

  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption {
    return this.#listen(
      history === undefined
        ? new Passing(topic, listener, this.#names, this.#keeper)
        : new Reading(topic, history, listener, this.#names, this.#keeper),
    )
  }

  watch(pattern: string, listener: (topic: string, entry: Entry) => void): Consumption {
    return this.#listen(new Watching(pattern, listener, this.#names, this.#keeper))
  }

  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): Consumption {
    return this.#listen(new Roll(topic, listener, this.#names, this.#now, this.#keeper))
  }

  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined> {
    return this.#give(links => {
      links.of(topic).check(entry)
      return history === undefined ? this.#tell(links, topic, entry) : this.#keep(links, topic, history, entry)
    })
  }

  attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void> {
    return this.#give(async links => {
      const keys = [this.#names.words(topic), this.#names.terms(topic)]
      const publish = links.isCluster ? 'SPUBLISH' : 'PUBLISH'
      const args = [node, writeWord(attendance), String(ATTENDANCE), publish, this.#names.wordsChannel(topic)]
      await links.of(topic).run('attend', keys, args)
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined
    })
    return this.#closing
  }

  async #close(): Promise<void> {
    const links = this.#links
    this.#life?.abort()
    this.#life = undefined
    this.#away = closedError()
    clearTimeout(this.#waiting)
    for (const timer of this.#timers) clearInterval(timer)
    for (const listening of [...this.#listening]) listening.end()
    this.#left?.end()
    this.#links = undefined
    if (links === undefined) return
    if (this.#underway > 0) await this.#settled()
    links.end()
  }

  /** Fulfilled when nothing is under way any more, or it takes too long. */
  async #settled(): Promise<void> {
    const { promise, resolve } = deferred<void>()
    const deadline = setTimeout(resolve, CLOSING)
    this.#idle = () => resolve()
    await promise
    clearTimeout(deadline)
  }

  /** Sent at once, or not at all: nothing waits here. */
  async #give<T>(act: (links: Links) => Promise<T>): Promise<T> {
    const links = this.#links
    if (links === undefined) return await rejected(new BackplaneError(this.#away.message, 'no', { cause: this.#away }))
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
    this.#left = links
    this.#away = error
    void this.#leave(links, this.#life as AbortController)
    this.#events?.down(error)
  }

  async #leave(links: Links, life: AbortController): Promise<void> {
    await links.drain()
    this.#left = undefined
    if (life.signal.aborted) return
    for (const listening of this.#listening) listening.pause()
    if (this.#now() - this.#upSince > STABLE) this.#attempts = 0
    this.#reconnect(life)
  }

  #reconnect(life: AbortController): void {
    const window = Math.min(CAP, BASE * 2 ** this.#attempts++)
    const again = (): void => {
      this.#connect(this.#driver as Driver, life).then(
        links => this.#welcome(links),
        (error: Error) => life.signal.aborted || this.#stillAway(error, life),
      )
    }
    this.#waiting = setTimeout(again, Math.round(this.#random() * window))
  }

  async #connect(driver: Driver, { signal }: AbortController): Promise<Links> {
    const links = await Links.open(driver, this.#options, signal)
    if (!signal.aborted) return links
    links.end()
    throw closedError()
  }

  /** Why, once for each reason: the password may be another one now, or a replica stand in its place. */
  #stillAway(error: Error, life: AbortController): void {
    if (error.message !== this.#away.message) this.#events?.trouble?.(error)
    this.#away = error
    this.#reconnect(life)
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
}

const closedError = (): BackplaneError => new BackplaneError('the backplane is closed')

/** The same bytes, as node-redis takes them. */
const bytesOf = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength)
