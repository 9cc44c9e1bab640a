/** Polite clients in a process of their own: each sends something short every few milliseconds and waits for it to come back. */
import { build } from 'hdr-histogram-js'
import { closing, FIN, frame, op } from './line/frame.mjs'
import { Line } from './line/line.mjs'

/** @type {{ port: number, tls: boolean }} */
const address = JSON.parse(process.argv[2])

const LINES = 4
/** Milliseconds between two messages of one line. */
const PERIOD = 4
const TEXT = frame(FIN | op.text, 'a'.repeat(64))

/** One that counts how long its words are away. */
class Polite {
  line = new Line(address, true)
  /** When each message left that is not back. @type {number[]} */
  #away = []
  histogram

  /** @param {import('hdr-histogram-js').Histogram} histogram */
  constructor(histogram) {
    this.histogram = histogram
  }

  async open() {
    if (!(await this.line.shake())) throw new Error('a polite client was not let in')
    this.line.socket.on('data', () => this.#heard())
    return this
  }

  say() {
    if (!this.line.open) return
    this.#away.push(performance.now())
    this.line.socket.write(TEXT)
  }

  #heard() {
    for (const { first } of this.line.got.splice(0)) if ((first & 15) === op.text) this.#count(this.#away.shift())
  }

  /** @param {number | undefined} since */
  #count(since) {
    if (since !== undefined) this.histogram.recordValue(Math.max(1, Math.round((performance.now() - since) * 1_000)))
  }

  /** What is away for longer than a tenth of a second has waited too. */
  settle() {
    for (const since of this.#away) if (performance.now() - since > 100) this.#count(since)
  }
}

const histogram = build({ highestTrackableValue: 120_000_000, numberOfSignificantValueDigits: 3 })
/** @type {Polite[]} */
const clients = []

const offer = { headers: /** @type {const} */ ([['Sec-WebSocket-Extensions', 'permessage-deflate']]) }
const large = [20, 2_000, 20_000, 200_000].map(size => frame(FIN | op.text, 'warm '.repeat(size / 5)))

/** A line that says so much, waits for its echoes and closes. @param {number} messages @param {readonly Buffer[]} bytes */
async function use(messages, bytes) {
  const line = new Line(address)
  await line.shake(offer)
  for (let sent = 1; sent <= messages; sent++) {
    await line.write(bytes[sent % bytes.length])
    await line.until(() => line.frames >= sent)
  }
  await line.write(frame(FIN | op.close, closing(1000)))
  await line.ended
}

/**
 * What a server of some age has seen: lines, messages of every size, and what they leave behind until it is collected. V8's
 * nursery grows by use to some 48 MiB, and would look like a leak of the first attack.
 */
async function warm() {
  const small = Array.from({ length: 100 }, () => TEXT)
  await Promise.all(Array.from({ length: 20 }, () => use(24, large)))
  const worker = async () => {
    for (let lines = 0; lines < 40; lines++) await use(4, [Buffer.concat(small)])
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  await Promise.all(Array.from({ length: 20 }, () => use(24, large)))
}

async function start() {
  for (let count = 0; count < LINES; count++) clients.push(await new Polite(histogram).open())
  let turn = 0
  setInterval(() => {
    // A timer is late on a busy core: what was due is sent then, and waited for from then.
    clients[turn++ % LINES].say()
  }, PERIOD / LINES)
}

/** @returns {import('./types.ts').Wait} */
function look() {
  for (const client of clients) client.settle()
  const at = (/** @type {number} */ percent) => histogram.getValueAtPercentile(percent) / 1_000
  const open = clients.every(({ line }) => line.open)
  return { p50: at(50), p99: at(99), max: histogram.maxValue / 1_000, echoes: histogram.totalCount, open }
}

process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', async word => {
  if (word === 'warm') await warm()
  if (word === 'start') await start()
  if (word === 'begin') histogram.reset()
  process.send?.(word === 'look' ? look() : word)
})
