/** An engine whose lines are cut and mended by hand, and where each thing that is sent arrives when a test says so. */
import type {
  Attendance,
  Backplane,
  BackplaneEvents,
  Consumption,
  Entry,
  Kept,
  Place,
  TopicListener,
} from '../../src/backplane/backplane.ts'
import { Hub } from '../../src/backplane/hub.ts'
import { BackplaneError } from '../../src/errors.ts'
import type { HistoryRules } from '../../src/topics/rules.ts'
import type { TopicsClock } from '../../src/topics/subscriber.ts'

/** Engines, one after the other: after each restart there is another one, with nothing in it. */
export class World {
  readonly #clock: TopicsClock
  readonly nodes: Shaky[] = []
  hub: Hub
  /** Everything arrives by itself, a little later. */
  isQuick = false
  /** All that any engine has kept, by epoch, in order. */
  readonly logs = new Map<string, Kept[]>()

  constructor(clock: TopicsClock) {
    this.#clock = clock
    this.hub = this.#make()
  }

  node(): Shaky {
    const node = new Shaky(this)
    this.nodes.push(node)
    return node
  }

  /** All nodes are cut off, what they have sent is lost, and all that was kept. */
  restart(): void {
    for (const node of this.nodes) node.cut(0)
    this.hub.close()
    this.hub = this.#make()
  }

  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Place | undefined {
    const place = this.hub.publish(topic, history, entry)
    const log = place && this.logs.get(`${topic} ${place.epoch}`)
    if (place === undefined) return undefined
    if (log === undefined) this.logs.set(`${topic} ${place.epoch}`, [{ ...entry, offset: place.offset }])
    else if (place.offset > log.length) log.push({ ...entry, offset: place.offset })
    return place
  }

  logOf(topic: string, epoch: string | undefined): readonly Kept[] {
    return this.logs.get(`${topic} ${epoch}`) ?? []
  }

  /** Everything arrives, until nothing is under way. */
  settle(): boolean {
    let moved = false
    while (this.nodes.some(node => node.step())) moved = true
    return moved
  }

  #make(): Hub {
    let epochs = this.logs.size
    return new Hub({
      clock: this.#clock,
      random: () => `epoch ${this.nodes.length}.${++epochs}.${Math.random()}`,
      bytes: 1e9,
    })
  }
}

/** Something that a node wants to hear of for as long as its line is there. */
interface Ear {
  begin(): () => void
  end: (() => void) | undefined
}

interface Waiting {
  readonly resolve: (place: Place | undefined) => void
  readonly reject: (error: Error) => void
}

/** The line of one node. */
export class Shaky implements Backplane {
  readonly name = 'shaky'
  readonly #world: World
  readonly #ears = new Set<Ear>()
  /** What is on its way to the engine, and from there. */
  #there: (() => void)[] = []
  #back: (() => void)[] = []
  readonly #waiting = new Set<Waiting>()
  #events: BackplaneEvents | undefined
  isUp = false
  /** What the next `open` rejects with. */
  refuses: Error | undefined
  closed = false
  /** Who consumes a topic. */
  readonly listeners: TopicListener[] = []

  constructor(world: World) {
    this.#world = world
  }

  async open(events: BackplaneEvents): Promise<void> {
    if (this.refuses !== undefined) throw this.refuses
    this.#events = events
    this.isUp = true
  }

  /** It is there, and something does not go on. */
  complain(reason: Error): void {
    this.#events?.trouble?.(reason)
  }

  /** One thing arrives: false when nothing is under way. */
  step(there = true): boolean {
    const [first, second] = there ? [this.#there, this.#back] : [this.#back, this.#there]
    const next = first.shift() ?? second.shift()
    next?.()
    return next !== undefined
  }

  /** The line is lost: so much of what was sent has arrived, and nothing comes back. */
  cut(arrived: number): void {
    if (!this.isUp) return
    for (const arrive of this.#there.splice(0, arrived)) arrive()
    this.#there = []
    this.#back = []
    this.isUp = false
    for (const ear of this.#ears) {
      ear.end?.()
      ear.end = undefined
    }
    this.#events?.down(new Error('cut'))
    for (const { reject } of this.#waiting) reject(new BackplaneError('the line was cut', 'unknown'))
    this.#waiting.clear()
  }

  mend(): void {
    if (this.isUp) return
    this.isUp = true
    for (const ear of this.#ears) ear.end = ear.begin()
    this.#events?.up()
  }

  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption {
    this.listeners.push(listener)
    return this.#listen(hub =>
      hub.consume(topic, history, {
        state: (place, entries) => this.#tell(() => listener.state(place, entries)),
        kept: entry => this.#tell(() => listener.kept(entry)),
        passed: entry => this.#tell(() => listener.passed(entry)),
      }),
    )
  }

  watch(pattern: string, listener: (topic: string, entry: Entry) => void): Consumption {
    return this.#listen(hub => hub.watch(pattern, (topic, entry) => this.#tell(() => listener(topic, entry))))
  }

  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined> {
    return this.#call(() => this.#world.publish(topic, history, entry))
  }

  async attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void> {
    await this.#call(() => {
      this.#world.hub.attend(topic, node, attendance)
      return undefined
    })
  }

  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): Consumption {
    return this.#listen(hub =>
      hub.attendance(topic, (node, attendance) => this.#tell(() => listener(node, attendance))),
    )
  }

  async close(): Promise<void> {
    this.closed = true
    for (const ear of this.#ears) ear.end?.()
    this.#ears.clear()
  }

  #tell(call: () => void): void {
    this.#back.push(call)
    this.#soon()
  }

  #soon(): void {
    if (this.#world.isQuick) setImmediate(() => this.step())
  }

  #call(work: () => Place | undefined): Promise<Place | undefined> {
    if (!this.isUp) return Promise.reject(new BackplaneError('the engine is away'))
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject }
      this.#waiting.add(waiting)
      this.#there.push(() => {
        const place = work()
        this.#tell(() => this.#waiting.delete(waiting) && resolve(place))
      })
      this.#soon()
    })
  }

  #listen(begin: (hub: Hub) => () => void): Consumption {
    let ended = false
    let begun = (): void => {}
    const ready = new Promise<void>(resolve => {
      begun = resolve
    })
    const ear: Ear = {
      end: undefined,
      begin: () => {
        let stop: (() => void) | undefined
        const start = (): void => {
          if (ended) return
          stop = begin(this.#world.hub)
          this.#tell(begun)
        }
        this.#there.push(start)
        this.#soon()
        return () => stop?.()
      },
    }
    this.#ears.add(ear)
    if (this.isUp) ear.end = ear.begin()
    return {
      ready,
      end: () => {
        ended = true
        ear.end?.()
        this.#ears.delete(ear)
      },
    }
  }
}
