/** A real NATS server as a child process, on a port of its own and in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'

export interface NatsServerOptions {
  /** JetStream. @defaultValue true */
  readonly jetstream?: boolean
  /** Lines of its configuration. */
  readonly config?: string
  /** The same, where its folder stands in them. */
  readonly configOf?: (folder: string) => string
  /** What else is in its folder, by name. */
  readonly files?: Readonly<Record<string, string>>
}

export class NatsServer implements AsyncDisposable {
  readonly #program: string
  readonly #options: NatsServerOptions
  readonly folder = mkdtempSync(join(tmpdir(), 'hotline-nats-'))
  #child: ChildProcess | undefined
  #port = -1

  private constructor(program: string, options: NatsServerOptions) {
    this.#program = program
    this.#options = options
  }

  /** @param program - its path: `inject('nats')` */
  static async start(program: string, options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(program, options)
    await server.start()
    return server
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    return this.#child?.pid as number
  }

  /** Starts it, on the port and in the folder of before. */
  async start(): Promise<void> {
    const { jetstream = true, config = '', configOf, files = {} } = this.#options
    const file = join(this.folder, 'nats.conf')
    writeFileSync(file, configOf?.(this.folder) ?? config)
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.folder, name), content)
    const all = ['-a', '127.0.0.1', '-p', `${this.#port}`, '-c', file]
    if (jetstream) all.push('-js', '-sd', join(this.folder, 'store'))
    const child = spawn(this.#program, all, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    // It would outlive a test that ends in the middle.
    const kill = (): unknown => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    let said = ''
    for await (const line of createInterface({ input: child.stderr })) {
      said += `${line}\n`
      const [, port] = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line) ?? []
      if (port !== undefined) this.#port = Number(port)
      if (!line.includes('Server is ready')) continue
      // What it says later is read too, so that it never waits for that.
      child.stderr.resume()
      return
    }
    throw new Error(`${this.#program} ended before it was ready: ${said}`)
  }

  /** Ends it; SIGTERM lets it finish what it writes. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await gone
  }

  /** Its threads may work on for a moment behind the signal: fulfilled when all of them stand still. */
  async pause(): Promise<void> {
    this.#child?.kill('SIGSTOP')
    const threads = `/proc/${this.#child?.pid}/task`
    if (!existsSync(threads)) return
    const stands = (id: string): boolean => /\) [Tt] /.test(readFileSync(join(threads, id, 'stat'), 'utf8'))
    while (!readdirSync(threads).every(stands)) await setImmediate()
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Keeps a copy of what it has on disk; what is returned puts it back, so that what came later is lost. It must be stopped for both. */
  snapshot(): () => void {
    const store = join(this.folder, 'store')
    const copy = join(this.folder, 'copy')
    cpSync(store, copy, { recursive: true })
    return () => {
      rmSync(store, { recursive: true })
      cpSync(copy, store, { recursive: true })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}

/** Three servers that are one NATS; streams with three replicas are away no longer than it takes to choose who has them. */
export async function startNatsCluster(
  program: string,
): Promise<{ readonly servers: readonly NatsServer[] } & AsyncDisposable> {
  const ports = await Promise.all([0, 1, 2].map(freePort))
  const routes = ports.map(port => `"nats://127.0.0.1:${port}"`).join(', ')
  const configs = ports.map(
    (port, at) =>
      `server_name: "s${at}"\ncluster { name: "test", listen: "127.0.0.1:${port}", routes: [${routes}], no_advertise: true }\n`,
  )
  const servers = await Promise.all(configs.map(config => NatsServer.start(program, { config })))
  const dispose = async (): Promise<void> => {
    await Promise.all(servers.map(server => server[Symbol.asyncDispose]()))
  }
  return { servers, [Symbol.asyncDispose]: dispose }
}

/** A port that nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
