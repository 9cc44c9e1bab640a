/** The built command as a child process: what it says, line by line, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Log, within } from '../../../hotline/test/support/deadline.ts'

const bin = fileURLToPath(new URL('../../bin/hotline.js', import.meta.url))

/** Milliseconds that processes which start others may take on a busy machine. */
const STARTING = 30_000

/** How a run ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Milliseconds that it may take, where it is more than usual. */
  readonly patience?: number
}

/** Ends its process when it is disposed. */
export class Running implements AsyncDisposable {
  readonly process: ChildProcess
  readonly out = new Log<string>()
  readonly err = new Log<string>()
  readonly #closed: Promise<unknown>
  readonly #patience: number | undefined

  constructor(command: string, args: readonly string[], { env = {}, cwd, patience }: RunOptions = {}) {
    this.#patience = patience
    this.process = spawn(command, args, { env: { ...process.env, ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#closed = once(this.process, 'close')
    this.process.stdin?.on('error', () => {})
    gather(this.process.stdout as Readable, this.out)
    gather(this.process.stderr as Readable, this.err)
  }

  /** Writes to standard input. */
  type(text: string): void {
    this.process.stdin?.write(text)
  }

  async end(input = ''): Promise<Ended> {
    this.process.stdin?.end(input)
    return this.ended()
  }

  async ended(): Promise<Ended> {
    await within('the end of the process', this.#closed, this.#patience)
    const text = ({ all }: Log<string>): string => all.map(line => `${line}\n`).join('')
    return { code: this.process.exitCode, stdout: text(this.out), stderr: text(this.err) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL')
    await this.#closed
  }
}

function gather(stream: Readable, log: Log<string>): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', line => log.push(line))
}

export const start = (args: readonly string[], options?: RunOptions): Running =>
  new Running(process.execPath, [bin, ...args], options)

/** Runs to the end, with this on standard input. */
export async function run(args: readonly string[], input = '', options?: RunOptions): Promise<Ended> {
  await using running = start(args, options)
  return await running.end(input)
}

/** `hotline serve` on a free port, once it listens. */
export async function serving(...args: string[]): Promise<Running & { readonly url: string }> {
  const running = start(['serve', '--port', '0', ...args])
  try {
    const url = await running.out.find('the URL', (line): line is string => /^wss?:/.test(line), STARTING)
    return Object.assign(running, { url })
  } catch (error) {
    await running[Symbol.asyncDispose]()
    throw error
  }
}

/** What stands in the log of `hotline serve`, line by line. */
export function logged(running: Running): Record<string, unknown>[] {
  return running.err.all.flatMap(line => (line.startsWith('{') ? [JSON.parse(line)] : []))
}

/** Waits for a line of the log that has these fields. */
export async function untilLogged(running: Running, fields: Record<string, unknown>): Promise<Record<string, unknown>> {
  const has = (line: Record<string, unknown>): boolean =>
    Object.entries(fields).every(([name, value]) => line[name] === value)
  await running.err.until(`a line of the log with ${JSON.stringify(fields)}`, () => logged(running).some(has), STARTING)
  return logged(running).find(has) ?? {}
}
