/** What the harness, the nodes and the readers say to each other, and what is published. */

/** @typedef {'memory' | 'cluster' | 'redis' | 'nats'} Kind */
/** @typedef {{ kind: Kind, url?: string | undefined }} Joined */
/** With `window`, no more than so many of its publications are under way. */
/** @typedef {{ index: number, joined: Joined, topics: number, port: number, history: number, window?: number }} NodeSettings */
/** A publication of a node, by its number, with its topic and its place; '' for an epoch that was not told. */
/** @typedef {[number: number, topic: number, epoch: string, offset: number]} Stored */
/** @typedef {[number: number, kept: string, reason: string]} Failed */
/** @typedef {{ closed?: number, terminated?: number, seconds?: number }} Drained */
/** @typedef {{ cpu: number, memory: number, pending: number }} Vitals */

/** What the harness tells a node. @typedef {{ rate?: number, vitals?: true, drain?: true }} ToNode */
/**
 * What a node tells: its URL, how many it has given to the server, before it does so, and what became of them.
 * @typedef {{ url?: string, given?: number, stored?: Stored[], failed?: Failed[], vitals?: Vitals, drained?: Drained,
 *   broken?: string }} FromNode
 */

/** A place in a topic. @typedef {{ epoch: string, offset: number }} Place */
/** What stands at each offset of a life of a topic. @typedef {{ topic: number, epoch: string, ids: number[] }} Life */
/** The newest place of each topic, and all that anybody knows. @typedef {{ finals: [topic: number, place: Place][], lives: Life[] }} Judgement */
/** @typedef {{ urls?: string[], report?: true, judge?: Judgement }} ToReaders */
/** For each topic where the readers are: the same place for all, or undefined. @typedef {(Place | undefined)[]} Places */
/** @typedef {{ subscribed: number, open: number, delivered: number, places: Places }} Standing */
/**
 * @typedef {{ sums: import('./reading.mjs').Sums, findings: string[], codes: Record<string, number>, told: string[], away: number[],
 *   notices: Record<string, number>, attempts: number }} Account
 */
/** @typedef {{ standing?: Standing, lives?: Life[], account?: Account, broken?: string }} FromReaders */

/** Numbers of one node, among those of all. */
const OF_ONE = 10_000_000

/** What names a publication everywhere. @param {number} node @param {number} number from 1 on */
export const idOf = (node, number) => node * OF_ONE + number

/** @param {number} id @returns {[node: number, number: number]} */
export const splitId = id => [Math.floor(id / OF_ONE), id % OF_ONE]

/** @param {number} topic */
export const topicName = topic => `chaos/${topic}`

/** @param {string} name */
export const topicOf = name => Number(name.slice('chaos/'.length))

/** Which topic a publication goes to. @param {number} number @param {number} topics */
export const topicFor = (number, topics) => number % topics

/** Something that only follows from the id: data that is not the whole of one publication is seen. @param {number} id */
const sealOf = id => (Math.imul(id ^ (id >>> 15), 0x2c1b3c6d) >>> 0).toString(36)

/** @param {number} id */
export const dataOf = id => ({ id, seal: sealOf(id) })

/** The id of what came, or undefined when it is nothing that was published. @param {unknown} data */
export function idIn(data) {
  if (typeof data !== 'object' || data === null) return undefined
  const { id, seal } = /** @type {{ id?: unknown, seal?: unknown }} */ (data)
  return Number.isSafeInteger(id) && seal === sealOf(/** @type {number} */ (id))
    ? /** @type {number} */ (id)
    : undefined
}
