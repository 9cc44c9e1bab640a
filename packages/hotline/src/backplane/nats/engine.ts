/** A node's end of NATS: what is consumed, published and said on whichever connection there is. */
import { BackplaneError } from '../../errors.ts'
import type { HistoryRules } from '../../topics/rules.ts'
import type { Attendance, Backplane, BackplaneEvents, Consumption, Entry, Place, TopicListener } from '../backplane.ts'
import { guard } from '../guard.ts'
import { decode } from './frame.ts'
import { Link, type Session } from './link.ts'
import { load, type Modules } from './modules.ts'
import { filterOf, PASSING, subjectOf, topicOf } from './names.ts'
import type { Settings } from './options.ts'
import { Outbox } from './outbox.ts'
import { Courier, Ear } from './passing.ts'
import { Reader } from './reader.ts'
import { attend, Roll } from './roll.ts'
import { type Part, Starter, type Trouble } from './starter.ts'
import { Streams } from './streams.ts'
import { SWEEP, sweep } from './sweep.ts'

/** Milliseconds that what was given has to be sent when it is closed. */
const CLOSING = 1_000

export class NatsBackplane implements Backplane {
  readonly name: string
  readonly #settings: Settings
  readonly #streams: Streams
  readonly #courier = new Courier()
  readonly #parts = new Set<Part>()
  /** Those that are to be begun on the connection. */
  #starter: Starter | undefined
  #outbox: Outbox | undefined
  #link: Link | undefined
  #session: Session | undefined
  /** From `open` to `close`. */
  #life: object | undefined
  #events: BackplaneEvents | undefined
  #closing: Promise<void> | undefined
  #sweeping: NodeJS.Timeout | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    this.#streams = new Streams(settings)
    this.name = `nats ${settings.servers.join(', ')}`
  }

  async open(events: BackplaneEvents): Promise<void> {
    if (this.#life) throw new BackplaneError('this NATS backplane is open already: make one for each server')
    const life = {}
    this.#life = life
    try {
      const modules = await load()
      if (this.#life !== life) throw closedError()
      this.#events = events
      this.#link = this.#make(modules, events)
      await this.#link.open()
    } catch (error) {
      if (this.#life === life) this.#life = undefined
      throw error
    }
  }

  #make(modules: Modules, events: BackplaneEvents): Link {
    const { createInbox, headers } = modules.transport
    const outbox = new Outbox({ streams: this.#streams, headers, patience: this.#settings.stallTimeout })
    this.#outbox = outbox
    let isFirst = true
    let told = ''
    return new Link(modules, this.#settings, {
      ready: session => {
        this.#session = session
        this.#courier.begin(session)
        outbox.begin(session, createInbox())
        this.#starter = new Starter(session, this.#parts)
        this.#sweepLater(session)
        if (!isFirst) events.up()
        isFirst = false
      },
      lost: reason => {
        this.#session = undefined
        this.#starter = undefined
        this.#courier.lose(reason)
        outbox.lose(reason)
        told = reason.message
        events.down(reason)
      },
      // Once for each reason: the password may be another one now.
      refused: reason => {
        if (reason.message !== told) events.trouble?.(reason)
        told = reason.message
      },
    })
  }

  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption {
    if (history) {
      const reader = new Reader(
        this.#streams,
        topic,
        history,
        {
          state: (place, entries) => guard(() => listener.state(place, entries)),
          kept: entry => guard(() => listener.kept(entry)),
          passed: () => {},
        },
        this.#trouble,
      )
      return this.#add(reader)
    }
    return this.#listen(subjectOf(this.#settings.prefix, PASSING, topic), (_, entry) => listener.passed(entry))
  }

  watch(pattern: string, listener: (topic: string, entry: Entry) => void): Consumption {
    const { prefix } = this.#settings
    return this.#listen(filterOf(prefix, pattern), (subject, entry) => {
      const topic = topicOf(prefix, subject)
      if (topic !== undefined) listener(topic, entry)
    })
  }

  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined> {
    if (this.#life === undefined) return Promise.reject(new BackplaneError('the backplane is not open'))
    if (history === undefined) return this.#courier.publish(subjectOf(this.#settings.prefix, PASSING, topic), entry)
    return this.#outbox?.publish(topic, history, entry) ?? Promise.reject(new BackplaneError('NATS is away'))
  }

  attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void> {
    return attend(this.#life && this.#session, topic, node, attendance)
  }

  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): Consumption {
    return this.#add(new Roll(topic, (node, attendance) => guard(() => listener(node, attendance)), this.#trouble))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined
    })
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#life = undefined
    clearTimeout(this.#sweeping)
    for (const part of [...this.#parts]) part.end()
    this.#parts.clear()
    const deadline = performance.now() + CLOSING
    const waiting = (): number => this.#courier.waiting + (this.#outbox?.waiting ?? 0)
    while (this.#session && waiting() > 0 && performance.now() < deadline) await pause(10)
    const reason = closedError()
    this.#session = undefined
    this.#courier.lose(reason)
    this.#outbox?.lose(reason)
    await this.#link?.close()
    this.#link = undefined
  }

  readonly #trouble: Trouble = (what, cause) => {
    this.#events?.trouble?.(new BackplaneError(`${what} waits: ${cause.message}`, 'no', { cause }))
  }

  #sweepLater(session: Session): void {
    if (this.#settings.idle === Number.POSITIVE_INFINITY) return
    const wait = SWEEP * (1 + Math.random())
    clearTimeout(this.#sweeping)
    this.#sweeping = setTimeout(() => {
      if (session.over) return
      const again = (): void => this.#sweepLater(session)
      sweep(session, this.#settings, Date.now()).then(again, again)
    }, wait).unref()
  }

  #listen(subject: string, hear: (subject: string, entry: Entry) => void): Consumption {
    const ear = new Ear(subject, ({ subject, data }) => {
      const entry = decode(data)
      if (entry) guard(() => hear(subject, entry))
    })
    return this.#add({ ready: ear.ready, begin: session => ear.begin(session), end: () => ear.end(this.#session) })
  }

  #add(part: Part): Consumption {
    this.#parts.add(part)
    this.#starter?.add(part)
    return {
      ready: part.ready,
      end: () => {
        this.#parts.delete(part)
        this.#starter?.delete(part)
        part.end()
      },
    }
  }
}

const closedError = (): BackplaneError => new BackplaneError('the backplane is closed')

const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))
