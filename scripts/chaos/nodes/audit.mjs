/** What nodes say that they published, beside what readers say that they got: all of it, once, in one order, or told. */
import { idOf, splitId } from './words.mjs'

/** @typedef {import('./words.mjs').Account} Account */
/** @typedef {import('./words.mjs').Life} Life */
/** @typedef {import('./words.mjs').Place} Place */
/** @typedef {import('./fleet.mjs').Node} Node */

const TOLD = 20

/** The newest place of each topic that a node was told of. @param {readonly Node[]} nodes @param {number} topics @returns {(Place | undefined)[]} */
export function newestPlaces(nodes, topics) {
  return Array.from({ length: topics }, (_, topic) => {
    const places = nodes.flatMap(({ newest }) => newest.get(topic) ?? [])
    const last = longest(places.map(({ at }) => at))
    const epoch = places.find(({ at }) => at === last)?.epoch
    if (epoch === undefined) return undefined
    return { epoch, offset: longest(places.filter(place => place.epoch === epoch).map(({ offset }) => offset)) }
  })
}

/** Publications of which nobody knows whether they were taken. @param {readonly Node[]} nodes */
export function unknownOf(nodes) {
  return nodes.flatMap(({ index, given, stored, failed, isGone }) => {
    const known = new Set([...stored, ...failed].map(([number]) => number))
    const unsaid = isGone ? Array.from({ length: given }, (_, at) => at + 1).filter(number => !known.has(number)) : []
    const unsure = failed.filter(([, kept]) => kept === 'unknown').map(([number]) => number)
    return [...unsaid, ...unsure].map(number => idOf(index, number))
  })
}

export class Audit {
  sums = {
    published: 0,
    delivered: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
    altered: 0,
    unrecovered: 0,
    repeated: 0,
    skipped: 0,
    missed: 0,
    gone: 0,
  }
  /** `unknown` were given to nodes that were killed, `reached` of them all readers; `forgotten` were stored, and lost by the engine before any reader had them. */
  counts = { given: 0, stored: 0, refused: 0, unknown: 0, reached: 0, forgotten: 0 }
  /** @type {string[]} */
  findings = []
  /** What stands where, as anybody knows it: by topic, by epoch, by offset. @type {Map<number, Map<string, number[]>>} */
  #topics = new Map()
  /** All that any reader has. @type {Set<number>} */
  #ids = new Set()

  /** @param {readonly (readonly Life[])[]} seen what readers saw, for each process of them */
  constructor(seen) {
    for (const { topic, epoch, ids } of seen.flat()) {
      const known = this.#life(topic, epoch)
      for (const [offset, id] of ids.entries()) {
        if (!id) continue
        this.#ids.add(id)
        known[offset] ??= id
        if (known[offset] !== id)
          this.#wrong('altered', `${splitId(id)} and another one are both ${offset} of ${epoch} in topic ${topic}`)
      }
    }
    this.sums.published = this.#ids.size
  }

