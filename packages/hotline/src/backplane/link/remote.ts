/** The backplane of a process whose engine is a relay in another one. */
import { BackplaneError } from '../../errors.ts'
import type { HistoryRules } from '../../topics/rules.ts'
import type { Attendance, Backplane, BackplaneEvents, Consumption, Entry, Place, TopicListener } from '../backplane.ts'
import { type Asked, packRules, type Told } from './channel.ts'
import { Link, type LinkParts } from './link.ts'
import { Uses } from './uses.ts'

export interface RemoteParts extends LinkParts {
  readonly name: string
}

/** Bytes that may wait for the relay. */
const FULL = 67_108_864

interface Waiting {
  resolve(place: Place | undefined): void
  reject(error: BackplaneError): void
}

/** Several servers of a process may open one: it is over when the last of them has closed it. */
export class RemoteBackplane implements Backplane {
  readonly name: string
  readonly #link: Link
  readonly #uses: Uses
  readonly #waiting = new Map<number, Waiting>()
  readonly #events: BackplaneEvents[] = []
  #opening: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #id = 0

  constructor({ name, ...parts }: RemoteParts) {
    this.name = name
    this.#link = new Link(parts, {
      up: () => this.#up(),
      down: reason => this.#down(reason),
      told: item => this.#told(item),
    })
    this.#uses = new Uses(item => this.#link.say(item))
  }

  async open(events: BackplaneEvents): Promise<void> {
    this.#opening ??= this.#begin()
    const opening = this.#opening
    try {
      await opening
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined
      throw error
    }
    if (this.#opening !== opening) throw closedError()
    this.#events.push(events)
  }

  async #begin(): Promise<void> {
    if (this.#closing !== undefined) {
      await this.#closing
      if (this.#opening === undefined) throw closedError()
    }
    await this.#link.open()
  }

  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption {
    return this.#uses.begin(id => ['consume', id, topic, packRules(history)], { listener })
  }

  watch(pattern: string, sign: (topic: string, entry: Entry) => void): Consumption {
    return this.#uses.begin(id => ['watch', id, pattern], { sign })
  }

  attendance(topic: string, word: (node: string, attendance: Attendance | undefined) => void): Consumption {
    return this.#uses.begin(id => ['attendance', id, topic], { word })
  }

  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined> {
    const { node, sequence, body } = entry
    return this.#ask(id => ['publish', id, topic, packRules(history), node, sequence, body], body.byteLength)
  }

  async attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void> {
    await this.#ask(id => ['attend', id, topic, node, attendance], attendance?.byteLength)
  }

  async close(): Promise<void> {
    if (this.#events.length > 1) return void this.#events.pop()
    this.#opening = undefined
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#events.length = 0
    this.#uses.clear()
    await this.#link.close()
    this.#fail(new BackplaneError('the backplane was closed before it was told what became of it', 'unknown'))
    this.#closing = undefined
  }

  async #ask(make: (id: number) => Asked, bytes = 0): Promise<Place | undefined> {
    if (!this.#link.isUp)
      throw new BackplaneError(this.#link.isOpen ? 'the process that relays is away' : 'the backplane is not open')
    if (this.#link.bytes > FULL) throw new BackplaneError(`more than ${FULL} bytes wait for the process that relays`)
    const id = ++this.#id
    this.#link.say(make(id), bytes)
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  #up(): void {
    this.#uses.again()
    for (const events of [...this.#events]) events.up()
  }

  #down(reason: BackplaneError): void {
    this.#fail(reason)
    for (const events of [...this.#events]) events.down(reason)
  }

  #fail(error: BackplaneError): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(error)
  }

  #told(item: Told): void {
    if (item[0] === 'done') this.#done(item[1], item[2], item[3])
    else this.#uses.told(item)
  }

  #done(id: number, epoch: string | undefined, offset: number | undefined): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.resolve(epoch === undefined || offset === undefined ? undefined : { epoch, offset })
  }
}

const closedError = (): BackplaneError => new BackplaneError('the backplane is closed')
