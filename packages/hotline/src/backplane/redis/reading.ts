/** A topic with history: what is kept, and then what its channel brings, in order and without a hole. */
import type { HistoryRules } from '../../topics/rules.ts'
import type { Place, TopicListener } from '../backplane.ts'
import { type Heard, readEntry, readFrame, type Stored, type StreamEntry } from './frames.ts'
import type { Links } from './links.ts'
import { type Keeper, Listening, type Source } from './listening.ts'
import type { Names } from './names.ts'
import { lasting, trust } from './rules.ts'

/** What the script `read` says. */
interface Head {
  readonly place: Place
  /** Entries of one page. */
  readonly page: number
  /** What was kept before this time of Redis is too old. */
  readonly oldest: number
  /** Whether the entries follow the place that is known; else they are the newest, the newest first. */
  readonly follows: boolean
  readonly entries: readonly StreamEntry[]
}

/** What may wait while something is read. What is more is read as well. */
const WAITING = 1024

export class Reading extends Listening {
  readonly #topic: string
  readonly #history: HistoryRules
  readonly #listener: TopicListener
  readonly #names: Names
  /** What the listener knows. */
  #at: Place | undefined
  /** What the channel brings until all before it has been read; undefined when it has. */
  #waiting: Heard[] | undefined = []

  constructor(topic: string, history: HistoryRules, listener: TopicListener, names: Names, keeper: Keeper) {
    super(`the topic ${topic}`, keeper)
    this.#topic = topic
    this.#history = history
    this.#listener = listener
    this.#names = names
  }

  /** Epoch and offset of a topic that is read stay, however long nothing is published. */
  async touch(links: Links): Promise<void> {
    if (this.isOn(links)) await this.#head(links, true)
  }

  protected source(links: Links): Source {
    const kind = links.isCluster ? 'sharded' : 'plain'
    return { link: links.of(this.#topic), kind, channel: this.#names.channel(this.#topic) }
  }

  override pause(): void {
    super.pause()
    this.#waiting = []
  }

  protected begin(links: Links): Promise<void> {
    return this.#read(links, false)
  }

  protected hear(message: Buffer, _channel: Buffer, links: Links): void {
    const heard = readFrame(message)
    if (heard === undefined) return
    if (heard.epoch === undefined) this.#listener.passed(heard)
    else if (this.#waiting !== undefined) this.#wait(heard)
    else if (!this.#take(heard)) this.#read(links, true).catch(error => this.fail(links, error))
  }

  #wait(heard: Heard): void {
    const waiting = this.#waiting as Heard[]
    // The last one says how far it went: what is missing before it is read.
    if (waiting.length >= WAITING) waiting.length = 0
    waiting.push(heard)
  }

  /** False when something is missing before it. */
  #take(heard: Heard): boolean {
    const at = this.#at as Place
    if (heard.epoch !== at.epoch) return false
    if (heard.offset > at.offset + 1) return false
    if (heard.offset === at.offset + 1) this.#tell(heard)
    return true
  }

  #tell({ node, sequence, body, offset }: Heard | Stored): void {
    this.#at = { epoch: (this.#at as Place).epoch, offset }
    this.#listener.kept({ node, sequence, body, offset })
  }

  /** With `goesOn` what follows is told one by one where all of it is there; else all that is kept. */
  async #read(links: Links, goesOn: boolean): Promise<void> {
    for (;;) {
      // What was heard before this is among what is read now.
      this.#waiting = []
      const head = await this.#head(links, goesOn)
      if (!this.isOn(links)) return
      if (!head.follows) await this.#begin(head, links)
      else if (!(await this.#follow(head, links))) continue
      if (!this.isOn(links)) return
      if (this.#takeWaiting(links)) return
      goesOn = true
    }
  }

  /** False when something is missing still. What is of an epoch before is not: it is over. */
  #takeWaiting(links: Links): boolean {
    const waiting = this.#waiting ?? []
    const { epoch } = this.#at as Place
    if (waiting.length > 0 && waiting.at(-1)?.epoch !== epoch) return false
    for (const heard of waiting) {
      if (heard.epoch === epoch && !this.#take(heard)) return false
      // A listener may end it.
      if (!this.isOn(links)) return true
    }
    this.#waiting = undefined
    return true
  }

  async #head(links: Links, goesOn: boolean): Promise<Head> {
    const { run, durable } = trust(links.of(this.#topic))
    const keys = [this.#names.place(this.#topic), this.#names.stream(this.#topic)]
    const { epoch, offset } = this.#at ?? { epoch: '', offset: 0 }
    const reply = await links
      .of(this.#topic)
      .run('read', keys, [run, durable, epoch, String(offset), lasting(this.#history.age), goesOn ? '1' : '0'])
    const [now, last, page, oldest, follows, entries] = reply as [Buffer, Buffer, Buffer, Buffer, number, StreamEntry[]]
    return {
      place: { epoch: String(now), offset: Number(last) },
      page: Number(page),
      oldest: Number(oldest),
      follows: follows === 1,
      entries,
    }
  }

  /** All that is kept, read from its end in pages. */
  async #begin({ place, page, oldest, entries }: Head, links: Links): Promise<void> {
    const found: Stored[] = []
    const most = Math.min(place.offset, this.#history.size)
    let left: readonly StreamEntry[] = entries
    while (left.length > 0) {
      const fits = left.every(one => {
        const entry = readEntry(one)
        // What is not the one before the last has gone meanwhile, and all before it.
        if (entry === undefined || entry.offset !== place.offset - found.length || entry.at < oldest) return false
        return found.push(entry) < most
      })
      if (!fits || left.length < page) break
      const before = `(0-${place.offset - found.length + 1}`
      left = await this.#page(links, 'XREVRANGE', before, '-', page)
      if (!this.isOn(links)) return
    }
    this.#at = place
    this.#listener.state(place, found.reverse())
  }

  /** What followed the place that is known; false when some of it went while it was read. */
  async #follow({ place, page, entries }: Head, links: Links): Promise<boolean> {
    let left: readonly StreamEntry[] = entries
    while ((this.#at as Place).offset < place.offset) {
      for (const one of left) {
        const entry = readEntry(one)
        if (entry?.offset !== (this.#at as Place).offset + 1) return false
        this.#tell(entry)
        if (!this.isOn(links)) return true
      }
      if (left.length === 0) return false
      if ((this.#at as Place).offset >= place.offset) break
      left = await this.#page(links, 'XRANGE', `(0-${(this.#at as Place).offset}`, '+', page)
      if (!this.isOn(links)) return true
    }
    return true
  }

  async #page(links: Links, command: string, from: string, to: string, count: number): Promise<readonly StreamEntry[]> {
    const stream = this.#names.stream(this.#topic)
    const reply = await links.of(this.#topic).command(command, stream, from, to, 'COUNT', String(count))
    return reply as readonly StreamEntry[]
  }
}
