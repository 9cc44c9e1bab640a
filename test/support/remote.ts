/** A browser of its own that is driven over its WebSocket, by our own client: for what the other tests' driver cannot do. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type ClientSocket, openSocket } from 'hotline/client'

type Fields = Readonly<Record<string, unknown>>

interface Answer {
  readonly id?: number
  readonly result?: Fields
  /** Of the Chrome DevTools Protocol an object, of WebDriver BiDi a code beside a message. */
  readonly error?: { readonly message: string } | string
  readonly message?: string
}

export class Remote implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #socket: ClientSocket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #last = 0

  private constructor(child: ChildProcess, profile: string, socket: ClientSocket) {
    this.#child = child
    this.#profile = profile
    this.#socket = socket
    void this.#read()
  }

  /**
   * @param argsOf - for a folder that is its profile
   * @param path - behind the URL that the browser says it listens on
   */
  static async launch(program: string, argsOf: (profile: string) => readonly string[], path = ''): Promise<Remote> {
    const profile = mkdtempSync(join(tmpdir(), 'hotline-browser-'))
    const child = spawn(program, argsOf(profile), { stdio: ['ignore', 'ignore', 'pipe'] })
    for await (const line of createInterface({ input: child.stderr })) {
      const [url] = /ws:\/\/\S+/.exec(line) ?? []
      // What it says later is read too, so that it never waits for that.
      child.stderr.resume()
      if (url !== undefined) return new Remote(child, profile, await openSocket(url + path, { maxMessage: 2 ** 24 }))
    }
    throw new Error(`${program} ended before it listened`)
  }

  /** Sends a command; `more` stands beside its parameters. */
  async ask(method: string, params: object = {}, more: object = {}): Promise<Fields> {
    const id = ++this.#last
    const answer = new Promise<Answer>(resolve => this.#waiting.set(id, resolve))
    await this.#socket.send(JSON.stringify({ id, method, params, ...more }))
    const { result, error, message } = await answer
    if (error !== undefined) throw new Error(`${method}: ${typeof error === 'string' ? message : error.message}`)
    return result ?? {}
  }

  /** @param end - the command that ends the browser */
  async close(end: string): Promise<void> {
    const gone = once(this.#child, 'exit')
    await this.ask(end)
    await gone
  }

  async #read(): Promise<void> {
    for await (const message of this.#socket) {
      const answer = JSON.parse(String(message)) as Answer
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate()
    this.#child.kill('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    // Its helpers may still write.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}
