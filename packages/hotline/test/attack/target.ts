/** The server under attack as the tests see it, and what must hold during every attack and after it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect } from 'vitest'
import { within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'

export const KIB = 1024
export const MIB = 1024 * KIB

/** An error as the server's application saw it. */
export interface Fault {
  readonly name: string
  readonly message: string
  readonly code?: string
  /** The option whose limit it is about. */
  readonly option?: string
  /** Where it was reported. */
  readonly phase?: string
}

/** How a line ended, as the server's application saw it. */
export interface End {
  readonly code: number
  readonly clean: boolean
  readonly error?: Fault
}

/** How the server fares. */
export interface State {
  /** Bytes of the process, and of what is alive in it, after a collection. */
  readonly rss: number
  readonly held: number
  /** The most bytes of the process since the attack began, garbage included. */
  readonly peak: number
  readonly connections: number
  readonly sockets: number
  readonly messages: number
  /** The most bytes that a flooding sender has seen queued. */
  readonly queued: number
  readonly unhandled: number
  readonly uncaught: number
  /** True when Object.prototype has more than it was born with. */
  readonly polluted: boolean
  readonly ends: readonly End[]
  readonly reported: readonly Fault[]
}

/** What came of the server's `close`. */
interface Closing {
  readonly closed: number
  readonly left: number
  readonly terminated: number
}

interface Polite {
  readonly echoes: number
  readonly worst: number
  readonly open: boolean
}

/** What an attack may cost, where that is not what every attack may. */
export interface Cost {
  /**
   * Bytes that may stay when it is over. An attack leaves nothing; the default is for what the engine compiled meanwhile,
   * and for a slab or two.
   */
  readonly held?: number
  /** Bytes that the process may grow meanwhile, garbage that nobody has collected yet included. */
  readonly peak?: number
}

const HELD = 3 * MIB
const PEAK = 48 * MIB

/** Milliseconds that a polite client may have to wait, on a busy machine with two cores. */
const LATENCY = 1500

/** A process that answers questions. */
class Child {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (result: never) => void>()
  readonly #exit: Promise<unknown[]>
  #next = 1

  constructor(program: URL, ...given: string[]) {
    this.#process = fork(program, given, {
      // A small nursery, so that garbage is collected before it looks like a leak.
      execArgv: ['--expose-gc', '--max-semi-space-size=2'],
      env: { ...process.env, NODE_OPTIONS: '', NO_PROXY: '*' },
    })
    this.#exit = once(this.#process, 'exit')
    this.#process.on('message', ({ id, result }: { id: number; result: never }) => {
      this.#waiting.get(id)?.(result)
      this.#waiting.delete(id)
    })
  }

  /** What the process says first. */
  get first(): Promise<number> {
    return this.#answer('a process to start', 0, 20_000)
  }

  ask<T>(question: string, argument = 0, ms?: number): Promise<T> {
    const id = this.#next++
    this.#process.send({ id, ask: question, with: argument })
    return this.#answer(question, id, ms)
  }

  #answer<T>(what: string, id: number, ms?: number): Promise<T> {
    const gone = this.#exit.then(([code, signal]) => {
      throw new Error(`the process has gone: ${code ?? signal}`)
    })
    return within(what, Promise.race([new Promise<T>(resolve => this.#waiting.set(id, resolve)), gone]), ms)
  }

  /** Lets go; the process ends by itself when nothing is left open in it. */
  async end(): Promise<unknown> {
    this.#process.disconnect()
    try {
      const [code] = await within('a process to end by itself', this.#exit)
      return code
    } finally {
      this.#process.kill('SIGKILL')
    }
  }
}

export class Target {
  readonly #server = new Child(new URL('./server.mjs', import.meta.url))
  #polite: Child | undefined
  port = 0

  async start(): Promise<this> {
    this.port = await this.#server.first
    this.#polite = new Child(new URL('./polite.mjs', import.meta.url), `ws://127.0.0.1:${this.port}/polite`)
    await this.#polite.first
    // What every first time needs is not an attack's.
    for (const path of ['/', '/loop', '/throws', '/rejects']) await this.#serves(path)
    await this.#server.ask('calm', 1)
    return this
  }

  look(): Promise<State> {
    return this.#server.ask('look')
  }

  /** Fulfilled when so many lines have ended, for the server's application, since the attack began. */
  ended(count: number): Promise<void> {
    return this.#server.ask('ended', count)
  }

  /** Fulfilled when the server has no more connections than so many. */
  gone(connections: number): Promise<void> {
    return this.#server.ask('calm', connections)
  }

  /** Fulfilled when a flooding sender has been stopped since the attack began: its peer took no more. */
  flooded(): Promise<void> {
    return this.#server.ask('flooded')
  }

  /**
   * Runs an attack, and sees that it did no harm: all its connections are gone, memory is what it was, nobody else waited,
   * nothing was left unhandled, and the next client is served.
   *
   * @returns what the server's application saw of it
   */
  async survives(attack: (before: State) => Promise<void>, { held = HELD, peak = PEAK }: Cost = {}): Promise<State> {
    const polite = this.#polite as Child
    const before = await this.#server.ask<State>('begin')
    await polite.ask('begin')
    await attack(before)
    await this.#server.ask('calm', before.connections)
    const after = await this.look()
    const { echoes, worst, open } = await polite.ask<Polite>('look')
    await this.#serves('/')
    await this.#server.ask('calm', before.connections)
    expect({ open, worst: worst > LATENCY ? worst : 'fine', served: echoes > 0 }).toEqual({
      open: true,
      worst: 'fine',
      served: true,
    })
    const { unhandled, uncaught, polluted, sockets } = after
    expect({ unhandled, uncaught, polluted, sockets }).toEqual({
      unhandled: 0,
      uncaught: 0,
      polluted: false,
      sockets: before.sockets,
    })
    expect(after.held - before.held, 'bytes that stayed').toBeLessThan(held)
    expect(after.peak - before.rss, 'bytes meanwhile').toBeLessThan(peak)
    return after
  }

  /** A fresh client is served. */
  async #serves(path: string): Promise<void> {
    using client = await RawClient.open(this.port, { path })
    client.send('81 05 68 65 6c 6c 6f')
    await client.frames(1)
    client.send('88 02 03 e8')
    await client.ended()
  }

  /** Closes the server; its process must end by itself, since nothing is left open. */
  async stop(): Promise<Closing> {
    expect(await this.#polite?.end()).toBe(0)
    const closing = await this.#server.ask<Closing>('close', 1000)
    expect(await this.#server.end()).toBe(0)
    return closing
  }
}

/** A server for the tests of one file. */
export function target(): Target {
  const it = new Target()
  beforeAll(() => it.start())
  afterAll(async () => {
    await it.stop()
  })
  return it
}

/** So many at once. */
export const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))
