/** The program: reads what was typed, lets a thread fuzz, shows how far it is, and says what came of it. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { keep, read, targetOf } from './engine/corpus.ts'
import { Fuzzer } from './engine/fuzzer.ts'
import { claimOf, type Target } from './engine/target.ts'
import { HELP, type Options, readOptions } from './options.ts'
import { crashText, differences, progress, type Row, table } from './report.ts'
import { targets } from './targets/index.ts'
import { type Message, SHARED, sharedMemory, type Task, work } from './worker.ts'

/** Milliseconds after which an input is taken to hang: the slowest takes some hundredths of it. */
const HANGS = 20_000

/** @returns the exit code */
export async function main(args: string[], corpus: string): Promise<number> {
  let options: Options
  try {
    options = readOptions(args)
  } catch (error) {
    console.error(`${(error as Error).message.split('\n', 1)[0]}`)
    return 2
  }
  if (options.help) console.log(HELP)
  else if (options.list) for (const { name, about } of targets) console.log(`${name.padEnd(12)}${about}`)
  else return options.replay.length > 0 ? replay(options.replay) : fuzz(options, resolve(corpus))
  return 0
}

/** Tries files, and says of each what came of it. */
async function replay(files: readonly string[]): Promise<number> {
  let crashes = 0
  for (const file of files) {
    const target = targets.find(({ name }) => name === targetOf(resolve(file)))
    if (target === undefined) {
      console.error(`${file} must lie in a folder with the name of a target: see --list`)
      return 2
    }
    try {
      await target.run(read(file).bytes, ({ what }) => console.log(`${file}: explained: ${what}`))
      console.log(`${file}: fine`)
    } catch (error) {
      crashes++
      console.log(`${file}: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }
  return crashes === 0 ? 0 : 1
}

async function fuzz(options: Options, corpus: string): Promise<number> {
  const { seed, count, milliseconds } = options
  const bound = count === undefined ? `for ${milliseconds / 1000} s` : `${count} inputs each`
  console.log(
    `seed ${seed}, ${bound}; again: --seed ${seed}${count === undefined ? ' --count N' : ` --count ${count}`}`,
  )
  const run = new Run(options, corpus)
  const rows = await run.finished
  console.log(table(rows))
  const explained = differences(rows)
  if (explained !== '') console.log(`\n${explained}`)
  return run.crashes === 0 ? 0 : 1
}

/** The thread, watched. */
class Run {
  readonly finished: Promise<readonly Row[]>
  readonly #options: Options
  readonly #corpus: string
  readonly #shared = sharedMemory()
  readonly #words = new Int32Array(this.#shared, 0, 4)
  readonly #worker: Worker
  readonly #start = performance.now()
  #rows: readonly Row[] = []
  crashes = 0

  constructor(options: Options, corpus: string) {
    this.#options = options
    this.#corpus = corpus
    const { seed, milliseconds, count, only } = options
    const task: Task = { seed, milliseconds, count, only, corpus, shared: this.#shared }
    this.#worker = new Worker(fileURLToPath(import.meta.url), { workerData: { task } })
    const stop = (): void => void Atomics.store(this.#words, SHARED.stop, 1)
    process.on('SIGINT', stop)
    this.finished = new Promise<readonly Row[]>((done, failed) => {
      const watch = this.#watch(done)
      this.#worker.on('message', (message: Message) => this.#hear(message, done))
      this.#worker.on('error', failed)
      this.#worker.on('exit', () => {
        clearInterval(watch)
        done(this.#rows)
      })
    }).finally(() => process.off('SIGINT', stop))
  }

  #hear(message: Message, done: (rows: readonly Row[]) => void): void {
    if (message.kind === 'crash') {
      this.crashes++
      this.#over('')
      console.log(crashText(message.crash, this.#options.seed))
      return
    }
    this.#rows = message.rows
    if (message.kind === 'progress')
      this.#over(progress(message.rows, message.current, performance.now() - this.#start))
    else {
      this.#over('')
      done(message.rows)
    }
  }

  /** On a terminal, writes over the last line. */
  #over(text: string): void {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${text.slice(0, (process.stdout.columns ?? 80) - 1)}`)
  }

  /** An input on which nothing moves is kept, and the thread ended. */
  #watch(done: (rows: readonly Row[]) => void): NodeJS.Timeout {
    let seen = -1
    let since = performance.now()
    return setInterval(() => {
      const inputs = Atomics.load(this.#words, SHARED.inputs)
      if (inputs !== seen) {
        seen = inputs
        since = performance.now()
      } else if (performance.now() - since > HANGS) {
        this.crashes++
        const target = targets[this.#words[SHARED.target] as number] as Target
        const input = new Uint8Array(this.#shared, SHARED.bytes).slice(0, this.#words[SHARED.length])
        const file = keep(this.#corpus, target.name, 'hangs', input)
        const crash = { target: target.name, claim: 'an input hangs', message: '', input, file }
        this.#over('')
        console.log(crashText(crash, this.#options.seed))
        this.#worker.terminate()
        done(this.#rows)
      }
    }, 500)
  }
}

/** Inputs until a fault that was planted is found; undefined when it is not, within so many. */
export async function prove(
  name: string,
  most: number,
): Promise<{ readonly inputs: number; readonly claim: string } | undefined> {
  const target = targets.find(one => one.name === name) as Target
  const fuzzer = new Fuzzer(target, 1, [])
  for (let index = 0; index < most; index++) {
    try {
      await target.run(new Uint8Array(fuzzer.input(index)), () => {})
    } catch (error) {
      return { inputs: index + 1, claim: claimOf(error) }
    }
  }
  return undefined
}

const given = workerData as { task?: Task } | null
if (!isMainThread && given?.task !== undefined) await work(given.task)
