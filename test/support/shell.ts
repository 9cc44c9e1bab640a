/** Runs the commands of a document in order, as a reader would; servers that it starts stay up until the end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { root } from './documents.ts'
import { startArguments } from './example.ts'

const serve = /^(?:npm ci && npm start\b|npx hotline(?:-cli)? serve\b)(?: --(?= ))?(?<options>.*)$/
const port = /--port[ =](\d+)/
const example = /^npm start -w hotline-example-(?<name>\S+)$/

export class Shell implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hotline-docs-'))
  /** The port that the document names, and the authority of the server that really listens. */
  readonly #servers = new Map<string, string>()
  readonly #running: ChildProcess[] = []

  /** Runs a command to its end, or to the URL that a server prints. Rejects when it fails. */
  async run(command: string): Promise<void> {
    const server = serve.exec(command)
    if (server) return this.#serve(server.groups?.['options'] ?? '')
    const name = example.exec(command)?.groups?.['name']
    if (name) return this.#start(name)
    const child = this.#spawn(this.#hotline(command))
    const [[code], errors] = await Promise.all([once(child, 'close'), text(child.stderr!), text(child.stdout!)])
    if (code !== 0) throw new Error(`\`${command}\` ended with exit code ${code}\n${errors}`)
  }

  #serve(options: string): Promise<void> {
    const named = port.exec(options)?.[1] ?? '8080'
    return this.#listen(named, this.#hotline(`exec npx hotline serve ${options.replace(port, '')} --port 0`))
  }

  /** An example that is a server: 3000 is the port that it has by itself. */
  #start(name: string): Promise<void> {
    const folder = join(root, 'examples', name)
    return this.#listen(
      '3000',
      `cd "${folder}" && PORT=0 exec "${process.execPath}" ${startArguments(folder).join(' ')}`,
    )
  }

  async #listen(named: string, command: string): Promise<void> {
    const child = this.#spawn(command)
    const errors = text(child.stderr!)
    this.#running.push(child)
    for await (const line of createInterface({ input: child.stdout! })) {
      if (!URL.canParse(line)) continue
      this.#servers.set(named, new URL(line).host)
      child.stdout!.resume()
      return
    }
    throw new Error(`\`${command}\` ended before it printed its URL\n${await errors}`)
  }

  /** The command with the repository's own `hotline`, and with the ports that its servers really have. */
  #hotline(command: string): string {
    const bin = `"${process.execPath}" "${join(root, 'packages/cli/bin/hotline.js')}"`
    return command
      .replaceAll(/\bnpx hotline(?:-cli)?\b/g, bin)
      .replaceAll(/(?:127\.0\.0\.1|localhost):(\d+)/g, (authority, number) => this.#servers.get(number) ?? authority)
  }

  #spawn(command: string): ChildProcess {
    return spawn('bash', ['-c', command], { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'close')
    }
    rmSync(this.#folder, { recursive: true })
  }
}
