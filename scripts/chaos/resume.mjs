/** Readers that are cut off at any byte and come back, beside a witness who is not: did each see everything once, in order? */
import { connect } from 'hotline/client'
import { serve } from 'hotline/server'
import { Ledger, Reading } from './ledger.mjs'
import { startProxy } from './proxy.mjs'
import { Random } from './random.mjs'

const READERS = 24
/** Of the last ones the history is so short that some cannot recover, and are told. */
const TOPICS = ['long/a', 'long/b', 'long/c', 'short/d']
const SIZES = { long: 20_000, short: 50 }
const BACKOFF = { base: 5, cap: 40 }
/** Operations between two turns of the event loop. */
const TURN = 8
/** Milliseconds in which all must have come at the end. */
const PATIENCE = 30_000

/** @typedef {ReturnType<typeof connect>} Line */
/** @typedef {{ topic: ReturnType<Line['topic']>, reading: Reading }} Subscription */
/** @typedef {{ who: string, line: Line, topics: Map<string, Subscription> }} Reader */
/** @typedef {Awaited<ReturnType<typeof startProxy>>} Proxy */
/** @typedef {Awaited<ReturnType<typeof serve>>} Server */

/** @param {number} size */
const kept = size => ({
  subscribe: true,
  publish: true,
  history: { size, bytes: 64_000_000 },
  replay: { size: 20_000, bytes: 64_000_000 },
  slow: /** @type {const} */ ('drop-oldest'),
  maxPending: 20_000,
})

/**
 * @param {{ ops: number, seed: number, progress?: (share: number) => void }} how
 */
export async function chaosOfResume({ ops, seed, progress = () => {} }) {
  const began = performance.now()
  const random = new Random(seed)
  const topics = { 'long/*': kept(SIZES.long), 'short/*': kept(SIZES.short) }
  const server = await serve({ port: 0, topics, routes: { '/': { topics: true } } })
  const proxy = await startProxy(server.port ?? 0, random)
  const run = new Run(random, server, proxy)
  await run.begin()
  for (let op = 0; op < ops; op++) {
    run.step()
    if (op % TURN === 0) await new Promise(resolve => setImmediate(resolve))
    if (op % 500 === 0) progress(op / ops)
  }
  await run.finish()
  await proxy.stop()
  await server.close({ within: 1000 })
  const { sums, findings } = run.ledger
  const seconds = Math.round((performance.now() - began) / 100) / 10
  return { seed, ops, ...sums, ...proxy.counts, ...run.counts, seconds, findings }
}

class Run {
  ledger = new Ledger()
  counts = { subscriptions: 0, resumed: 0, acknowledged: 0, unacknowledged: 0 }
  #random
  #server
  #proxy
  /** Of what was published last. */
  #number = 0
  /** @type {Reader[]} */
  #readers = []
  /** Of subscriptions that were left. @type {Reading[]} */
  #over = []
  /** What the server said that it took. @type {[topic: string, offset: number, number: number][]} */
  #acknowledged = []
  /** @type {Line} */
  #witness

  /** @param {Random} random @param {Server} server @param {Proxy} proxy */
  constructor(random, server, proxy) {
    this.#random = random
    this.#server = server
    this.#proxy = proxy
    this.#witness = connect(`${server.url}/`)
  }

  /** The witness is there from the first publication on, by a connection of its own that nobody cuts. */
  async begin() {
    for (const name of TOPICS) {
      const topic = this.#witness.topic(name)
      topic.on('publication', ({ offset = 0, data }) => this.ledger.published(name, offset, Number(data)))
      await new Promise(resolve => topic.on('subscribed', resolve))
    }
    for (let at = 0; at < READERS; at++) this.#readers.push(this.#newReader())
  }

  /** One operation. */
  step() {
    const chance = this.#random.below(1000)
    const reader = this.#random.pick(this.#readers)
    if (chance < 700) this.#server.publish(this.#random.pick(TOPICS), ++this.#number)
    else if (chance < 820) this.#publishBy(reader)
    else if (chance < 960) this.#turn(reader)
    else if (chance < 995) this.#proxy.cutOne()
    else this.#replace(reader)
  }

  /** Nothing is cut any more, so everybody gets what is still missing. */
  async finish() {
    this.#proxy.calm()
    const end = performance.now() + PATIENCE
    const readings = this.#readers.flatMap(({ topics }) => [...topics.values()].map(({ reading }) => reading))
    const waits = () => this.#pending > 0 || readings.some(reading => reading.waits(this.ledger))
    do await new Promise(resolve => setTimeout(resolve, 200))
    while (waits() && performance.now() < end)
    for (const reading of this.#over) reading.judge(this.ledger)
    for (const reading of readings) reading.judge(this.ledger, true)
    for (const [topic, offset, number] of this.#acknowledged)
      if (this.ledger.at(topic, offset) !== number)
        this.ledger.add('lost', `${number} was acknowledged as ${offset} of ${topic}`)
    await Promise.all([this.#witness, ...this.#readers.map(({ line }) => line)].map(line => line.close()))
  }

  get #pending() {
    return this.#readers.reduce((sum, { line }) => sum + line.pending, 0)
  }

  /** It may arrive or not: only what was acknowledged must have. @param {Reader} reader */
  #publishBy({ line }) {
    const [topic, number] = [this.#random.pick(TOPICS), ++this.#number]
    line.publish(topic, number).then(
      ({ offset = 0 }) => {
        this.counts.acknowledged++
        this.#acknowledged.push([topic, offset, number])
      },
      () => this.counts.unacknowledged++,
    )
  }

  /** Subscribes, or leaves. @param {Reader} reader */
  #turn({ who, line, topics }) {
    const name = this.#random.pick(TOPICS)
    const known = topics.get(name)
    if (known !== undefined) {
      this.#leave(topics, name, known)
      return
    }
    const last = this.#random.pick([0, 0, 5, 200])
    const topic = line.topic(name, last === 0 ? {} : { last })
    const reading = new Reading(`${who}, from operation ${this.#number} on,`, name)
    topic.on('publication', received => reading.add(received))
    let times = 0
    topic.on('subscribed', ({ recovered }) => {
      if (++times > 1) this.counts.resumed++
      reading.again(recovered)
    })
    this.counts.subscriptions++
    topics.set(name, { topic, reading })
  }

  /** @param {Reader['topics']} topics @param {string} name @param {Subscription} subscription */
  #leave(topics, name, { topic, reading }) {
    topics.delete(name)
    topic.leave()
    this.#over.push(reading)
  }

  /** @param {Reader} reader */
  #replace(reader) {
    for (const [name, subscription] of reader.topics) this.#leave(reader.topics, name, subscription)
    reader.line.close()
    this.#readers[this.#readers.indexOf(reader)] = this.#newReader()
  }

  /** @returns {Reader} */
  #newReader() {
    const line = connect(`ws://127.0.0.1:${this.#proxy.port}/`, { backoff: BACKOFF, report: () => {} })
    line.opened.catch(() => {})
    return { who: `reader ${this.#number}`, line, topics: new Map() }
  }
}
