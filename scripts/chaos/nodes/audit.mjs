/** What nodes say that they published, beside what readers say that they got: all of it, once, in one order, or told. */
import { idOf, splitId } from './words.mjs'

/** @typedef {import('./words.mjs').Account} Account */
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
  sums = { published: 0, delivered: 0, lost: 0, doubled: 0, disordered: 0, altered: 0, unrecovered: 0, repeated: 0 }
  /** `unknown` were given to nodes that were killed, `reached` of them all readers; `forgotten` were stored and then lost by the engine. */
  counts = { given: 0, stored: 0, refused: 0, unknown: 0, reached: 0, forgotten: 0 }
  /** @type {string[]} */
  findings = []
  /** What stands where: by topic and epoch, by offset. @type {Map<string, number[]>} */
  #lives = new Map()
  /** All of them. @type {Set<number>} */
  #ids = new Set()

  /** @param {readonly Account[]} accounts */
  constructor(accounts) {
    for (const { sums, findings, lives } of accounts) {
      for (const [name, count] of Object.entries(sums)) this.sums[/** @type {keyof typeof sums} */ (name)] += count
      this.findings.push(...findings)
      for (const { topic, epoch, ids } of lives) this.#merge(`${topic} ${epoch}`, ids)
    }
    this.#count()
  }

  /** What became of those that a node was told are kept, or not kept. @param {readonly Node[]} nodes @param {readonly (Place | undefined)[]} finals */
  compare(nodes, finals) {
    for (const { index, given, stored, failed } of nodes) {
      this.counts.given += given
      this.counts.stored += stored.length
      for (const [number, topic, epoch, offset] of stored) {
        const id = idOf(index, number)
        // Of some it is known that they are stored, but not where.
        if (epoch === '' && this.#ids.has(id)) continue
        const seen = this.#lives.get(`${topic} ${epoch}`)?.[offset]
        if (seen === id) continue
        const words = `${number} of node ${index} is stored as ${offset} of ${epoch} in topic ${topic}, where`
        if (seen !== undefined) this.#wrong('altered', `${words} ${splitId(seen)} is`)
        else if (epoch === '' || finals[topic]?.epoch === epoch) this.#wrong('lost', `${words} nobody has anything`)
        else this.counts.forgotten++
      }
      for (const [number, kept, reason] of failed)
        if (kept === 'no') {
          this.counts.refused++
          if (this.#ids.has(idOf(index, number)))
            this.#wrong('altered', `${number} of node ${index} is there: ${reason}`)
        }
    }
  }

  /** Nobody knows whether they were taken: then all have them, or nobody. @param {readonly Account[]} accounts */
  reach(accounts) {
    const [first, ...more] = accounts.map(({ reach }) => reach)
    for (const [at, [id, have, of]] of (first ?? []).entries()) {
      const all = more.reduce((sum, reach) => sum + (reach[at]?.[2] ?? 0), of)
      const those = more.reduce((sum, reach) => sum + (reach[at]?.[1] ?? 0), have)
      this.counts.unknown++
      if (those > 0) this.counts.reached++
      if (those > 0 && those < all) this.#wrong('lost', `${splitId(id)} has reached ${those} of ${all}`, all - those)
    }
  }

  /** @param {string} life @param {number[]} ids */
  #merge(life, ids) {
    const known = this.#lives.get(life)
    if (known === undefined) this.#lives.set(life, ids)
    else
      for (const [offset, id] of ids.entries()) {
        known[offset] ??= id
        if (id && known[offset] !== id)
          this.#wrong('altered', `${splitId(id)} and another one are both ${offset} of ${life}`)
      }
  }

  /** Each once in a life of its topic, and those of a node in their order. */
  #count() {
    for (const [life, ids] of this.#lives) {
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
        this.#ids.add(id)
      }
    }
    this.sums.published = this.#ids.size
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
