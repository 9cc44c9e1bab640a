/** The threads of a run: they open at the same time, and go when all of them are ready. */
import { Worker } from 'node:worker_threads'
import type { Phase, Progress } from './load.ts'
import type { Plan, Share } from './plan.ts'
import { type Counts, combine, noCounts, type Opening, type Result, type Trouble, Troubles } from './tally.ts'

export type ToThread = 'go' | 'stop'

export type FromThread =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'opened'; readonly opening: Opening; readonly troubles: readonly Trouble[] }
  | { readonly type: 'done'; readonly result: Result }

/** What all threads together show while they run. */
export interface View {
  readonly phase: Phase
  readonly open: number
  readonly counts: Counts
  readonly troubles: number
  /** Sorted, in milliseconds. */
  readonly recent: Float64Array
}

const PHASES: readonly Phase[] = ['opening', 'warming up', 'measuring', 'last answers', 'closing']

export class Crew {
  readonly #workers: readonly Worker[]
  readonly #progress: (Progress | undefined)[]
  readonly #openings: { readonly opening: Opening; readonly troubles: readonly Trouble[] }[] = []
  readonly #results: Result[] = []
  readonly #ready: Promise<void>
  readonly #done: Promise<unknown>
  #tellReady = (): void => {}

  constructor(plan: Plan) {
    const threads = Array.from({ length: plan.threads }, (_, thread): Share => ({ plan, thread }))
    this.#progress = threads.map(() => undefined)
    this.#ready = new Promise(resolve => {
      this.#tellReady = resolve
    })
    this.#workers = threads.map(workerData => new Worker(new URL('./thread.js', import.meta.url), { workerData }))
    this.#done = Promise.all(this.#workers.map((worker, thread) => this.#ended(worker, thread)))
  }

  /** Fulfilled when every thread has opened what it could: how many lines there are, and why others are not. */
  async opened(): Promise<{ opened: number; troubles: readonly Trouble[] }> {
    await Promise.race([this.#ready, this.#done])
    const troubles = new Troubles()
    for (const opening of this.#openings) for (const trouble of opening.troubles) troubles.add(trouble)
    return { opened: this.#openings.reduce((sum, { opening }) => sum + opening.opened, 0), troubles: troubles.list }
  }

  /** Begins, and gives the results when all threads have ended. */
  async run(): Promise<readonly Result[]> {
    this.#tell('go')
    await this.#done
    return this.#results
  }

  /** Ends the run early. */
  stop(): void {
    this.#tell('stop')
  }

  /** Ends the threads at once. */
  async cut(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()))
  }

  get view(): View {
    const known = this.#progress.filter(progress => progress !== undefined)
    const sum = (of: (progress: Progress) => number): number => known.reduce((sum, each) => sum + of(each), 0)
    const phases = known.map(({ phase }) => PHASES.indexOf(phase))
    const recent = known.flatMap(({ recent }) => [...recent])
    return {
      phase: PHASES[Math.min(...phases)] ?? 'opening',
      open: sum(({ open }) => open),
      counts: known.reduce<Counts>((all, { counts }) => combine(all, counts, (a, b) => a + b), noCounts()),
      troubles: sum(({ troubles }) => troubles),
      recent: Float64Array.from(recent).sort(),
    }
  }

  #tell(message: ToThread): void {
    for (const worker of this.#workers) worker.postMessage(message)
  }

  /** Fulfilled when the thread has ended; rejects when it failed. */
  #ended(worker: Worker, thread: number): Promise<void> {
    worker.on('message', (message: FromThread) => this.#heard(message, thread))
    return new Promise((resolve, reject) => {
      worker.once('error', reject)
      worker.once('exit', () => resolve())
    })
  }

  #heard(message: FromThread, thread: number): void {
    if (message.type === 'progress') this.#progress[thread] = message.progress
    else if (message.type === 'done') this.#results.push(message.result)
    else if (this.#openings.push(message) === this.#workers.length) this.#tellReady()
  }
}
