/** A real redis-server as a child process, in a folder of its own, that can be ended, stopped and started again. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RedisSetup {
  /** Writes each command to the disk before it is confirmed. */
  readonly appendonly?: boolean
  readonly password?: string
  /** With a certificate signed by itself, whose text is `certificate`. */
  readonly tls?: boolean
  readonly cluster?: boolean
  /** Listens on a Unix socket as well: `socket`. */
  readonly unix?: boolean
  /** More arguments, as `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[]
}

export interface RedisServer {
  readonly port: number
  readonly url: string
  readonly socket: string
  readonly certificate: string
  readonly pid: number
  /** Starts it, after `kill` on the same port and with what is in its folder. */
  start(): Promise<void>
  /** As when the power goes. */
  kill(): Promise<void>
  /** It stands still, until `resume`. */
  pause(): void
  resume(): void
  /** What it answers to a command, as text. */
  cli(...args: readonly string[]): string
  /** Ends it; nothing is left. */
  end(): Promise<void>
}

/** Starts as often as another process may take the port that was found. */
const ATTEMPTS = 5

export async function startRedis(path: string, setup: RedisSetup = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const server = makeRedis(path, await freePort(setup.cluster === true), setup)
    try {
      await server.start()
      return server
    } catch (error) {
      await server.end()
      if (attempt === ATTEMPTS) throw error
    }
  }
}

function makeRedis(path: string, port: number, setup: RedisSetup): RedisServer {
  const folder = mkdtempSync(join(tmpdir(), 'hotline-redis-'))
  const socket = join(folder, 'redis.sock')
  if (setup.tls) certify(folder)
  const args = argumentsOf(setup, folder, port, socket)
  let child: ChildProcess | undefined
  const stop = async (): Promise<void> => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGKILL')
    await ended
  }
  return {
    port,
    url: `${setup.tls ? 'rediss' : 'redis'}://${setup.password ? `:${setup.password}@` : ''}127.0.0.1:${port}`,
    socket,
    get certificate() {
      return readFileSync(join(folder, 'cert.pem'), 'utf8')
    },
    get pid() {
      return child?.pid as number
    },
    async start() {
      child = await launch(path, args, folder)
    },
    kill: stop,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    cli: (...command) =>
      execFileSync(
        path.replace('redis-server', 'redis-cli'),
        [
          ...['-p', String(port), '--no-auth-warning'],
          ...(setup.password ? ['-a', setup.password] : []),
          ...(setup.tls ? ['--tls', '--cacert', join(folder, 'cert.pem')] : []),
          ...command,
        ],
        { encoding: 'utf8' },
      ).trim(),
    async end() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function argumentsOf(setup: RedisSetup, folder: string, port: number, socket: string): string[] {
  const tls = ['cert-file', 'key-file', 'ca-cert-file'].flatMap(name => [
    `--tls-${name}`,
    join(folder, name === 'key-file' ? 'key.pem' : 'cert.pem'),
  ])
  return [
    ...['--dir', folder, '--bind', '127.0.0.1', '--save', '', '--daemonize', 'no'],
    ...(setup.tls
      ? ['--port', '0', '--tls-port', String(port), ...tls, '--tls-auth-clients', 'no']
      : ['--port', String(port)]),
    ...(setup.appendonly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : []),
    ...(setup.password ? ['--requirepass', setup.password] : []),
    ...(setup.cluster
      ? ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1500', '--repl-diskless-sync-delay', '0']
      : []),
    ...(setup.unix ? ['--unixsocket', socket] : []),
    ...(setup.args ?? []),
  ]
}

/** Fulfilled when it says that it is ready. */
async function launch(path: string, args: readonly string[], folder: string): Promise<ChildProcess> {
  const child = spawn(path, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', text => {
      if (said.length < 10_000) said += text
      if (/Ready to accept connections/.test(said)) resolve()
    })
    child.once('exit', code => reject(new Error(`redis-server ended with ${code}: ${said.slice(-500)}`)))
    child.once('error', reject)
  })
  await ready
  return child
}

/** A port that nobody listens on now; the one that a node of a cluster has beside it is in range too. */
async function freePort(cluster: boolean): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    if (!cluster || port < 55_000) return port
  }
}

function certify(folder: string): void {
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  execFileSync('openssl', [...args, ...files, ...names], { stdio: 'ignore' })
}

/** Servers that are one cluster, the slots shared among them; with `replicas` each has one. */
export async function startCluster(path: string, size = 3, replicas = 0): Promise<RedisServer[]> {
  const count = size * (1 + replicas)
  const servers = await Promise.all(Array.from({ length: count }, () => startRedis(path, { cluster: true })))
  const [first] = servers as [RedisServer, ...RedisServer[]]
  const places = servers.map(({ port }) => `127.0.0.1:${port}`)
  first.cli('--cluster', 'create', ...places, '--cluster-replicas', String(replicas), '--cluster-yes')
  const deadline = performance.now() + 30_000
  const isReady = ({ cli }: RedisServer): boolean =>
    cli('cluster', 'info').includes('cluster_state:ok') &&
    !cli('info', 'replication').includes('master_link_status:down') &&
    cli('cluster', 'slots').split('\n').length >= size * 4
  while (!servers.every(isReady)) {
    if (performance.now() > deadline) throw new Error('the cluster did not come together')
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return servers
}
