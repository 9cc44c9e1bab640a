/** One system on so many processes, measured: at a steady rate how late and at what cost, and as fast as it goes. */
import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Engine, freePort, vitalsOf } from '../chaos/nodes/engines.mjs'

/** @typedef {{ name: string, system: import('./words.mjs').System, kind: import('../chaos/nodes/words.mjs').Kind }} Contender */
/** @typedef {{ clients: number, rate: number, seconds: number }} Work */

const NODE = fileURLToPath(new URL('node.mjs', import.meta.url))
const READERS = fileURLToPath(new URL('readers.mjs', import.meta.url))
/** Publications under way that all nodes together may have when it is to go as fast as it can. */
const WINDOW = 48
const WARM = 1_000

/** Once for all workers. */
let isRelay = false

/** @param {number} ms */
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

class Measurement {
  #nodes
  #readers
  #engine
  /** The relay of a cluster is in this process. */
  #isRelay
  /** @type {import('./words.mjs').Seen} */
  #seen = { seen: 0, delivered: 0 }
  #flood = false
  /** @type {((latencies: import('./words.mjs').Latencies) => void) | undefined} */
  #settle

  /** @param {import('node:child_process').ChildProcess[]} nodes @param {import('node:child_process').ChildProcess} readers @param {Engine | undefined} engine @param {boolean} isRelay */
  constructor(nodes, readers, engine, isRelay) {
    this.#nodes = nodes
    this.#readers = readers
    this.#engine = engine
    this.#isRelay = isRelay
    readers.on('message', message => {
      const { seen, latencies } = /** @type {{ scaling: import('./words.mjs').FromReaders }} */ (message).scaling
      if (latencies !== undefined) this.#settle?.(latencies)
      if (seen === undefined) return
      this.#seen = seen
      if (this.#flood) this.#allow()
    })
  }

  /** How late each delivery is, and the processor time for it, at so many publications a second. @param {Work} work */
  async steady({ rate, seconds }) {
    this.#tell({ rate: rate / this.#nodes.length })
    await sleep(WARM)
    this.#readers.send({ scaling: 'begin' })
    const figures = await this.#during(seconds)
    const latencies = await new Promise(resolve => {
      this.#settle = resolve
      this.#readers.send({ scaling: 'end' })
    })
    this.#tell({ rate: 0 })
    await sleep(WARM)
    return { ...figures, p50: round(latencies.p50), p99: round(latencies.p99) }
  }

  /** @param {Work} work */
  async flood({ seconds }) {
    this.#flood = true
    this.#allow()
    await sleep(WARM)
    const figures = await this.#during(seconds)
    this.#flood = false
    return figures
  }

  /** @param {number} seconds */
  async #during(seconds) {
    const before = this.#cpu
    const { delivered } = this.#seen
    const began = performance.now()
    await sleep(seconds * 1000)
    const after = this.#cpu
    const count = this.#seen.delivered - delivered
    return {
      perSecond: Math.round((count * 1000) / (performance.now() - began)),
      nodes: round(((after.nodes - before.nodes) * 1000) / count),
      engine: round(((after.engine - before.engine) * 1000) / count),
      readers: round(((after.readers - before.readers) * 1000) / count),
    }
  }

  /** Milliseconds of processor time. */
  get #cpu() {
    const nodes = this.#nodes.reduce((sum, { pid = 0 }) => sum + vitalsOf(pid).cpu, 0)
    const engine = this.#isRelay ? vitalsOf(process.pid).cpu : (this.#engine?.vitals.cpu ?? 0)
    return { nodes, engine, readers: vitalsOf(this.#readers.pid ?? 0).cpu }
  }

  #allow() {
    const each = (this.#seen.seen + WINDOW) / this.#nodes.length
    this.#tell({ allowed: Math.ceil(each) })
  }

  /** @param {import('./words.mjs').ToNode} message */
  #tell(message) {
    for (const node of this.#nodes) if (node.connected) node.send({ scaling: message })
  }
}

/** @param {number} number */
const round = number => Math.round(number * 100) / 100

/** @param {Contender} contender @param {number} count @param {Work} work */
export async function measure({ name, system, kind }, count, work) {
  if (kind === 'cluster' && !isRelay) {
    isRelay = true
    ;(await import('hotline/cluster')).relay()
  }
  const engine = kind === 'redis' || kind === 'nats' ? await Engine.start(kind, 'everysec') : undefined
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = []
  try {
    const urls = []
    for (let at = 0; at < count; at++) {
      const port = kind === 'cluster' ? await freePort() : 0
      const joined = { kind, ...(engine && { url: engine.url() }) }
      const child = startNode(kind, [JSON.stringify({ system, joined, port })])
      children.push(child)
      urls.push(await urlOf(child))
    }
    const readers = fork(READERS, [JSON.stringify({ urls, clients: work.clients })])
    const nodes = children.slice()
    children.push(readers)
    await Promise.race([once(readers, 'message'), failed(readers, 'the readers')])
    const measurement = new Measurement(nodes, readers, engine, kind === 'cluster')
    const steady = await measurement.steady(work)
    const flood = await measurement.flood(work)
    return { name, processes: count, steady, flood }
  } finally {
    await Promise.all(children.map(end))
    await engine?.close()
  }
}

/** @param {import('../chaos/nodes/words.mjs').Kind} kind @param {string[]} args */
function startNode(kind, args) {
  if (kind !== 'cluster') return fork(NODE, args)
  cluster.setupPrimary({ exec: NODE, args, serialization: 'advanced' })
  return cluster.fork().process
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<string>} */
async function urlOf(child) {
  const said = new Promise(resolve =>
    child.on('message', message => {
      const { scaling } = /** @type {{ scaling?: { url?: string } }} */ (message)
      if (scaling?.url !== undefined) resolve(scaling.url)
    }),
  )
  return /** @type {Promise<string>} */ (Promise.race([said, failed(child, 'a server')]))
}

/** @param {import('node:child_process').ChildProcess} child @param {string} what @returns {Promise<never>} */
function failed(child, what) {
  const failure = once(child, 'exit').then(([code]) => {
    throw new Error(`${what} ended with ${code}`)
  })
  failure.catch(() => {})
  return failure
}

/** @param {import('node:child_process').ChildProcess} child */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
