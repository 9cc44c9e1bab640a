/** Redis and NATS as processes of our own: started, stopped and started again on the same port, halted, and cut off. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNats, findRedis } from '../../services.mjs'

/** What the engine itself promises of what it has taken. @typedef {'always' | 'everysec' | 'none'} Persistence */

/** Milliseconds in which one must have started. */
const START = 20_000

/** @type {Record<Persistence, string[]>} */
const REDIS = {
  always: ['--appendonly', 'yes', '--appendfsync', 'always'],
  everysec: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  none: ['--appendonly', 'no'],
}

/** @param {'redis' | 'nats'} kind */
function programOf(kind) {
  const { path, reason } = kind === 'redis' ? findRedis() : findNats()
  if (path === undefined) throw new Error(`there is no ${kind}: ${reason}`)
  return path
}

export class Engine {
  #program
  #args
  #folder = mkdtempSync(join(tmpdir(), 'hotline-engine-'))
  #kind
  #port
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child

  /** @param {'redis' | 'nats'} kind @param {number} port @param {Persistence} persistence */
  constructor(kind, port, persistence) {
    this.#kind = kind
    this.#port = port
    this.#program = programOf(kind)
    const redis = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '']
    const nats = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', this.#folder]
    this.#args = kind === 'redis' ? [...redis, ...REDIS[persistence]] : nats
  }

  /** @param {'redis' | 'nats'} kind @param {Persistence} persistence */
  static async start(kind, persistence) {
    const engine = new Engine(kind, await freePort(), persistence)
    await engine.start()
    return engine
  }

  get port() {
    return this.#port
  }

  /** @param {number} [port] another one, which leads to it */
  url(port = this.#port) {
    return `${this.#kind}://127.0.0.1:${port}`
  }

  /** Milliseconds of processor time, and bytes of memory. */
  get vitals() {
    return this.#child?.pid === undefined ? { cpu: 0, memory: 0 } : vitalsOf(this.#child.pid)
  }

  /** Bytes: what Redis itself counts, or what the process of NATS has. */
  async used() {
    if (this.#kind !== 'redis') return this.vitals.memory
    const socket = connect(this.#port, '127.0.0.1').on('error', () => {})
    socket.write('INFO memory\r\n')
    const [data] = await once(socket, 'data')
    socket.destroy()
    return Number(/^used_memory:(\d+)/m.exec(String(data))?.[1] ?? 0)
  }

  async start() {
    const child = spawn(this.#program, this.#args, { stdio: ['ignore', 'ignore', 'ignore'] })
    this.#child = child
    const end = performance.now() + START
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`${this.#program} ended with ${child.exitCode}`)
      if (performance.now() > end) throw new Error(`${this.#program} has not started in ${START} ms`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  /** @param {NodeJS.Signals} [signal] SIGTERM lets it write what it has; SIGKILL does not */
  async stop(signal = 'SIGTERM') {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await gone
  }

  /** It answers nothing, and its connections stay, until `goOn`. */
  halt() {
    this.#child?.kill('SIGSTOP')
  }

  goOn() {
    this.#child?.kill('SIGCONT')
  }

  async close() {
    await this.stop('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** @returns {Promise<boolean>} */
  #answers() {
    return new Promise(resolve => {
      const socket = connect(this.#port, '127.0.0.1')
      socket.setTimeout(1000, () => socket.destroy())
      // NATS speaks first; Redis says so when it still loads.
      socket.once('connect', () => this.#kind === 'redis' && socket.write('PING\r\n'))
      socket.once('data', data => {
        resolve(/^(INFO|\+PONG)/.test(data.toString('latin1')))
        socket.destroy()
      })
      socket.on('error', () => {})
      socket.once('close', () => resolve(false))
    })
  }
}

/** Of a process, as Linux counts it. @param {number} pid */
export function vitalsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
    const pages = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]
    return { cpu: (Number(fields[11]) + Number(fields[12])) * 10, memory: Number(pages) * 4096 }
  } catch {
    return { cpu: 0, memory: 0 }
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

/** A long way to the engine that can be cut off: bytes vanish both ways and nobody is told, until it is mended. */
export class Way {
  #server
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set()
  #isCut = false
  port = 0

  /** @param {number} port of the engine @param {number} length milliseconds that bytes are under way, in each direction: so there always are some that vanish, answers among them */
  constructor(port, length) {
    this.#server = createServer(near => {
      const far = connect(port, '127.0.0.1')
      for (const [from, to] of /** @type {const} */ ([
        [near, far],
        [far, near],
      ])) {
        this.#sockets.add(from)
        from.setNoDelay(true).on('error', () => {})
        from.on('data', chunk => {
          setTimeout(() => {
            if (!this.#isCut && to.writable) to.write(chunk)
          }, length)
        })
        from.on('close', () => {
          this.#sockets.delete(from)
          if (!this.#isCut) to.destroy()
        })
      }
    })
  }

  /** @param {number} port @param {number} length */
  static async open(port, length) {
    const way = new Way(port, length)
    way.#server.listen(0, '127.0.0.1')
    await once(way.#server, 'listening')
    way.port = /** @type {import('node:net').AddressInfo} */ (way.#server.address()).port
    return way
  }

  cut() {
    this.#isCut = true
  }

  /** What was connected before has lost bytes, so it ends; what connects from now on goes through. */
  mend() {
    for (const socket of this.#sockets) socket.destroy()
    this.#isCut = false
  }

  async close() {
    this.mend()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
