/** A real redis-server as a child process, in a folder of its own, that can be ended, stopped and started again. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * `appendonly` writes each command to the disk before it is confirmed; `tls` has a certificate signed by itself, whose text is
 * `certificate`; `unix` listens at `socket` as well; `args` are more arguments, as `['--maxmemory', '10mb']`.
 *
 * @typedef {{
 *   readonly appendonly?: boolean
 *   readonly password?: string
 *   readonly tls?: boolean
 *   readonly cluster?: boolean
 *   readonly unix?: boolean
 *   readonly args?: readonly string[]
 * }} RedisSetup
 */

/**
 * `start` starts it, after `kill` on the same port and with what is in its folder. `kill` is as when the power goes. `pause`
 * has it stand still until `resume`. `cli` gives what it answers to a command, as text. `end` ends it; nothing is left.
 *
 * @typedef {{
 *   readonly port: number
 *   readonly url: string
 *   readonly socket: string
 *   readonly certificate: string
 *   readonly pid: number
 *   start(): Promise<void>
 *   kill(): Promise<void>
 *   pause(): void
 *   resume(): void
 *   cli(...args: readonly string[]): string
 *   end(): Promise<void>
 * }} RedisServer
 */

/** Starts as often as another process may take the port that was found. */
const ATTEMPTS = 5

/** @param {string} path @param {RedisSetup} setup @returns {Promise<RedisServer>} */
export async function startRedis(path, setup = {}) {
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

/** @param {string} path @param {number} port @param {RedisSetup} setup @returns {RedisServer} */
function makeRedis(path, port, setup) {
  const folder = mkdtempSync(join(tmpdir(), 'hotline-redis-'))
  const socket = join(folder, 'redis.sock')
  if (setup.tls) certify(folder)
  const args = argumentsOf(setup, folder, port, socket)
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  const stop = async () => {
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
      return child?.pid ?? 0
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

/** @param {RedisSetup} setup @param {string} folder @param {number} port @param {string} socket */
function argumentsOf(setup, folder, port, socket) {
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

/**
 * Fulfilled when it says that it is ready.
 *
 * @param {string} path @param {readonly string[]} args @param {string} folder
 */
async function launch(path, args, folder) {
  const child = spawn(path, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  const ready = /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', text => {
        if (said.length < 10_000) said += text
        if (/Ready to accept connections/.test(said)) resolve()
      })
      child.once('exit', code => reject(new Error(`redis-server ended with ${code}: ${said.slice(-500)}`)))
      child.once('error', reject)
    })
  )
  await ready
  return child
}

/**
 * A port that nobody listens on now; the one that a node of a cluster has beside it is in range too.
 *
 * @param {boolean} cluster
 */
async function freePort(cluster) {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    server.close()
    await once(server, 'close')
    if (!cluster || port < 55_000) return port
  }
}

/** @param {string} folder */
function certify(folder) {
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  execFileSync('openssl', [...args, ...files, ...names], { stdio: 'ignore' })
}

/**
 * Servers that are one cluster, the slots shared among them; with `replicas` each has so many.
 *
 * @param {string} path
 */
export async function startCluster(path, size = 3, replicas = 0) {
  const count = size * (1 + replicas)
  const servers = await Promise.all(Array.from({ length: count }, () => startRedis(path, { cluster: true })))
  const first = /** @type {RedisServer} */ (servers[0])
  const places = servers.map(({ port }) => `127.0.0.1:${port}`)
  first.cli('--cluster', 'create', ...places, '--cluster-replicas', String(replicas), '--cluster-yes')
  const deadline = performance.now() + 30_000
  /** @param {RedisServer} server */
  const isReady = ({ cli }) =>
    cli('cluster', 'info').includes('cluster_state:ok') &&
    !cli('info', 'replication').includes('master_link_status:down') &&
    cli('cluster', 'slots').split('\n').length >= size * 4
  while (!servers.every(isReady)) {
    if (performance.now() > deadline) throw new Error('the cluster did not come together')
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return servers
}
