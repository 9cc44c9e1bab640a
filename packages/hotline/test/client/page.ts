/** A blank page of a node:http server, with a module that Vite has bundled for browsers. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Page as Tab } from 'playwright-core'
import ts from 'typescript'
import { build, type Rolldown } from 'vite'
import { expect } from 'vitest'
import { launch } from '../../../../test/support/browser.ts'

const root = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))

/** What the compiler has against an application for browsers, which takes its types from the file of this name. */
export function problemsOf(app: string, types: string): unknown[] {
  const { config } = ts.readConfigFile(root('tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [app] }, ts.sys, root(''))
  const program = ts.createProgram([app], { ...options, customConditions: ['browser'] })
  const problems = ts.getPreEmitDiagnostics(program)
  const from = program.getSourceFiles().some(({ fileName }) => fileName.endsWith(types))
  const texts = problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  return from ? texts : [...texts, `nothing of ${types}`]
}

/** Opens the page in Chromium; fails when anything in it is thrown and not caught. */
export async function inTab(code: string, use: (tab: Tab) => Promise<void>): Promise<void> {
  await using page = await Page.of(code)
  const browser = await launch()
  try {
    const tab = await browser.newPage()
    const faults: unknown[] = []
    tab.on('pageerror', fault => faults.push(fault))
    await tab.goto(page.url)
    await tab.waitForFunction('window.module')
    await use(tab)
    expect(faults).toEqual([])
  } finally {
    await browser.close()
  }
}

/** The module at this path and all that it imports, as a browser's application would ship it. */
export async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'module' } },
  })
  const [{ output }] = [result].flat() as [Rolldown.RolldownOutput]
  return output[0].code
}

export class Page implements AsyncDisposable {
  readonly url: string
  readonly #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  /** Serves a page whose window has the module's exports as `module`. */
  static async of(code: string): Promise<Page> {
    const server = createServer((request, response) => {
      const script = request.url === '/module.js'
      response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html')
      response.end(
        script ? code : '<!doctype html><script type="module">window.module = await import("/module.js")</script>',
      )
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new Page(server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
