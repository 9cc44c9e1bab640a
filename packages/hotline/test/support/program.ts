/** Programs of the tests in processes of their own, built from the sources as they are. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { Log } from './deadline.ts'

/** One line that a program printed, as JSON. */
type Line = Readonly<Record<string, unknown>>

class Program implements AsyncDisposable {
  readonly child: ChildProcess
  /** What it printed on standard output. */
  readonly lines = new Log<Line>()
  #errors = ''
  readonly #ended: Promise<number | null>

  constructor(file: string, options: readonly string[]) {
    this.child = spawn(process.execPath, [...options, file], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#ended = once(this.child, 'close').then(([code]) => {
      this.lines.push({ exit: code })
      return code as number | null
    })
    this.child.stderr?.setEncoding('utf8').on('data', text => {
      this.#errors += text
    })
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', line =>
      this.lines.push(JSON.parse(line)),
    )
  }

  /** What it printed on standard error. */
  get errors(): string {
    return this.#errors
  }

  /** Its exit code. */
  get ended(): Promise<number | null> {
    return this.#ended
  }

  /** Says something to it. */
  tell(word: string): void {
    this.child.stdin?.write(`${word}\n`)
  }

  /** The first line from here on that has this name, once it has been printed; rejects when the program ends before. */
  async line(name: string, from = 0): Promise<Line> {
    const has = (line: Line): boolean => name in line || 'exit' in line
    await this.lines.until(name, all => all.slice(from).some(has))
    const line = this.lines.all.slice(from).find(has) as Line
    if (!(name in line)) throw new Error(`the program ended with ${line['exit']}: ${this.#errors}`)
    return line
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL')
    await this.#ended
  }
}

/** Builds the program that this file is; `start` runs it, with options for Node, and `remove` is for the end. */
export async function program(file: URL) {
  const outDir = mkdtempSync(join(tmpdir(), 'hotline-test-'))
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('.', file)),
    build: {
      ssr: fileURLToPath(file),
      outDir,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'program.mjs' } },
    },
  })
  return {
    start: (...options: readonly string[]) => new Program(join(outDir, 'program.mjs'), options),
    remove: () => rmSync(outDir, { recursive: true }),
  }
}
