/** The processes of an attack: who is attacked on one core, polite clients and the attacker on the other. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pinned } from '../bench/child.mjs'
import { memoryOf } from '../bench/process.mjs'

export { pinned }

/** Polite clients share a core with the attacker and go before it. nice(1) */
export const NICE = 10

/** So often memory is read, where the kernel does not keep the peak. */
const SAMPLE = 20

const file = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const onCore = (/** @type {number} */ core) => (pinned ? ['taskset', '-c', String(core)] : [])
const environment = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', NO_PROXY: '*' }

/** Whatever happens to this process, nothing of it stays. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** @param {import('node:child_process').ChildProcess} child */
function keep(child) {
  children.add(child)
  child.on('exit', () => children.delete(child))
}

/** A program that says its URL in one line and is watched until it is stopped. */
export class Target {
  #process
  #peak = 0
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  said = ''
  url = new URL('ws://127.0.0.1')
  /** Its code or signal, when it has ended. @type {string | undefined} */
  ended

  /** @param {readonly string[]} args of node */
  constructor(args) {
    const [command, ...rest] = [...onCore(0), process.execPath, ...args]
    this.#process = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: environment })
    keep(this.#process)
    this.#process.on('exit', (code, signal) => {
      this.ended = String(signal ?? code)
    })
    this.#process.stderr.setEncoding('utf8').on('data', text => {
      if (this.said.length < 4_000) this.said += text
    })
  }

  async start() {
    const line = once(createInterface(this.#process.stdout), 'line')
    const end = once(this.#process, 'exit').then(() => {
      throw new Error(`a target did not start: ${this.said}`)
    })
    this.url = new URL((await Promise.race([line, end]))[0])
    end.catch(() => {})
    return this
  }

  get address() {
    return { port: Number(this.url.port), tls: this.url.protocol === 'wss:' }
  }

  get memory() {
    return this.ended === undefined ? memoryOf(this.#pid) : 0
  }

  get #pid() {
    return /** @type {number} */ (this.#process.pid)
  }

  /** From here on the peak is counted: by the kernel where it lets itself be told so, else by looking often. proc(5) */
  watch() {
    this.#peak = this.memory
    try {
      writeFileSync(`/proc/${this.#pid}/clear_refs`, '5')
    } catch {}
    this.#timer = setInterval(() => this.#look(), SAMPLE)
  }

  /** The most bytes since then. */
  peak() {
    clearInterval(this.#timer)
    this.#look()
    return this.#peak
  }

  #look() {
    if (this.ended !== undefined) return
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8')
    const highest = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) * 1024
    this.#peak = Math.max(this.#peak, this.#resets ? highest : this.memory)
  }

  get #resets() {
    return resets
  }

  /** Asks it to end, and ends it when it does not. */
  async stop() {
    clearInterval(this.#timer)
    if (this.ended !== undefined) return
    const exit = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 4_000)
    await exit
    clearTimeout(late)
  }
}

/** Whether the kernel lets a peak be forgotten; probed with this process. */
const resets = (() => {
  try {
    writeFileSync(`/proc/${process.pid}/clear_refs`, '5')
    return true
  } catch {
    return false
  }
})()

/** A program of this folder that talks by messages. */
export class Helper {
  #process

  /** @param {string} path @param {object} options @param {{ nice?: number }} [how] */
  constructor(path, options, { nice = 0 } = {}) {
    const [execPath, ...execArgv] = [...onCore(1), ...(nice ? ['nice', '-n', String(nice)] : []), process.execPath]
    this.#process = fork(file(path), [JSON.stringify(options)], { execPath, execArgv, env: environment })
    this.#process.on('error', () => {})
    keep(this.#process)
  }

  /** What it says next; undefined when it does not in time, or has gone. @param {number} ms @returns {Promise<any>} */
  hears(ms) {
    return new Promise(resolve => {
      const done = (/** @type {unknown} */ heard) => {
        clearTimeout(late)
        this.#process.off('message', done).off('exit', gone)
        resolve(heard)
      }
      const gone = () => done(undefined)
      const late = setTimeout(gone, ms)
      this.#process.once('message', done).once('exit', gone)
    })
  }

  /** What it answers. @param {string | object} word @param {number} [ms] */
  ask(word, ms = 30_000) {
    const heard = this.hears(ms)
    if (this.#process.connected) this.#process.send(word)
    return heard
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exit
  }
}
