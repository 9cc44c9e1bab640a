/** The readers of a run, in processes of their own. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./words.mjs').FromReaders} FromReaders */
/** @typedef {import('./words.mjs').ToReaders} ToReaders */
/** @typedef {import('./words.mjs').Account} Account */
/** @typedef {import('./words.mjs').Life} Life */

const PROGRAM = fileURLToPath(new URL('readers.mjs', import.meta.url))

class Load {
  #child
  /** @type {import('./words.mjs').Standing} */
  standing = { subscribed: 0, open: 0, delivered: 0, places: [] }
  /** @type {(answer: FromReaders) => void} */
  #settle = () => {}

  /** @param {{ first: number, count: number, topics: number, urls: string[] }} settings */
  constructor(settings) {
    this.#child = fork(PROGRAM, [JSON.stringify(settings)], { serialization: 'advanced' })
    this.#child.on('message', message => {
      const answer = /** @type {{ chaos: FromReaders }} */ (message).chaos
      this.standing = answer.standing ?? this.standing
      if (answer.standing === undefined) this.#settle(answer)
    })
  }

  /** @param {ToReaders} message */
  tell(message) {
    this.#child.send({ chaos: message })
  }

  /** @param {ToReaders} message @returns {Promise<FromReaders>} */
  async ask(message) {
    const gone = once(this.#child, 'exit').then(() => {
      throw new Error('a process of readers ended')
    })
    gone.catch(() => {})
    const answer = new Promise(resolve => {
      this.#settle = resolve
    })
    this.tell(message)
    return Promise.race([answer, gone])
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

export class Crowd {
  #count
  /** @type {Load[]} */
  #loads = []

  /** @param {{ clients: number, topics: number, urls: string[], processes?: number }} settings */
  constructor({ clients, topics, urls, processes = 2 }) {
    this.#count = clients
    const share = Math.ceil(clients / processes)
    for (let first = 0; first < clients; first += share)
      this.#loads.push(new Load({ first, count: Math.min(share, clients - first), topics, urls }))
  }

  /** Which nodes there are, from now on. @param {string[]} urls */
  move(urls) {
    for (const load of this.#loads) load.tell({ urls })
  }

  get areSubscribed() {
    return this.#sum('subscribed') === this.#count
  }

  get open() {
    return this.#sum('open')
  }

  get delivered() {
    return this.#sum('delivered')
  }

  /** The place in a topic that all readers have, if they have one. @param {number} topic */
  placeOf(topic) {
    const [first, ...more] = this.#loads.map(({ standing }) => standing.places[topic])
    return more.every(place => place?.epoch === first?.epoch && place?.offset === first?.offset) ? first : undefined
  }

  /** What readers saw where, for each process of them. @returns {Promise<Life[][]>} */
  async lives() {
    const answers = await Promise.all(this.#loads.map(load => load.ask({ report: true })))
    return answers.map(({ lives = [] }) => lives)
  }

  /** @param {import('./words.mjs').Judgement} judgement */
  async judge(judgement) {
    const answers = await Promise.all(this.#loads.map(load => load.ask({ judge: judgement })))
    return answers.map(({ account }) => /** @type {Account} */ (account))
  }

  async close() {
    await Promise.all(this.#loads.map(load => load.close()))
  }

  /** @param {'subscribed' | 'open' | 'delivered'} what */
  #sum(what) {
    return this.#loads.reduce((sum, { standing }) => sum + standing[what], 0)
  }
}
