/** A node's end of NATS: what is consumed, published and said on whichever connection there is. */
import { BackplaneError } from '../../errors.ts'
import type { HistoryRules } from '../../topics/rules.ts'
import type { Attendance, Backplane, BackplaneEvents, Consumption, Entry, Place, TopicListener } from '../backplane.ts'
import { decode } from './frame.ts'
import { Link, type Session } from './link.ts'
import { load } from './modules.ts'
import { filterOf, PASSING, readSubject, subjectOf } from './names.ts'
import type { Settings } from './options.ts'
import { Outbox } from './outbox.ts'
import { Courier, Ear } from './passing.ts'
import { Reader } from './reader.ts'
import { attend, Roll } from './roll.ts'
import { type Part, Starter } from './starter.ts'
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
  #closing = false
  #sweeping: NodeJS.Timeout | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    this.#streams = new Streams(settings)
    this.name = `nats ${settings.servers.join(', ')}`
  }

  async open(events: BackplaneEvents): Promise<void> {
    if (this.#link) throw new BackplaneError('this NATS backplane is open already: make one for each server')
    this.#closing = false
    const modules = await load()
    const { createInbox, headers } = modules.transport
    const outbox = new Outbox({ streams: this.#streams, headers, patience: this.#settings.stallTimeout })
    let isFirst = true
    const link = new Link(modules, this.#settings, {
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
        events.down(reason)
      },
    })
    this.#outbox = outbox
    this.#link = link
    try {
      await link.open()
    } catch (error) {
      this.#link = undefined
      throw error
    }
  }

  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption {
    if (history) {
      const reader = new Reader(this.#streams, topic, history, {
        state: (place, entries) => guard(() => listener.state(place, entries)),
        kept: entry => guard(() => listener.kept(entry)),
        passed: () => {},
      })
      return this.#add(reader)
    }
    return this.#listen(subjectOf(this.#settings.prefix, PASSING, topic), (_, entry) => listener.passed(entry))
  }

  watch(pattern: string, listener: (topic: string, entry: Entry) => void): Consumption {
    const { prefix } = this.#settings
    return this.#listen(filterOf(prefix, pattern), (subject, entry) =>
      listener(readSubject(prefix, subject).topic, entry),
    )
  }

  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined> {
    if (this.#closing) return Promise.reject(new BackplaneError('the backplane is closed'))
    if (history === undefined) return this.#courier.publish(subjectOf(this.#settings.prefix, PASSING, topic), entry)
    return this.#outbox?.publish(topic, history, entry) ?? Promise.reject(new BackplaneError('NATS is not open yet'))
  }

  attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void> {
    return attend(this.#closing ? undefined : this.#session, topic, node, attendance)
  }

  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): Consumption {
    return this.#add(new Roll(topic, (node, attendance) => guard(() => listener(node, attendance))))
  }

  async close(): Promise<void> {
    this.#closing = true
    clearTimeout(this.#sweeping)
    for (const part of [...this.#parts]) part.end()
    const deadline = performance.now() + CLOSING
    const waiting = (): number => this.#courier.waiting + (this.#outbox?.waiting ?? 0)
    while (this.#session && waiting() > 0 && performance.now() < deadline) await pause(10)
    const reason = new BackplaneError('the backplane is closed')
    this.#session = undefined
    this.#courier.lose(reason)
    this.#outbox?.lose(reason)
    this.#link?.close()
    this.#link = undefined
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

const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))

/** What a listener throws is its own: NATS goes on. */
function guard(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
