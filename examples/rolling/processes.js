/** The processes of the example: nginx, Redis or NATS, and the nodes, each a child of this one on a port that is free. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Milliseconds between two looks at what is not there yet, and the most of them. */
const LOOK = 20
const PATIENCE = 20_000

const server = fileURLToPath(new URL('server.js', import.meta.url))

/** @param {number} count @returns {Promise<number[]>} ports that nobody has just now */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => /** @type {import('node:net').AddressInfo} */ (server.address()).port)
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}

/**
 * Where a program of the system is: Debian has servers where not everybody's PATH leads.
 *
 * @param {string} name @param {string} variable - of the environment, with its path
 */
function pathOf(name, variable) {
  const chosen = process.env[variable]
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const places = chosen ? [chosen] : folders.map(folder => join(folder, name))
  const found = places.find(isProgram)
  if (found === undefined)
    throw new Error(`${name} is not here: apt-get install ${name}, or set ${variable} to its path`)
  return found
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A process, and what it writes. */
class Child {
  /** @param {string} command @param {readonly string[]} args @param {Record<string, string>} [settings] */
  constructor(command, args, settings = {}) {
    this.process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...settings } })
    /** All that it wrote, and what of it to standard output. @type {string[]} */
    this.lines = []
    /** @type {string[]} */
    this.out = []
    this.ended = Promise.race([once(this.process, 'close'), once(this.process, 'error')])
    for (const input of [this.process.stdout, this.process.stderr]) {
      createInterface({ input }).on('line', line => {
        this.lines.push(line)
        if (input === this.process.stdout) this.out.push(line)
      })
    }
  }

  get isOver() {
    return this.process.exitCode !== null || this.process.signalCode !== null || this.process.pid === undefined
  }

  /** @param {NodeJS.Signals} [signal] */
  async stop(signal = 'SIGTERM') {
    if (!this.isOver) this.process.kill(signal)
    await this.ended
  }

  /** @param {() => Promise<boolean>} isThere @param {string} what */
  async until(isThere, what) {
    for (let waited = 0; !(await isThere().catch(() => false)); waited += LOOK) {
      if (this.isOver || waited > PATIENCE)
        throw new Error(`${what} does not start: ${this.lines.slice(-3).join(' | ')}`)
      await setTimeout(LOOK)
    }
    return this
  }
}

/** @param {number} port @param {string} folder - for what it writes */
export function startRedis(port, folder) {
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  return new Child(pathOf('redis-server', 'REDIS_SERVER_PATH'), options).until(() => listens(port), 'Redis')
}

/** @param {number} port @param {string} folder - for what it writes */
export function startNats(port, folder) {
  const options = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', join(folder, 'nats')]
  return new Child(pathOf('nats-server', 'NATS_SERVER_PATH'), options).until(() => listens(port), 'NATS')
}

/**
 * nginx with hotline.conf, but for its ports.
 *
 * @param {number} port @param {readonly number[]} nodes @param {string} folder
 */
export function startNginx(port, nodes, folder) {
  const conf = readFileSync(new URL('hotline.conf', import.meta.url), 'utf8')
  const ports = new Map([
    ['8080', port],
    ...nodes.map((node, index) => /** @type {const} */ ([`900${index + 1}`, node])),
  ])
  const ours = conf.replace(/127\.0\.0\.1:(\d+)/g, (_, known) => `127.0.0.1:${ports.get(known)}`)
  writeFileSync(join(folder, 'hotline.conf'), ours)
  writeFileSync(join(folder, 'nginx.conf'), mainConf(folder))
  mkdirSync(join(folder, 'temp'))
  const options = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']
  return new Child(pathOf('nginx', 'NGINX_PATH'), options).until(() => listens(port), 'nginx')
}

/** What a system has in /etc/nginx/nginx.conf, for a process of nobody in particular that writes to one folder. @param {string} folder */
const mainConf = folder => `
daemon off;
pid ${folder}/nginx.pid;
worker_processes 2;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/temp/body;
  proxy_temp_path ${folder}/temp/proxy;
  fastcgi_temp_path ${folder}/temp/fastcgi;
  uwsgi_temp_path ${folder}/temp/uwsgi;
  scgi_temp_path ${folder}/temp/scgi;
  include ${folder}/hotline.conf;
}
`

/** @param {number} port */
async function listens(port) {
  await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' }).then(
    response => response.body?.cancel(),
    error => {
      // Redis and NATS hang up on who speaks HTTP, which is an answer as well.
      if (error.cause?.code === 'ECONNREFUSED') throw error
    },
  )
  return true
}

/** One of the servers, on a port. */
export class Node {
  /** @param {number} port @param {Record<string, string>} settings */
  constructor(port, settings) {
    this.port = port
    this.child = new Child(process.execPath, [server], { ...settings, PORT: `${port}` })
  }

  /** Until it is ready. */
  async ready() {
    await this.child.until(async () => (await fetch(`http://127.0.0.1:${this.port}/healthz`)).ok, 'the node')
    return this
  }

  /** What it says of itself; one that has too much to do may give up a request unread, by 408. @returns {Promise<Health>} */
  async health() {
    for (let waited = 0; waited < PATIENCE; waited += LOOK) {
      const response = await fetch(`http://127.0.0.1:${this.port}/healthz`)
      if (response.status === 200 || response.status === 503) return /** @type {Promise<Health>} */ (response.json())
      await response.body?.cancel()
      await setTimeout(LOOK)
    }
    throw new Error(`the node on port ${this.port} does not say how it is`)
  }

  /** Ends it as a system does, and gives the report that it writes at the end. @returns {Promise<Report>} */
  async drain() {
    await this.child.stop('SIGTERM')
    try {
      return JSON.parse(this.child.out.at(-1) ?? '')
    } catch {
      throw new Error(`a node ended without a report: ${this.child.lines.slice(-5).join(' | ')}`)
    }
  }
}

/** @typedef {{ sockets: number }} Health */

/**
 * @typedef {object} Report
 * @property {number} closed @property {number} left @property {number} terminated @property {number} refused
 * @property {number} seconds
 */
