/** One node of several: a server with topics over a backplane, that publishes at a steady rate and tells what became of it. */
import { BackplaneError, serve } from 'hotline/server'
import { openBackplane } from './backplanes.mjs'
import { dataOf, idOf, topicFor, topicName } from './words.mjs'

/** @typedef {import('./words.mjs').FromNode} FromNode */
/** @typedef {import('./words.mjs').ToNode} ToNode */

/** Milliseconds between two turns of the publisher. */
const TURN = 10
/** Milliseconds that a drain may take, and over which it closes sockets. */
const DRAIN = { within: 10_000, spread: 2_000 }

/**
 * @param {import('./words.mjs').NodeSettings} settings
 * @param {(message: FromNode) => void} tell
 */
export async function runNode({ index, joined, topics, port, history, window }, tell) {
  const kept = { subscribe: true, history: { size: history, bytes: 64_000_000 } }
  const rules = { ...kept, replay: { size: 50_000, bytes: 64_000_000 }, maxPending: 50_000 }
  const server = await serve({
    port,
    backplane: await openBackplane(joined),
    topics: { 'chaos/*': { ...rules, slow: /** @type {const} */ ('drop-oldest') } },
    routes: { '/': { topics: true } },
    // What keeps the engine away is no fault of the node; all else is.
    report: error => tell(error instanceof BackplaneError ? { trouble: error.message } : { broken: String(error) }),
  })
  const publisher = new Publisher(server, { index, topics, window, tell })
  tell({ url: `${server.url}/` })
  return {
    /** @param {ToNode} message */
    async hear({ rate, vitals, drain }) {
      if (rate !== undefined) publisher.setRate(rate)
      if (vitals) tell({ vitals: vitalsOf(publisher) })
      if (drain) await end(DRAIN)
    },
    end,
  }

  /** @param {{ within: number, spread?: number }} how */
  async function end(how) {
    publisher.setRate(0)
    const drained = await server.close(how)
    await publisher.settled()
    tell({ drained })
  }
}

/** @param {Publisher} publisher */
function vitalsOf({ pending }) {
  const { user, system } = process.cpuUsage()
  return { cpu: (user + system) / 1000, memory: process.memoryUsage().rss, pending }
}

class Publisher {
  #server
  #settings
  #rate = 0
  #given = 0
  /** Those that are due, as a fraction too. */
  #due = 0
  #at = performance.now()
  pending = 0
  /** @type {import('./words.mjs').Stored[]} */
  #stored = []
  /** @type {import('./words.mjs').Failed[]} */
  #failed = []

  /**
   * @param {Awaited<ReturnType<typeof serve>>} server
   * @param {{ index: number, topics: number, window?: number | undefined, tell: (message: FromNode) => void }} settings
   */
  constructor(server, settings) {
    this.#server = server
    this.#settings = settings
    setInterval(() => this.#turn(), TURN).unref()
  }

  /** @param {number} rate publications a second from now on */
  setRate(rate) {
    this.#rate = rate
    this.#due = 0
    this.#at = performance.now()
  }

  /** Fulfilled when what became of all of them has been told. */
  async settled() {
    while (this.pending > 0) await new Promise(resolve => setTimeout(resolve, TURN))
    this.#report()
  }

  #turn() {
    const now = performance.now()
    this.#due += ((now - this.#at) * this.#rate) / 1000
    this.#at = now
    const room = (this.#settings.window ?? Number.POSITIVE_INFINITY) - this.pending
    const count = Math.min(Math.floor(this.#due), room)
    // What there was no room for is not made up for.
    this.#due %= 1
    // Before anything is given: what this process leaves unsaid when it is killed is known to have been given.
    if (count > 0) this.#settings.tell({ given: this.#given + count })
    for (let left = count; left > 0; left--) this.#publish(++this.#given)
    this.#report()
  }

  /** @param {number} number */
  #publish(number) {
    const { index, topics } = this.#settings
    const topic = topicFor(number, topics)
    this.pending++
    const { stored } = this.#server.publish(topicName(topic), dataOf(idOf(index, number)))
    stored?.then(
      place => {
        this.pending--
        this.#stored.push([number, topic, place?.epoch ?? '', place?.offset ?? 0])
      },
      error => {
        this.pending--
        this.#failed.push([number, error.kept ?? 'unknown', error.message])
      },
    )
  }

  #report() {
    const [stored, failed] = [this.#stored.splice(0), this.#failed.splice(0)]
    if (stored.length > 0 || failed.length > 0) this.#settings.tell({ stored, failed })
  }
}
