/** Proxies as child processes, with the configurations that the documents show, but for their ports. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startNginx } from '../../examples/rolling/processes.js'
import { root } from './documents.ts'

export interface Proxy extends AsyncDisposable {
  readonly port: number
}

export type StartProxy = (path: string, nodes: readonly number[]) => Promise<Proxy>

/** Milliseconds that one may take to listen, and between two looks. */
const PATIENCE = 20_000
const LOOK = 20

/** nginx with examples/rolling/hotline.conf. */
export async function nginx(path: string, nodes: readonly number[]): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'hotline-nginx-'))
  const port = await freePort()
  process.env['NGINX_PATH'] = path
  const child = await startNginx(port, nodes, folder)
  return { port, [Symbol.asyncDispose]: () => child.stop().then(() => rmSync(folder, { recursive: true })) }
}

/** HAProxy with docs/deploy/haproxy.cfg. */
export const haproxy: StartProxy = (path, nodes) =>
  started(path, nodes, 'docs/deploy/haproxy.cfg', file => ['-db', '-f', file])

/** HAProxy with docs/deploy/haproxy-redis.cfg: the nodes are those of Redis. */
export const haproxyOfRedis: StartProxy = (path, nodes) =>
  started(path, nodes, 'docs/deploy/haproxy-redis.cfg', file => ['-db', '-f', file])

/** Caddy with docs/deploy/Caddyfile, but without the port for its administration, which is the same for all. */
export const caddy: StartProxy = (path, nodes) =>
  started(path, nodes, 'docs/deploy/Caddyfile', file => {
    writeFileSync(file, `{\n\tadmin off\n}\n${readFileSync(file, 'utf8')}`)
    return ['run', '--adapter', 'caddyfile', '--config', file]
  })

async function started(
  path: string,
  nodes: readonly number[],
  shown: string,
  args: (file: string) => string[],
): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'hotline-proxy-'))
  const port = await freePort()
  const ours = nodes.flatMap((node, index) => ['900', '638'].map(start => [`${start}${index + 1}`, node] as const))
  const ports = new Map([['8080', port], ['6379', port], ...ours])
  const file = join(folder, 'configuration')
  const text = readFileSync(join(root, shown), 'utf8')
  writeFileSync(
    file,
    text.replace(/127\.0\.0\.1:(\d{4})/g, (_, known) => `127.0.0.1:${ports.get(known)}`),
  )
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
  const child = spawn(path, args(file), { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', text => (said += text))
  await listens(port, child, () => said)
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true })
  }
  return { port, [Symbol.asyncDispose]: stop }
}

async function listens(port: number, child: ChildProcess, said: () => string): Promise<void> {
  for (let waited = 0; ; waited += LOOK) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isThere) return
    if (child.exitCode !== null || waited > PATIENCE) throw new Error(`the proxy does not start: ${said()}`)
    await setTimeout(LOOK)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await once(server.close(), 'close')
  return port
}
