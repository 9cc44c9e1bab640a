/** Runs an example as a reader would: by its start script, in its folder, but on a port that is free. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What the start script in this folder gives to Node. */
export function startArguments(folder: string): string[] {
  const { scripts } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const [command, ...args] = scripts.start.split(' ')
  if (command !== 'node') throw new Error(`the start script of an example is a call of node, not '${scripts.start}'`)
  return args
}

/** A program that was started, with what it says. */
export class Example implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  /** What it wrote to standard error. */
  errors = ''

  /**
   * @param folder - its `import.meta.url`, or any file's beside its package.json
   * @param source - a program to run in its place, in its folder
   */
  constructor(folder: string, { source, env = {} }: { source?: string; env?: Record<string, string> } = {}) {
    const cwd = fileURLToPath(new URL('.', folder))
    const args = source === undefined ? startArguments(cwd) : ['--input-type=module', '--eval', source]
    this.#child = spawn(process.execPath, args, { cwd, env: { ...process.env, PORT: '0', ...env } })
    this.#child.stderr?.setEncoding('utf8').on('data', text => {
      this.errors += text
    })
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  /** The next line of its standard output. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next()
    if (done) throw new Error(`it ended, with this on standard error:\n${this.errors}`)
    return value
  }

  /** Waits for its end; gives the exit code. */
  async end(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    return this.#child.exitCode
  }

  /** Asks it to end, as `kill` does. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.end()
  }
}
