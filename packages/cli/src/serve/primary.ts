/** The process that starts the workers of `hotline serve --workers`: it relays, replaces those that die, and ends all. */
import cluster, { type Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { relay } from 'hotline/cluster'
import type { Logger } from 'pino'
import { ExitCode, Failure } from '../exit.ts'
import { Gatherings, type Question } from './crew.ts'
import { isOurs, type Order, type Start, type Word } from './orders.ts'
import { ProcessMetrics } from './process-metrics.ts'

/** Milliseconds of a life after which a death is not that of one which cannot live. */
const LIVED = 10_000
/** Milliseconds before one that died at once is replaced; each time twice as many, up to the longest. */
const PAUSE = 250
const LONGEST = 30_000
/** Milliseconds that a worker has to end by itself when it was told to cut. */
const CUT = 2_000

export interface PrimaryParts<Options extends { readonly port: number }> {
  readonly start: Omit<Start<Options>, 'worker'>
  /** Whether what is published on one worker comes to the others by way of this process. */
  readonly relays: boolean
  readonly log: Logger
}

interface Place {
  readonly number: number
  worker: Worker | undefined
  /** When its worker was started. */
  since: number
  /** How often it has died at once. */
  deaths: number
  url: string | undefined
  /** It ends in order, and alone. */
  leaves: boolean
  again: NodeJS.Timeout | undefined
}

export class Primary<Options extends { readonly port: number }> {
  #start: Omit<Start<Options>, 'worker'>
  readonly #relays: boolean
  readonly #log: Logger
  readonly #places: Place[]
  /** Where they listen. */
  #port: number | undefined
  #ending = false
  readonly #gatherings = new Gatherings()
  readonly #metrics = new ProcessMetrics('primary')
  /** Ends the wait for the first one, or for the last. */
  #changed: (failure?: Failure) => void = () => {}

  constructor({ start, relays, log }: PrimaryParts<Options>) {
    this.#start = start
    this.#relays = relays
    this.#log = log
    this.#places = Array.from({ length: start.workers }, (_, at) => ({
      ...{ number: at + 1, worker: undefined, since: 0, deaths: 0, url: undefined, leaves: false, again: undefined },
    }))
  }

  /** The first one listens before the others are begun: what is wrong is said once. Returns where. */
  async start(): Promise<string> {
    const exec = fileURLToPath(new URL('worker.js', import.meta.url))
    cluster.setupPrimary({ exec, args: [], serialization: 'advanced' })
    if (this.#relays) relay()
    const [first, ...others] = this.#places as [Place, ...Place[]]
    this.#fork(first)
    await this.#until(() => first.url !== undefined)
    for (const place of others) this.#fork(place)
    await this.#until(() => this.#serving === this.#places.length)
    return first.url as string
  }

  /**
   * Waits for the first signal, has all drain, and cuts at the second. Signals are heard from the call on, so that it comes
   * before `start`, which has lines as soon as the first worker is there, and is not fulfilled any more then.
   */
  async endOnSignal(): Promise<void> {
    const signal = await new Promise<NodeJS.Signals>(resolve => {
      for (const name of SIGNALS) process.once(name, () => resolve(name))
    })
    for (const name of SIGNALS) process.removeAllListeners(name).once(name, () => this.#cut())
    this.#ending = true
    this.#log.info({ signal, workers: this.#serving }, 'draining; a second signal cuts')
    for (const place of this.#places) clearTimeout(place.again)
    this.#tell({ hotline: 'serve', drain: 'all' })
    await this.#until(() => this.#places.every(({ worker }) => worker === undefined))
    this.#log.info('all workers have stopped')
  }

  get #serving(): number {
    return this.#places.filter(({ url }) => url !== undefined).length
  }

  #fork(place: Place): void {
    const worker = cluster.fork()
    place.worker = worker
    place.since = performance.now()
    place.leaves = false
    worker.on('message', message => isOurs(message) && this.#hear(place, message as Word))
    worker.on('exit', (code, signal) => this.#exited(place, signal ?? code))
  }

  /** One that comes in the middle of the end has nothing to begin. */
  #begin(place: Place): void {
    if (this.#ending) {
      this.#send(place, { hotline: 'serve', drain: 'all' })
      return
    }
    if (this.#serving === 0 && this.#port !== undefined) this.#listenThere(this.#port)
    this.#send(place, { hotline: 'serve', start: { ...this.#start, worker: place.number } })
  }

  /** All are gone, and port 0 would be another one: this one listens where they did, and so do those that follow. */
  #listenThere(port: number): void {
    this.#start = { ...this.#start, options: { ...this.#start.options, port } }
  }

  #hear(place: Place, word: Word): void {
    if ('failed' in word) {
      // What is wrong before anybody listens is the end of all; later, of this one only.
      if (this.#port === undefined) this.#changed(new Failure(word.exitCode, word.failed))
      else this.#log.error({ worker: place.number, why: word.failed }, 'a worker could not start')
      return
    }
    if ('want' in word) {
      this.#gather(place, word.want, word.question)
      return
    }
    if ('value' in word) {
      this.#gatherings.add(word.of, { worker: place.number, value: word.value })
      return
    }
    if ('ready' in word) {
      this.#begin(place)
      return
    }
    if ('leaves' in word) {
      this.#letGo(place)
      return
    }
    place.url = word.listening
    this.#log.info({ worker: place.number, pid: place.worker?.process.pid }, 'a worker serves')
    this.#port = word.port
    this.#tellServing()
    this.#changed()
  }

  /** Somebody has sent a signal to a worker, and not to this process: another one takes its place once it has drained. */
  #letGo(place: Place): void {
    if (this.#ending) return
    if (place.leaves) {
      this.#send(place, { hotline: 'serve', cut: true })
      return
    }
    place.leaves = true
    place.url = undefined
    this.#log.info({ worker: place.number }, 'a worker drains; another one takes its place then')
    this.#tellServing()
    this.#send(place, { hotline: 'serve', drain: this.#serving > 0 ? 'one' : 'all' })
  }

  /** What those that serve say, for one of them. */
  #gather(asker: Place, of: number, question: Question): void {
    const { worker, about } = question
    const ask = (by: number): number => {
      const asked = this.#places.filter(({ url, number }) => url !== undefined && number === (worker ?? number))
      for (const place of asked) this.#send(place, { hotline: 'serve', ask: by, question })
      return asked.length
    }
    this.#gatherings.begin(ask, async said => {
      // Relaying is work too: this process is one of those that are measured.
      const own = about === 'metrics' ? [{ worker: 'primary', value: await this.#metrics.figures() }] : []
      this.#send(asker, { hotline: 'serve', told: [...said, ...own], of })
    })
  }

  #exited(place: Place, how: number | string): void {
    const lived = performance.now() - place.since
    place.worker = undefined
    place.url = undefined
    if (this.#ending) this.#changed()
    else if (this.#port === undefined) this.#changed(new Failure(ExitCode.failed, `a worker ended with ${how}`))
    else if (place.leaves && how === 0) this.#fork(place)
    else this.#replace(place, lived, how)
  }

  #replace(place: Place, lived: number, how: number | string): void {
    place.deaths = lived < LIVED ? place.deaths + 1 : 1
    const pause = Math.min(LONGEST, PAUSE * 2 ** (place.deaths - 1))
    this.#log.error(
      { worker: place.number, how, seconds: Math.round(lived) / 1000, pause: pause / 1000 },
      'a worker died; another one takes its place after a pause',
    )
    this.#tellServing()
    place.again = setTimeout(() => this.#fork(place), pause)
  }

  /** Those that do not end by themselves even so are killed. */
  #cut(): void {
    this.#log.warn('cutting')
    this.#tell({ hotline: 'serve', cut: true })
    setTimeout(() => {
      for (const { worker } of this.#places) worker?.process.kill('SIGKILL')
    }, CUT).unref()
  }

  #tellServing(): void {
    this.#tell({ hotline: 'serve', serving: this.#serving })
  }

  #tell(order: Order<Options>): void {
    for (const place of this.#places) this.#send(place, order)
  }

  #send({ worker }: Place, order: Order<Options>): void {
    // One that is gone is told of by its exit.
    if (worker?.isConnected()) worker.send(order, () => {})
  }

  /** @throws Failure when one of them says that it cannot be */
  async #until(passes: () => boolean): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#changed = failure => {
          if (failure !== undefined) reject(failure)
          else if (passes()) resolve()
        }
        this.#changed()
      })
    } finally {
      this.#changed = () => {}
    }
  }
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
