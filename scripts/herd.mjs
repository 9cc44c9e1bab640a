/**
 * A herd: 2 000 lines whose server restarts, simulated on a clock of our own with the real code of `connect`. The tables of
 * their arrivals are in docs/guide/lines.md: `npm run docs:herd` writes them, a test compares.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { connect } from 'hotline/client'
import { randomOf } from './random.mjs'

const CLIENTS = 2_000
/** When the server goes, in milliseconds: every line is stable by then. */
const CUT = 20_000
const PAGE = new URL('../docs/guide/lines.md', import.meta.url)

/** @typedef {{ name: string, down: number, retry?: number, jitter?: false }} Herd */

/** @type {Herd[]} */
export const herds = [
  { name: 'cut, and back at once', down: 0 },
  { name: 'away for 5 s', down: 5_000 },
  { name: 'away for 60 s', down: 60_000 },
  { name: 'away for 5 s, and `retry` said 10 s', down: 5_000, retry: 10_000 },
  { name: 'for comparison: away for 5 s, the same waits without chance', down: 5_000, jitter: false },
]

/** Time that moves from timer to timer. */
class SimulatedClock {
  #now = 0
  #count = 0
  /** A binary heap, by time and then by order. @type {{ at: number, order: number, callback?: (() => void) | undefined }[]} */
  #heap = []

  now() {
    return this.#now
  }

  /** @param {() => void} callback @param {number} ms */
  setTimeout(callback, ms) {
    /** @type {{ at: number, order: number, callback?: (() => void) | undefined }} */
    const timer = { at: this.#now + ms, order: this.#count++, callback }
    this.#heap.push(timer)
    for (let index = this.#heap.length - 1; index > 0; ) {
      const parent = (index - 1) >> 1
      if (!this.#swapped(index, parent)) break
      index = parent
    }
    return { clear: () => void (timer.callback = undefined) }
  }

  /** Runs what is due until this time, with the promises between settled. @param {number} end */
  async runTo(end) {
    for (let first = this.#heap[0]; first !== undefined && first.at <= end; first = this.#heap[0]) {
      this.#shift()
      if (first.callback === undefined) continue
      this.#now = first.at
      first.callback()
      for (let round = 0; round < 8; round++) await undefined
    }
    this.#now = end
  }

  #shift() {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    for (let index = 0; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2]
      const least = right < this.#heap.length && this.#before(right, left) ? right : left
      if (least >= this.#heap.length || !this.#swapped(least, index)) return
      index = least
    }
  }

  /** @param {number} a @param {number} b */
  #before(a, b) {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (one === undefined || other === undefined) return false
    return one.at < other.at || (one.at === other.at && one.order < other.order)
  }

  /** Changes places when the first is due before the second. @param {number} child @param {number} parent */
  #swapped(child, parent) {
    const [one, other] = [this.#heap[child], this.#heap[parent]]
    if (one === undefined || other === undefined || !this.#before(child, parent)) return false
    this.#heap[child] = other
    this.#heap[parent] = one
    return true
  }
}

/**
 * Lets a server restart; gives the time of each attempt and of each return, in milliseconds after the cut.
 * @param {Herd} herd
 */
export async function simulate({ down, retry, jitter }) {
  const clock = new SimulatedClock()
  const isUp = () => clock.now() < CUT || clock.now() >= CUT + down
  /** @type {number[]} */
  const attempts = []
  /** @type {number[]} */
  const returns = []
  /** @type {Set<FakeSocket>} */
  const sockets = new Set()

  class FakeSocket {
    protocol = 'hotline.1'
    readyState = 1
    bufferedAmount = 0
    binaryType = ''
    onopen = /** @type {any} */ (null)
    onmessage = /** @type {any} */ (null)
    onclose = /** @type {any} */ (null)
    onerror = /** @type {any} */ (null)

    constructor() {
      attempts.push(clock.now() - CUT)
      clock.setTimeout(() => {
        if (!isUp()) return this.onclose?.({ code: 1006, reason: '' })
        sockets.add(this)
        returns.push(clock.now() - CUT)
        this.onopen?.()
      }, 1)
    }

    send() {
      clock.setTimeout(() => this.onmessage?.({ data: '{"type":"pong"}' }), 1)
    }

    close() {}

    /** The server goes. */
    cut() {
      if (retry !== undefined) this.onmessage?.({ data: JSON.stringify({ type: 'retry', after: retry }) })
      this.onclose?.({ code: 1012, reason: 'restart' })
    }
  }

  const random = randomOf(1)
  const options = { WebSocket: FakeSocket, clock, random: jitter === false ? () => 1 : random }
  const lines = Array.from({ length: CLIENTS }, () => connect('ws://server', options))
  await clock.runTo(CUT)
  for (const socket of [...sockets]) socket.cut()
  await clock.runTo(CUT + 120_000)
  const back = returns.filter(at => at >= 0)
  if (back.length !== CLIENTS) throw new Error(`${back.length} of ${CLIENTS} lines came back`)
  for (const line of lines) line.close()
  return { attempts: attempts.filter(at => at >= 0), back }
}

/** The largest number of times within any window of this length. @param {number[]} times @param {number} length */
function busiest(times, length) {
  const sorted = times.toSorted((a, b) => a - b)
  let most = 0
  let from = 0
  for (const [index, at] of sorted.entries()) {
    while ((sorted[from] ?? at) <= at - length) from++
    most = Math.max(most, index - from + 1)
  }
  return most
}

/** @param {number} ms */
const seconds = ms => `${(ms / 1000).toFixed(1)} s`

/** The tables, as they stand in the page. */
export async function herdTables() {
  const rows = []
  const slots = []
  for (const herd of herds) {
    const { attempts, back } = await simulate(herd)
    const sorted = back.toSorted((a, b) => a - b)
    const after = attempts.filter(at => at >= herd.down)
    const median = sorted[CLIENTS / 2] ?? 0
    rows.push(
      `| ${herd.name} | ${attempts.length} | ${busiest(after, 100)} | ${busiest(after, 1000)} | ${seconds(median)} | ${seconds(sorted.at(-1) ?? 0)} |`,
    )
    if (herd.down !== 5_000) continue
    const count = (/** @type {number} */ from) => attempts.filter(at => at >= from && at < from + 2_000).length
    slots.push(`| ${herd.name} | ${Array.from({ length: 12 }, (_, slot) => count(slot * 2_000)).join(' | ')} |`)
  }
  const edges = Array.from({ length: 12 }, (_, slot) => `${slot * 2} s`)
  return [
    '| the server is | attempts in all | most within 100 ms, once it is back | most within 1 s | half are back after | all after |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    'Attempts in each two seconds after the cut, by when they begin:',
    '',
    `| the server is | ${edges.join(' | ')} |`,
    `|---|${edges.map(() => '---|').join('')}`,
    ...slots,
    '',
  ].join('\n')
}

const BEGIN = '<!-- by npm run docs:herd -->\n'
const END = '<!-- end -->'

/** What a page has between the marks. @param {string} page */
export const writtenTables = page => page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = readFileSync(PAGE, 'utf8')
  const tables = await herdTables()
  const [begin, end] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)]
  writeFileSync(PAGE, page.slice(0, begin) + tables + page.slice(end))
  console.log(tables)
}
