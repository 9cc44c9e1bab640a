/** A backplane without an engine of its own: the memory of this process. */
import { BackplaneError } from '../errors.ts'
import type { HistoryRules } from '../topics/rules.ts'
import type { TopicsClock } from '../topics/subscriber.ts'
import type { Attendance, Backplane, BackplaneEvents, Consumption, Entry, Place, TopicListener } from './backplane.ts'
import { guard } from './guard.ts'
import { Hub } from './hub.ts'

/** Options of {@link memoryBackplane}. */
export interface MemoryBackplaneOptions {
  /**
   * Bytes that the histories of all topics may take together; above, the topic that was published to longest ago loses its
   * oldest publication.
   * @defaultValue 256 MiB
   */
  readonly bytes?: number
}

/**
 * Joins the servers of one process that are given it: for tests, and for servers on several ports.
 *
 * It is open from the first server that opens it to the last that closes it. What it keeps is gone with it.
 *
 * @example
 * ```ts
 * import { memoryBackplane } from 'hotline/backplane'
 * import { serve } from 'hotline/server'
 *
 * const backplane = memoryBackplane()
 * const one = await serve({ port: 0, backplane, routes: {} })
 * const other = await serve({ port: 0, backplane, routes: {} })
 * ```
 */
export function memoryBackplane({ bytes = 268_435_456 }: MemoryBackplaneOptions = {}): Backplane {
  const hub = new Hub({ clock, bytes, random: () => crypto.randomUUID() })
  return new MemoryBackplane(hub, () => hub.close())
}

/** A view of a hub in this process: several of them are several nodes. It calls back in promise reactions, never from inside a call. */
export class MemoryBackplane implements Backplane {
  readonly name = 'memory'
  readonly #hub: Hub
  readonly #closed: () => void
  readonly #ends = new Set<() => void>()
  #opened = 0
  #told: (() => void)[] = []

  /** `closed` is called whenever nobody has it open any more. */
  constructor(hub: Hub, closed = (): void => {}) {
    this.#hub = hub
    this.#closed = closed
  }

  async open(_events: BackplaneEvents): Promise<void> {
    this.#opened++
  }

  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption {
    return this.#listen(tell =>
      this.#hub.consume(topic, history, {
        state: (place, entries) => tell(() => listener.state(place, entries)),
        kept: entry => tell(() => listener.kept(entry)),
        passed: entry => tell(() => listener.passed(entry)),
      }),
    )
  }

  watch(pattern: string, listener: (topic: string, entry: Entry) => void): Consumption {
    return this.#listen(tell => this.#hub.watch(pattern, (topic, entry) => tell(() => listener(topic, entry))))
  }

  async publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined> {
    this.#check()
    return this.#hub.publish(topic, history, entry)
  }

  async attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void> {
    this.#check()
    this.#hub.attend(topic, node, attendance)
  }

  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): Consumption {
    return this.#listen(tell =>
      this.#hub.attendance(topic, (node, attendance) => tell(() => listener(node, attendance))),
    )
  }

  async close(): Promise<void> {
    if (this.#opened > 0 && --this.#opened > 0) return
    for (const end of [...this.#ends]) end()
    this.#closed()
  }

  #check(): void {
    if (this.#opened === 0) throw new BackplaneError('the backplane is not open')
  }

  #listen(begin: (tell: (call: () => void) => void) => () => void): Consumption {
    let live = true
    const stop = begin(call => this.#tell(() => live && call()))
    const end = (): void => {
      live = false
      this.#ends.delete(end)
      stop()
    }
    this.#ends.add(end)
    return { ready: Promise.resolve(), end }
  }

  #tell(call: () => void): void {
    if (this.#told.push(call) === 1) queueMicrotask(this.#tellAll)
  }

  readonly #tellAll = (): void => {
    const told = this.#told
    this.#told = []
    for (const call of told) guard(call)
  }
}

/** The clock of the machine. Its timers do not keep the process alive. */
const clock: TopicsClock = {
  now: () => performance.now(),
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return { clear: () => clearTimeout(timer) }
  },
}
