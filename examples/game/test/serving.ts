/** `hotline serve` as a child process, with the game in it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../../packages/cli/bin/hotline.js', import.meta.url))

export class Serving implements AsyncDisposable {
  readonly process: ChildProcess
  /** Of the page. */
  readonly page: string
  /** Of the line. */
  readonly line: string

  private constructor(child: ChildProcess, url: string) {
    this.process = child
    this.line = `${url}/game`
    this.page = this.line.replace('ws', 'http')
  }

  static async start({ bots, port = '0' }: { bots: number; port?: string }): Promise<Serving> {
    const env = { ...process.env, GAME_BOTS: String(bots) }
    const child = spawn(process.execPath, [bin, 'serve', '--quiet', '--port', port], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { value } = await createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next()
    return new Serving(child, value)
  }

  get port(): string {
    return new URL(this.page).port
  }

  /** Ends it at once, as a crash does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    this.process.kill('SIGKILL')
    await once(this.process, 'exit')
  }
}
