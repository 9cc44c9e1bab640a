/** Firefox for tests: `test.skipIf(!firefox)` and `await Firefox.launch()`. WebDriver BiDi. */
import { inject } from 'vitest'
import { Remote } from './remote.ts'
import type {} from './setup.ts'

/** The path of Firefox, or undefined when there is none; setup.ts has said why. */
export const firefox = inject('firefox')

export class Firefox implements AsyncDisposable {
  readonly #remote: Remote

  private constructor(remote: Remote) {
    this.#remote = remote
  }

  static async launch(): Promise<Firefox> {
    const argsOf = (profile: string) => [
      '--headless',
      '--no-remote',
      '--profile',
      profile,
      '--remote-debugging-port',
      '0',
    ]
    const remote = await Remote.launch(firefox as string, argsOf, '/session')
    await remote.ask('session.new', { capabilities: {} })
    return new Firefox(remote)
  }

  /** A new tab with this page. */
  async open(url: string): Promise<FirefoxTab> {
    const { context } = await this.#remote.ask('browsingContext.create', { type: 'tab' })
    await this.#remote.ask('browsingContext.navigate', { context, url, wait: 'complete' })
    return new FirefoxTab(this.#remote, String(context))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remote.close('browser.close')
    await this.#remote[Symbol.asyncDispose]()
  }
}

export class FirefoxTab {
  readonly #remote: Remote
  readonly #context: string

  constructor(remote: Remote, context: string) {
    this.#remote = remote
    this.#context = context
  }

  /** What an expression is, as JSON has it. */
  async evaluate(expression: string): Promise<unknown> {
    const params = {
      expression: `JSON.stringify(${expression})`,
      target: { context: this.#context },
      awaitPromise: true,
    }
    const { result, exceptionDetails } = await this.#remote.ask('script.evaluate', params)
    if (exceptionDetails !== undefined) throw new Error((exceptionDetails as { text: string }).text)
    const { value } = result as { value?: string }
    return value === undefined ? undefined : JSON.parse(value)
  }

  /** Clicks what a selector finds, as a person does. */
  async click(selector: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)})?.scrollIntoView({ block: 'center' })`)
    await this.#act('pointer', [
      { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element: await this.#find(selector) } },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ])
  }

  /** Types letters where the focus is; `\uE007` is Enter. */
  async type(text: string): Promise<void> {
    const keys = [...text].flatMap(value => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ])
    await this.#act('key', keys)
  }

  async #act(type: string, actions: readonly object[]): Promise<void> {
    await this.#remote.ask('input.performActions', { context: this.#context, actions: [{ type, id: type, actions }] })
  }

  async #find(selector: string): Promise<unknown> {
    const locator = { type: 'css', value: selector }
    const { nodes } = await this.#remote.ask('browsingContext.locateNodes', { context: this.#context, locator })
    const [node] = nodes as { sharedId: string }[]
    if (node === undefined) throw new Error(`nothing is ${selector}`)
    return { sharedId: node.sharedId }
  }
}
