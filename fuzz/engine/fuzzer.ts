/** One target and what it has been through: inputs are made, tried, and what crashes is made small and kept. */
import type { Kept } from './corpus.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'
import { shrink } from './shrink.ts'
import { claimOf, type Difference, type Target } from './target.ts'

export interface Crash {
  readonly target: string
  readonly claim: string
  readonly message: string
  readonly input: Uint8Array
  /** The number of the input that crashed; undefined for one of the corpus, which has a file. */
  readonly index?: number
  readonly file?: string
}

export interface Seen {
  readonly difference: Difference
  count: number
}

/** What a fuzzer tells while it works. */
export interface Watcher {
  /** This input is tried next: where it hangs, somebody else must know it. */
  trying(input: Uint8Array): void
  crashed(crash: Crash): void
}

const SILENT: Watcher = { trying: () => {}, crashed: () => {} }

export class Fuzzer {
  readonly target: Target
  readonly #seed: number
  readonly #corpus: readonly Kept[]
  readonly #watcher: Watcher
  readonly #claims = new Set<string>()
  readonly #seen = new Map<string, Seen>()
  #rejected: unknown[] = []
  inputs = 0
  milliseconds = 0
  crashes = 0

  constructor(target: Target, seed: number, corpus: readonly Kept[], watcher: Watcher = SILENT) {
    this.target = target
    this.#seed = seed
    this.#corpus = corpus
    this.#watcher = watcher
  }

  get explained(): readonly Seen[] {
    return [...this.#seen.values()]
  }

  /** Tries everything that was kept. */
  async replay(): Promise<void> {
    await this.#timed(async () => {
      for (const { file, bytes } of this.#corpus) await this.#try(bytes, { file })
    })
  }

  /** Tries this many fresh inputs, or as many as `goOn` lets it; the number of an input and the seed say what it is. */
  async run(count: number, goOn: () => boolean = () => true): Promise<void> {
    await this.#timed(async () => {
      for (let i = 0; i < count && goOn(); i++) await this.#try(this.input(this.inputs - this.#corpus.length))
    })
  }

  /** The input with this number. */
  input(index: number): Uint8Array {
    const { target } = this
    const random = new Random(this.#seed, target.name, index)
    const fresh = random.oneIn(16) ? random.bytes(random.below(80)) : target.make(random)
    const corpus = this.#corpus
    const kept = corpus.length > 0 && random.oneIn(4) ? random.pick(corpus).bytes : fresh
    const input = random.oneIn(3) && kept === fresh ? fresh : mutate(kept, random, fresh)
    return input.length > target.longest ? input.subarray(0, target.longest) : input
  }

  async #timed(work: () => Promise<void>): Promise<void> {
    const start = performance.now()
    const note = (error: unknown): void => void this.#rejected.push(error)
    process.on('unhandledRejection', note)
    await work()
    process.off('unhandledRejection', note)
    this.milliseconds += performance.now() - start
  }

  async #try(input: Uint8Array, from: { file?: string } = {}): Promise<void> {
    const index = this.inputs++ - this.#corpus.length
    this.#watcher.trying(input)
    const error = await this.#run(input, this.#explain)
    if (error === undefined) return
    this.crashes++
    const claim = claimOf(error)
    if (this.#claims.has(claim)) return
    this.#claims.add(claim)
    const crashesToo = async (bytes: Uint8Array): Promise<boolean> => {
      this.#watcher.trying(bytes)
      const other = await this.#run(bytes, () => {})
      return other !== undefined && claimOf(other) === claim
    }
    const small = from.file === undefined ? await shrink(input, crashesToo) : input
    const last = (await this.#run(small, () => {})) ?? error
    const message = last instanceof Error ? `${last.stack ?? last.message}` : String(last)
    const which = from.file === undefined ? { index } : { file: from.file }
    this.#watcher.crashed({ target: this.target.name, claim, message, input: small, ...which })
  }

  /** What an input made the target throw, or leave as a rejection that nobody handles. */
  async #run(input: Uint8Array, explain: (difference: Difference) => void): Promise<unknown> {
    try {
      const result = this.target.run(new Uint8Array(input), explain)
      if (result === undefined) return undefined
      await result
      await new Promise(setImmediate)
    } catch (error) {
      return error ?? new Error('threw nothing')
    }
    return this.#rejected.splice(0)[0]
  }

  readonly #explain = ({ what, clause, right }: Difference): void => {
    const seen = this.#seen.get(what)
    if (seen === undefined) this.#seen.set(what, { difference: { what, clause, right }, count: 1 })
    else seen.count++
  }
}
