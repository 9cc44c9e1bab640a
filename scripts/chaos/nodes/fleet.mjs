/** The nodes of a run, and what they say of their publications. */
import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort, vitalsOf } from './engines.mjs'
import { runNode } from './program.mjs'

/** @typedef {import('./words.mjs').FromNode} FromNode */
/** @typedef {import('./words.mjs').ToNode} ToNode */
/** @typedef {import('./words.mjs').Joined} Joined */

const PROGRAM = fileURLToPath(new URL('node.mjs', import.meta.url))

/** One node, as the harness knows it. */
export class Node {
  url = ''
  /** The number of the last publication that it was about to give to its server. */
  given = 0
  /** @type {import('./words.mjs').Stored[]} */
  stored = []
  /** @type {import('./words.mjs').Failed[]} */
  failed = []
  /** By topic, the newest place that it was told of, and when. @type {Map<number, import('./words.mjs').Place & { at: number }>} */
  newest = new Map()
  /** @type {import('./words.mjs').Drained | undefined} */
  drained
  /** What it could not go on with, in its own words. @type {string[]} */
  broken = []
  /** What kept the engine away, as it said. @type {string[]} */
  troubles = []
  isGone = false
  /** True from SIGTERM on: it publishes no more. */
  isEnding = false
  index
  /** How it is spoken to. @type {{ send(message: ToNode): void, kill(signal: NodeJS.Signals): Promise<void>, pid?: number | undefined } | undefined} */
  #body
  /** @type {(() => void)[]} */
  #waiting = []

  /** @param {number} index */
  constructor(index) {
    this.index = index
  }

  /** @param {import('./words.mjs').NodeSettings} settings */
  async start(settings) {
    this.#body = await (settings.joined.kind === 'memory' ? this.#inside(settings) : this.#outside(settings))
    while (this.url === '' && !this.isGone) await new Promise(resolve => this.#waiting.push(() => resolve(undefined)))
    if (this.url === '') throw new Error(`node ${this.index} has not started: ${this.broken.at(-1) ?? 'it ended'}`)
  }

  /** @param {ToNode} message */
  tell(message) {
    if (!this.isGone) this.#body?.send(message)
  }

  /** SIGKILL asks nobody; SIGTERM has it drain. Fulfilled when it is gone. @param {NodeJS.Signals} signal */
  async end(signal) {
    this.isEnding = true
    if (!this.isGone) await this.#body?.kill(signal)
  }

  /** True when what became of all of its publications is known. */
  get isSettled() {
    return this.isGone || this.stored.length + this.failed.length >= this.given
  }

  /** Processor time in milliseconds, memory in bytes. */
  get vitals() {
    return vitalsOf(this.#body?.pid ?? process.pid)
  }

  /** @param {FromNode} message */
  #hear({ url, given, stored = [], failed = [], drained, broken, trouble }) {
    this.url = url ?? this.url
    this.given = given ?? this.given
    for (const one of stored) this.#isStored(one)
    for (const one of failed) this.failed.push(one)
    this.drained = drained ?? this.drained
    if (broken !== undefined) this.broken.push(broken)
    if (trouble !== undefined) this.troubles.push(trouble)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** @param {import('./words.mjs').Stored} one */
  #isStored(one) {
    this.stored.push(one)
    const [, topic, epoch, offset] = one
    if (epoch === '') return
    const before = this.newest.get(topic)
    const highest = before?.epoch === epoch ? Math.max(before.offset, offset) : offset
    this.newest.set(topic, { epoch, offset: highest, at: performance.now() })
  }

  /** In this process, for the backplane that is its memory: who kills it closes all at once. @param {import('./words.mjs').NodeSettings} settings */
  async #inside(settings) {
    const node = await runNode(settings, message => this.#hear(message))
    return {
      send: node.hear,
      /** @param {NodeJS.Signals} signal */
      kill: async signal => {
        await (signal === 'SIGKILL' ? node.end({ within: 0 }) : node.hear({ drain: true }))
        this.isGone = true
      },
    }
  }

  /** @param {import('./words.mjs').NodeSettings} settings */
  async #outside(settings) {
    const args = [JSON.stringify(settings)]
    const child =
      settings.joined.kind === 'cluster' ? forkWorker(args) : fork(PROGRAM, args, { serialization: 'advanced' })
    child.on('message', message => {
      if (typeof message === 'object' && message !== null && 'chaos' in message)
        this.#hear(/** @type {FromNode} */ (message.chaos))
    })
    child.once('exit', () => {
      this.isGone = true
      this.#hear({})
    })
    return {
      pid: child.pid,
      send: (/** @type {ToNode} */ message) => void (child.connected && child.send({ chaos: message })),
      kill: async (/** @type {NodeJS.Signals} */ signal) => {
        const gone = once(child, 'exit')
        child.kill(signal)
        await gone
      },
    }
  }
}

/** @param {string[]} args */
function forkWorker(args) {
  cluster.setupPrimary({ exec: PROGRAM, args, serialization: 'advanced' })
  return cluster.fork().process
}

/** The nodes that there are, and those that were. */
export class Fleet {
  /** @type {Node[]} */
  nodes = []
  #settings

  /** @param {{ kind: import('./words.mjs').Kind, topics: number, history: number, window?: number }} settings */
  constructor(settings) {
    this.#settings = settings
  }

  get alive() {
    return this.nodes.filter(({ isGone, isEnding }) => !isGone && !isEnding)
  }

  get urls() {
    return this.alive.map(({ url }) => url)
  }

  get given() {
    return this.nodes.reduce((sum, { given }) => sum + given, 0)
  }

  /** Settings of `kind` need no engine, the others its URL. @param {string} [url] */
  async add(url) {
    const { kind, ...more } = this.#settings
    if (kind === 'cluster' && this.nodes.length === 0) (await import('hotline/cluster')).relay()
    const node = new Node(this.nodes.length)
    this.nodes.push(node)
    // Workers of a cluster that listen on 0 share one port.
    const port = kind === 'cluster' ? await freePort() : 0
    await node.start({ index: node.index, joined: { kind, url }, port, ...more })
    return node
  }

  /** Publications a second, of all that are there together. @param {number} rate */
  setRate(rate) {
    const { alive } = this
    for (const node of alive) node.tell({ rate: rate / alive.length })
  }

  async close() {
    await Promise.all(this.nodes.map(node => node.end('SIGKILL')))
  }
}