  /** All that is known now. @returns {Life[]} */
  get lives() {
    return [...this.#topics].flatMap(([topic, lives]) => [...lives].map(([epoch, ids]) => ({ topic, epoch, ids })))
  }

  /** What became of those that a node was told are kept, or not kept. @param {readonly Node[]} nodes @param {readonly (Place | undefined)[]} finals */
  compare(nodes, finals) {
    for (const { index, given, stored, failed } of nodes) {
      this.counts.given += given
      this.counts.stored += stored.length
      for (const [number, topic, epoch, offset] of stored)
        this.#isStored(
          `${number} of node ${index}`,
          idOf(index, number),
          { topic, epoch, offset },
          finals[topic]?.epoch,
        )
      for (const [number, kept, reason] of failed)
        if (kept === 'no') {
          this.counts.refused++
          if (this.#ids.has(idOf(index, number)))
            this.#wrong('altered', `${number} of node ${index} is there: ${reason}`)
        }
    }
    for (const { topic, epoch, ids } of this.lives) this.#order(`${epoch} of topic ${topic}`, ids)
  }

  /** Nobody knows whether they were taken. @param {readonly number[]} unknown */
  reach(unknown) {
    this.counts.unknown = unknown.length
    this.counts.reached = unknown.filter(id => this.#ids.has(id)).length
  }

  /** What the readers said when they knew all of it. @param {readonly Account[]} accounts @param {number} clients readers of all topics */
  take(accounts, clients) {
    for (const { sums, findings } of accounts) {
      for (const [name, count] of Object.entries(sums)) this.sums[/** @type {keyof typeof sums} */ (name)] += count
      this.findings.push(...findings)
    }
    const { delivered, lost, doubled, disordered, altered, repeated, missed, gone } = this.sums
    if (lost + doubled + disordered + altered > 0) return
    // Each reader has each publication, or it is said why not: else this ledger is wrong.
    const all = new Set(this.lives.flatMap(({ ids }) => ids.filter(id => id)))
    const left = clients * all.size - (delivered - repeated) - missed - gone
    if (left !== 0) this.#wrong('lost', `the account does not come out: ${left} are left`, Math.abs(left))
  }

  /** Readers are at different places in the end. @param {number} topic */
  parted(topic) {
    this.#wrong('lost', `not all readers of topic ${topic} are at one place in the end`)
  }

  /** @param {string} words @param {number} id @param {{ topic: number, epoch: string, offset: number }} place @param {string | undefined} last the epoch of now */
  #isStored(words, id, { topic, epoch, offset }, last) {
    if (!this.#ids.has(id)) {
      // Of some it is known that they are stored, but not where.
      if (epoch === '') this.#wrong('lost', `${words} is stored, and nobody has it`)
      else if (epoch !== last) this.counts.forgotten++
    }
    if (epoch === '') return
    const known = this.#life(topic, epoch)
    known[offset] ??= id
    const there = known[offset]
    if (there !== id)
      this.#wrong(
        'altered',
        `${words} is stored as ${offset} of ${epoch} in topic ${topic}, where ${splitId(there)} is`,
      )
  }

  /** @param {number} topic @param {string} epoch */
  #life(topic, epoch) {
    const lives = this.#topics.get(topic) ?? new Map()
    const ids = lives.get(epoch) ?? []
    this.#topics.set(topic, lives)
    lives.set(epoch, ids)
    return ids
  }

  /** Each once in a life of its topic, and those of a node in their order. @param {string} life @param {readonly number[]} ids */
  #order(life, ids) {
    /** @type {Map<number, number>} */
    const newest = new Map()
    for (const id of ids) {
      if (!id) continue
      const [node, number] = splitId(id)
      const before = newest.get(node) ?? 0
      if (number <= before)
        this.#wrong(
          number === before ? 'doubled' : 'disordered',
          `${number} of node ${node} is behind ${before} in ${life}`,
        )
      newest.set(node, Math.max(before, number))
    }
  }

  /** @param {'lost' | 'doubled' | 'disordered' | 'altered'} what @param {string} words @param {number} [count] */
  #wrong(what, words, count = 1) {
    this.sums[what] += count
    if (this.findings.length < TOLD) this.findings.push(`${what}: ${words}`)
  }
}

/** @param {readonly number[]} numbers */
export const longest = numbers => numbers.reduce((most, one) => Math.max(most, one), 0)

/** True when all that is known to be stored is where the readers are, or before. @param {readonly Node[]} nodes @param {number} topics @param {(topic: number) => Place | undefined} placeOf */
export function areThere(nodes, topics, placeOf) {
  const newest = newestPlaces(nodes, topics)
  return newest.every((place, topic) => {
    const at = placeOf(topic)
    if (place === undefined || at === undefined) return at !== undefined
    return at.epoch === place.epoch && at.offset >= place.offset
  })
}
