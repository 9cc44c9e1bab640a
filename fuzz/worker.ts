/** The thread that fuzzes, so that another one can watch it, and end it where an input hangs. */
import { parentPort } from 'node:worker_threads'
import { keep, readCorpus } from './engine/corpus.ts'
import { type Crash, Fuzzer } from './engine/fuzzer.ts'
import type { Row } from './report.ts'
import { targets } from './targets/index.ts'

/** What the thread is told to do. */
export interface Task {
  readonly seed: number
  readonly milliseconds: number
  readonly count: number | undefined
  readonly only: readonly string[]
  readonly corpus: string
  readonly shared: SharedArrayBuffer
}

export type Message =
  | { readonly kind: 'progress'; readonly rows: readonly Row[]; readonly current: string }
  | { readonly kind: 'crash'; readonly crash: Crash }
  | { readonly kind: 'done'; readonly rows: readonly Row[] }

/** Memory that both threads see: whether to stop, how many inputs were begun, and the last of them. */
export const SHARED = { stop: 0, inputs: 1, target: 2, length: 3, bytes: 16 } as const
export const sharedMemory = (): SharedArrayBuffer => new SharedArrayBuffer(SHARED.bytes + 300_000)

/** Milliseconds that a target has before it is the next one's turn. */
const TURN = 250

export async function work({ seed, milliseconds, count, only, corpus, shared }: Task): Promise<void> {
  const words = new Int32Array(shared, 0, 4)
  const bytes = new Uint8Array(shared, SHARED.bytes)
  const post = (message: Message): void => parentPort?.postMessage(message)
  const chosen = targets.filter(({ name }) => only.length === 0 || only.includes(name))
  const lines = chosen.map(target => {
    const kept = readCorpus(corpus, target.name)
    const trying = (input: Uint8Array): void => {
      bytes.set(input)
      words[SHARED.target] = targets.indexOf(target)
      words[SHARED.length] = input.length
      Atomics.add(words, SHARED.inputs, 1)
    }
    const crashed = (crash: Crash): void => {
      const file = crash.file ?? keep(corpus, target.name, crash.claim, crash.input)
      post({ kind: 'crash', crash: { ...crash, file } })
    }
    return { fuzzer: new Fuzzer(target, seed, kept, { trying, crashed }), kept: kept.length }
  })
  const rows = (): Row[] =>
    lines.map(({ fuzzer, kept }) => {
      const { inputs, milliseconds, crashes, explained, target } = fuzzer
      return { target: target.name, inputs, milliseconds, crashes, corpus: kept, explained }
    })
  const stopped = (): boolean => Atomics.load(words, SHARED.stop) === 1
  const start = performance.now()
  const over = (): boolean => stopped() || (count === undefined && performance.now() - start >= milliseconds)

  for (const { fuzzer } of lines) if (!stopped()) await fuzzer.replay()
  for (let round = 0; round === 0 || (count === undefined && !over()); round++) {
    for (const { fuzzer } of lines) {
      post({ kind: 'progress', rows: rows(), current: fuzzer.target.name })
      const turn = performance.now() + TURN
      await fuzzer.run(
        count ?? Number.POSITIVE_INFINITY,
        () => !over() && (count !== undefined || performance.now() < turn),
      )
    }
  }
  post({ kind: 'done', rows: rows() })
}
