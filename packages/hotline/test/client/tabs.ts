/**
 * Tabs of a Chromium of their own, of which one is in view at a time: what drives the other tests keeps all of them in view.
 * Chrome DevTools Protocol.
 */
import { args, chromium } from '../../../../test/support/browser.ts'
import { Remote } from '../../../../test/support/remote.ts'

export class Tabs implements AsyncDisposable {
  readonly #remote: Remote

  private constructor(remote: Remote) {
    this.#remote = remote
  }

  static async launch(): Promise<Tabs> {
    const argsOf = (profile: string) => [
      ...args,
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ]
    return new Tabs(await Remote.launch(chromium as string, argsOf))
  }

  /** A new tab, in view. */
  async open(url: string): Promise<Tab> {
    const { targetId } = await this.#remote.ask('Target.createTarget', { url })
    const { sessionId } = await this.#remote.ask('Target.attachToTarget', { targetId, flatten: true })
    return new Tab(this.#remote, String(targetId), String(sessionId))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remote.close('Browser.close')
    await this.#remote[Symbol.asyncDispose]()
  }
}

export class Tab {
  readonly #remote: Remote
  readonly #target: string
  readonly #session: string

  constructor(remote: Remote, target: string, session: string) {
    this.#remote = remote
    this.#target = target
    this.#session = session
  }

  /** Brings it into view, and the others out of it. */
  async show(): Promise<void> {
    await this.#remote.ask('Target.activateTarget', { targetId: this.#target })
  }

  /** What an expression is, as JSON has it. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, returnByValue: true, awaitPromise: true }
    const { result } = await this.#remote.ask('Runtime.evaluate', params, { sessionId: this.#session })
    return (result as { value?: unknown }).value
  }
}
