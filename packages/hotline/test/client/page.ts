/** A blank page of a node:http server, with a module that Vite has bundled for browsers. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build, type Rolldown } from 'vite'

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
