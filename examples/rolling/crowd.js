/** Clients that subscribe and publish, and a book of what each of them was sent. */
import { connect } from 'hotline/client'

const TOPIC = 'public/rolling'

/** @typedef {{ id: number, at: number }} News */

/** What came to one client. */
class Reader {
  /** How often each publication came, by its id. @type {Map<number, number>} */
  seen = new Map()
  disordered = 0
  /** Publications of which it was told that they do not come. */
  passed = 0
  unrecovered = 0
  /** Why not, each time. @type {string[]} */
  reasons = []
  /** Lines that were closed with 1013, since they were read too slowly. */
  slow = 0
  /** Attempts to come back that came to nothing. */
  failed = 0
  /** The longest time without a line, in milliseconds. */
  longest = 0
  #since = 0
  #last = 0

  /** @param {string} url */
  constructor(url) {
    this.line = connect(url, { protocols: ['hotline.1'] })
    this.line.on('status', state => this.#changed(state))
    this.topic = this.line.topic(TOPIC)
    this.subscribed = new Promise(resolve => this.topic.on('subscribed', resolve))
    this.topic.on('subscribed', ({ recovered, code = 'unknown' }) => recovered || this.reasons.push(code))
    this.reading = this.#read()
  }

  /** @param {import('hotline/client').LineState} state */
  #changed(state) {
    if (state.status === 'open') {
      if (this.#since > 0) this.longest = Math.max(this.longest, performance.now() - this.#since)
      this.#since = 0
    } else if (state.status === 'waiting') {
      this.#since ||= performance.now()
      if (!state.end.opened) this.failed++
      if (state.end.code === 1013) this.slow++
    }
  }

  async #read() {
    for await (const { data, offset = 0, recovered, passed } of this.topic) {
      const { id } = /** @type {News} */ (data)
      this.seen.set(id, (this.seen.get(id) ?? 0) + 1)
      this.passed += passed
      if (!recovered) this.unrecovered++
      if (offset <= this.#last) this.disordered++
      this.#last = offset
    }
  }
}

/** What became of a crowd. */
export class Crowd {
  /** Ids of what the servers have taken, by their own word. @type {Set<number>} */
  #taken = new Set()
  /** Publications whose line was lost before the answer: nobody can know. */
  #unanswered = 0
  #refused = 0
  #next = 0
  /** @type {Promise<void>[]} */
  #publishing = []
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /** @param {string} url @param {number} size */
  constructor(url, size) {
    this.readers = Array.from({ length: size }, () => new Reader(url))
  }

  /** Until everybody is subscribed. */
  async ready() {
    await Promise.all(this.readers.map(({ subscribed }) => subscribed))
  }

  /** Publishes at a steady rate, each time from another line. @param {number} rate - a second */
  publish(rate) {
    const start = performance.now()
    this.#timer = setInterval(() => {
      const due = ((performance.now() - start) / 1000) * rate
      while (this.#next < due) this.#publishing.push(this.#publishOne(this.#next++))
    }, 5)
  }

  /** @param {number} id */
  async #publishOne(id) {
    const { line } = /** @type {Reader} */ (this.readers[id % this.readers.length])
    try {
      await line.publish(TOPIC, { id, at: performance.now() })
      this.#taken.add(id)
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code === 'ERR_CONNECTION') this.#unanswered++
      else this.#refused++
    }
  }

  /** Ends the publishing, and waits until all has come, or nothing has for a while. @param {number} patience - ms */
  async settle(patience = 5_000) {
    clearInterval(this.#timer)
    await Promise.all(this.#publishing)
    for (let last = -1, since = performance.now(); performance.now() - since < patience; ) {
      const { delivered, publications, passed } = this.counts()
      if (delivered + passed >= publications * this.readers.length) break
      if (delivered > last) since = performance.now()
      last = delivered
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  /** What one reader got, all have to get; and what a server has taken, too. */
  counts() {
    const known = new Set([...this.#taken, ...this.readers.flatMap(({ seen }) => [...seen.keys()])])
    const sum = (/** @type {(reader: Reader) => number} */ of) =>
      this.readers.reduce((all, reader) => all + of(reader), 0)
    const delivered = sum(({ seen }) => seen.size)
    return {
      publications: known.size,
      unanswered: this.#unanswered,
      refused: this.#refused,
      delivered,
      lost: sum(({ seen, passed, unrecovered }) =>
        unrecovered > 0 ? 0 : Math.max(0, known.size - seen.size - passed),
      ),
      doubled: sum(({ seen }) => [...seen.values()].reduce((all, times) => all + times - 1, 0)),
      disordered: sum(({ disordered }) => disordered),
      passed: sum(({ passed }) => passed),
      unrecovered: sum(({ unrecovered }) => unrecovered),
      slow: sum(({ slow }) => slow),
      failed: sum(({ failed }) => failed),
    }
  }

  /** Why something could not be given again, in the words of hotline.1, and how often. @returns {Record<string, number>} */
  reasons() {
    /** @type {Record<string, number>} */
    const times = {}
    for (const { reasons } of this.readers) for (const reason of reasons) times[reason] = (times[reason] ?? 0) + 1
    return times
  }

  /** Milliseconds: the longest time that a client was without a line, and that of the one in the middle. */
  without() {
    const times = this.readers.map(({ longest }) => longest).sort((a, b) => a - b)
    return { longest: times.at(-1) ?? 0, median: times[times.length >> 1] ?? 0 }
  }

  async close() {
    clearInterval(this.#timer)
    await Promise.all(this.readers.map(({ line }) => line.close()))
  }
}
