/** What is played: who reads how, and by which policy. */

/**
 * @typedef {object} Scene
 * @property {string} name
 * @property {'ages' | 'memory'} group - what it is played for: how old the data of slow readers is, or what stopped ones cost
 * @property {'hotline' | 'ws'} server - `ws` is a loop over its clients, as one writes it by hand
 * @property {number} fast - readers that read all there is
 * @property {number} slow - readers that do not
 * @property {number} pace - messages a second that a slow reader reads; 0: it has stopped
 * @property {import('hotline/server').SlowPolicy} policy
 * @property {number} every
 * @property {number} size - bytes of padding in a publication
 */

/** Publications a second, and of how many things they are. */
export const RATE = 1000
export const SYMBOLS = 50

const ages = /** @type {const} */ ({ group: 'ages', fast: 90, slow: 10, pace: RATE / 10, size: 40 })
const memory = /** @type {const} */ ({ group: 'memory', fast: 10, slow: 10, pace: 0, size: 4096 })
const hotline = /** @type {const} */ ({ server: 'hotline', policy: 'latest', every: 0 })

/** @type {readonly Scene[]} */
export const scenes = [
  { ...ages, ...hotline, name: 'nobody is slow', fast: 100, slow: 0, pace: 0 },
  { ...ages, ...hotline, name: 'latest' },
  { ...ages, ...hotline, name: 'latest, every 100 ms', every: 100 },
  { ...ages, ...hotline, name: 'ws, by hand', server: 'ws' },
  { ...memory, ...hotline, name: 'stopped, latest' },
  { ...memory, ...hotline, name: 'stopped, drop-oldest', policy: 'drop-oldest' },
  { ...memory, ...hotline, name: 'stopped, drop-oldest, every 100 ms', policy: 'drop-oldest', every: 100 },
  { ...memory, ...hotline, name: 'stopped, disconnect', policy: 'disconnect' },
  { ...memory, ...hotline, name: 'stopped, ws, by hand', server: 'ws' },
]

/**
 * How old the data of a slow reader is at most where machine and network take no time, in milliseconds: what is gathered
 * waits for `every`, or until there is news of its thing, and then a batch of one of each takes so long to be read.
 * @param {Scene} scene
 */
export const boundOf = ({ every, pace }) => Math.max(every, (SYMBOLS / RATE) * 1000) + (SYMBOLS / pace) * 1000
