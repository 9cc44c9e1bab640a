/** The process that attacks: one plan after the other, each when measure.mjs says so. */
import { pathToFileURL } from 'node:url'
import { plans } from './attacks/index.mjs'
import { Line } from './line/line.mjs'

/** @typedef {import('./line/line.mjs').Asked} Asked */
/** @typedef {{ name: string, port: number, tls: boolean, count: number, seconds: number, victim: import('./types.ts').Victim, seed: number }} Orders */

/** Lines that are being opened at the same time: the system's queue of a listener holds some hundred. */
const AT_ONCE = 128

/** What an attack has in its hands. */
export class Attack {
  count
  seconds
  victim
  port
  tls
  /** @type {Record<string, number>} */
  outcomes = {}
  /** @type {string[]} */
  faults = []
  /** @type {Record<string, number>} */
  done = {}
  #until
  #seed
  /** @type {Set<Line>} */
  #lines = new Set()

  /** @param {Orders} orders */
  constructor({ port, tls, count, seconds, victim, seed }) {
    this.port = port
    this.tls = tls
    this.count = count
    this.seconds = seconds
    this.victim = victim
    this.#seed = seed
    this.#until = performance.now() + seconds * 1000
  }

  /** Milliseconds until the time of the attack is over. */
  get left() {
    return this.#until - performance.now()
  }

  get over() {
    return this.left <= 0
  }

  /** A number below so many; the same ones in each run. @param {number} below */
  random(below) {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#seed / 2 ** 32) * below)
  }

  /** Numbers go on from here. @param {number} seed */
  sow(seed) {
    this.#seed = seed
    this.random(1)
  }

  /** It is enough. */
  stop() {
    this.#until = 0
  }

  /** @param {string} outcome @param {number} [count] */
  tally(outcome, count = 1) {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + count
  }

  /** @param {string} what @param {number} [count] */
  add(what, count = 1) {
    this.done[what] = (this.done[what] ?? 0) + count
  }

  /** What must never be; the first of them are enough. @param {string} text */
  fault(text) {
    if (this.faults.length < 10 && !this.faults.includes(text)) this.faults.push(text)
  }

  /** @param {number} ms */
  sleep(ms) {
    return new Promise(resolve => setTimeout(resolve, ms))
  }

  /** A connection on which nothing has been said. Its end is counted. @param {boolean} [keep] */
  async raw(keep) {
    const line = new Line(this, keep)
    this.#lines.add(line)
    line.ended.then(outcome => {
      if (this.#lines.delete(line)) this.tally(outcome)
    })
    await line.connected()
    return line
  }

  /** A line, open if the server wants. @param {Asked} [asked] */
  async line(asked) {
    const line = await this.raw(asked?.keep)
    if (line.open) await line.shake(asked)
    return line
  }

  /** Counts how a line ended as something else than it looks. @param {Line} line @param {string} outcome */
  settle(line, outcome) {
    if (this.#lines.delete(line)) this.tally(outcome)
    line.leave()
  }

  /** So many of something, some at a time. @template T @param {number} count @param {(index: number) => Promise<T>} make @param {number} [atOnce] */
  async times(count, make, atOnce = AT_ONCE) {
    /** @type {T[]} */
    const made = []
    let next = 0
    const worker = async () => {
      while (next < count) {
        const index = next++
        made[index] = await make(index)
      }
    }
    await Promise.all(Array.from({ length: Math.min(count, atOnce) }, worker))
    return made
  }

  /** @param {number} count @param {Asked} [asked] */
  lines(count, asked) {
    return this.times(count, () => this.line(asked))
  }

  /** The same again and again, by so many at a time, until the time is over; each at least once. @param {number} workers @param {(index: number) => Promise<void>} act */
  async again(workers, act) {
    let next = 0
    const worker = async () => {
      do await act(next++)
      while (!this.over)
    }
    await Promise.all(Array.from({ length: workers }, worker))
  }

  /** Writes the same bytes until the time is over or the line is. @param {Line} line @param {Uint8Array} bytes @param {number} [frames] that are in them */
  async pour(line, bytes, frames = 1) {
    do {
      const open = await Promise.race([line.write(bytes), this.sleep(Math.max(0, this.left) + 100)])
      if (open !== true) return
      this.add('frames', frames)
      this.add('bytes', bytes.length)
      await new Promise(resolve => setImmediate(resolve))
    } while (!this.over)
  }

  /** Waits until lines have ended, some seconds at most. @param {readonly Line[]} lines @param {number} [ms] */
  async ends(lines, ms = 5_000) {
    await Promise.race([Promise.all(lines.map(({ ended }) => ended)), this.sleep(ms)])
  }

  /** Lets go of every line that is still there. */
  finish() {
    for (const line of this.#lines) {
      this.tally('held')
      line.leave()
    }
    this.#lines.clear()
  }
}

/** @param {Orders} orders @returns {Promise<import('./types.ts').Spoils>} */
async function attack(orders) {
  const plan = plans.find(({ name }) => name === orders.name)
  if (plan === undefined) throw new Error(`there is no attack ${orders.name}`)
  const it = new Attack(orders)
  const since = performance.now()
  await plan.run(it)
  it.finish()
  const { outcomes, faults, done } = it
  return { outcomes, faults, done, seconds: (performance.now() - since) / 1000 }
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit())
  process.on('message', async orders => process.send?.(await attack(/** @type {Orders} */ (orders))))
  process.send('ready')
}
