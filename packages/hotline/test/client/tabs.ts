/**
 * Tabs of a Chromium of their own, of which one is in view at a time: what drives the other tests keeps all of them in view.
 * Chrome DevTools Protocol, over our own client.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { args, chromium } from '../../../../test/support/browser.ts'
import { type ClientSocket, openSocket } from '../../src/client/index.ts'

interface Answer {
  readonly id?: number
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

export class Tabs implements AsyncDisposable {
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

  static async launch(): Promise<Tabs> {
    const profile = mkdtempSync(join(tmpdir(), 'hotline-tabs-'))
    const own = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank']
    const child = spawn(chromium as string, [...args, ...own], { stdio: ['ignore', 'ignore', 'pipe'] })
    for await (const line of createInterface({ input: child.stderr })) {
      const [url] = /ws:\/\/\S+/.exec(line) ?? []
      if (url !== undefined) return new Tabs(child, profile, await openSocket(url, { maxMessage: 2 ** 24 }))
    }
    throw new Error('Chromium ended before it listened')
  }

  /** A new tab, in view. */
  async open(url: string): Promise<Tab> {
    const { targetId } = await this.ask('Target.createTarget', { url })
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true })
    return new Tab(this, String(targetId), String(sessionId))
  }

  async ask(method: string, params: object, sessionId?: string): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#last
    const answer = new Promise<Answer>(resolve => this.#waiting.set(id, resolve))
    await this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    const { result, error } = await answer
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  async #read(): Promise<void> {
    for await (const message of this.#socket) {
      const answer = JSON.parse(String(message)) as Answer
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    await this.ask('Browser.close', {})
    await gone
    this.#socket.terminate()
    // Its helpers may still write.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}

export class Tab {
  readonly #tabs: Tabs
  readonly #target: string
  readonly #session: string

  constructor(tabs: Tabs, target: string, session: string) {
    this.#tabs = tabs
    this.#target = target
    this.#session = session
  }

  /** Brings it into view, and the others out of it. */
  async show(): Promise<void> {
    await this.#tabs.ask('Target.activateTarget', { targetId: this.#target })
  }

  /** What an expression is, as JSON has it. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.#tabs.ask(
      'Runtime.evaluate',
      { expression, returnByValue: true, awaitPromise: true },
      this.#session,
    )
    return (result as { value?: unknown }).value
  }
}
