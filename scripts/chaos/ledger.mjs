/** What was published, and what each subscriber made of it: once, in order, or told. Judged when all is over. */

/** @typedef {{ offset?: number | undefined, data: unknown, passed: number, recovered: boolean }} Received */
/** @typedef {'delivered' | 'lost' | 'doubled' | 'disordered' | 'altered' | 'unrecovered'} What */

/** Findings that are told in words. */
const TOLD = 20
/** Numbers for each publication that was received. */
const WIDTH = 4

export class Ledger {
  /** What was published to each topic, by offset. @type {Map<string, Map<number, number>>} */
  #topics = new Map()
  /** @type {Set<number>} */
  #numbers = new Set()
  sums = { published: 0, delivered: 0, lost: 0, doubled: 0, disordered: 0, altered: 0, unrecovered: 0 }
  /** The first things that were wrong, in words. @type {string[]} */
  findings = []

  /** @param {string} topic @param {number} offset @param {number} number each is published once */
  published(topic, offset, number) {
    const all = this.#topics.get(topic) ?? new Map()
    this.#topics.set(topic, all)
    if (all.has(offset) || this.#numbers.has(number)) this.add('doubled', `${number} was published twice to ${topic}`)
    if (offset !== all.size + 1) this.add('disordered', `${topic} has ${offset} behind ${all.size}`)
    all.set(offset, number)
    this.#numbers.add(number)
    this.sums.published++
  }

  /** The offset of the newest publication. @param {string} topic */
  last(topic) {
    return this.#topics.get(topic)?.size ?? 0
  }

  /** @param {string} topic @param {number} offset */
  at(topic, offset) {
    return this.#topics.get(topic)?.get(offset)
  }

  /** @param {What} what @param {string} words @param {number} [count] */
  add(what, words, count = 1) {
    this.sums[what] += count
    if (what !== 'delivered' && what !== 'unrecovered' && this.findings.length < TOLD)
      this.findings.push(`${what}: ${words}`)
  }
}

/** What one subscription got, from its first publication to its last. */
export class Reading {
  #who
  #topic
  /** Offset, number, passed, recovered, for each. @type {number[]} */
  #received = []
  /** True while the last word is that something may be missing. */
  #told = false

  /** @param {string} who @param {string} topic */
  constructor(who, topic) {
    this.#who = who
    this.#topic = topic
  }

  /** The offset of what came last; 0 before the first. */
  get at() {
    return this.#received.at(-WIDTH) ?? 0
  }

  /** True when something is still to come. @param {Ledger} ledger */
  waits(ledger) {
    return !this.#told && this.at > 0 && this.at < ledger.last(this.#topic)
  }

  /** It is subscribed again. @param {boolean} recovered */
  again(recovered) {
    this.#told = !recovered
  }

  /** @param {Received} received */
  add({ offset = 0, data, passed, recovered }) {
    this.#received.push(offset, Number(data), passed, recovered ? 1 : 0)
    this.#told = false
  }

  /** @param {Ledger} ledger @param {boolean} [whole] true when it lasted to the end, so that nothing may be missing there */
  judge(ledger, whole = false) {
    let before
    for (let at = 0; at < this.#received.length; at += WIDTH) {
      const [offset = 0, number, passed = 0, recovered] = this.#received.slice(at, at + WIDTH)
      const words = `${this.#who} has of ${this.#topic} ${offset} behind ${before}, passed ${passed}, recovered ${recovered}`
      ledger.add('delivered', words)
      if (ledger.at(this.#topic, offset) !== number) ledger.add('altered', `${words}: ${number}`)
      if (recovered === 0) ledger.add('unrecovered', words)
      if (before !== undefined) compare(ledger, { step: offset - before, passed, recovered, words })
      before = Math.max(offset, before ?? 0)
    }
    const missing = before === undefined ? 0 : ledger.last(this.#topic) - before
    if (whole && missing > 0 && this.#told) ledger.add('unrecovered', `${this.#who} is told so at the end`)
    else if (whole && missing > 0)
      ledger.add('lost', `${this.#who} has nothing of ${this.#topic} behind ${before}`, missing)
  }
}

/** @param {Ledger} ledger @param {{ step: number, passed: number, recovered: number | undefined, words: string }} of */
function compare(ledger, { step, passed, recovered, words }) {
  if (step === 0) ledger.add('doubled', words)
  else if (step < 0) ledger.add('disordered', words)
  else if (recovered === 1 && step - 1 !== passed) ledger.add('lost', words, Math.abs(step - 1 - passed))
}
