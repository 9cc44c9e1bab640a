/** A run: an engine, nodes that publish, readers, what is done to them in the middle, and the account of it all. */
import { Audit, areThere, longest, newestPlaces, unknownOf } from './audit.mjs'
import { Crowd } from './crowd.mjs'
import { Engine, Way } from './engines.mjs'
import { Fleet } from './fleet.mjs'

/** @typedef {import('./words.mjs').Kind} Kind */
/**
 * @typedef {{ backplane: Kind, persistence: import('./engines.mjs').Persistence, nodes: number, clients: number, topics: number,
 *   publications: number, rate: number, seed: number, history?: number, window?: number, way?: number, progress?: (share: number) => void }} How
 */
/** What is done at a share of the publications. @typedef {{ at: number, what: (run: Run) => Promise<void> }} Act */

/** Milliseconds in which all readers must have begun, and in which all must have come at the end. */
const PATIENCE = 60_000
/** Milliseconds between two looks, and for which all must stay where it is before it counts as over. */
const LOOK = 100
const STILL = 1_500

/** @param {number} ms */
export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/** @param {readonly Record<string, number>[]} all */
function addUp(all) {
  /** @type {Record<string, number>} */
  const sums = {}
  for (const one of all) for (const [name, count] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + count
  return sums
}

export class Run {
  how
  fleet
  /** @type {Engine | undefined} */
  engine
  /** The way of the first node to the engine. @type {Way | undefined} */
  way
  /** @type {Crowd} */
  crowd
  /** What happened when, in words, for those who read the counts. @type {string[]} */
  events = []
  #began = performance.now()

  /** @param {How} how @param {Fleet} fleet @param {Crowd} crowd @param {Engine | undefined} engine @param {Way | undefined} way */
  constructor(how, fleet, crowd, engine, way) {
    this.how = how
    this.fleet = fleet
    this.crowd = crowd
    this.engine = engine
    this.way = way
  }

  /** @param {How} how */
  static async begin(how) {
    const {
      backplane,
      persistence,
      nodes,
      clients,
      topics,
      publications,
      history = publications,
      window,
      way: length = 15,
    } = how
    const isOutside = backplane === 'redis' || backplane === 'nats'
    const engine = isOutside ? await Engine.start(backplane, persistence) : undefined
    const way = engine && (await Way.open(engine.port, length))
    const fleet = new Fleet({ kind: backplane, topics, history, ...(window && { window }) })
    // The first one goes by the way that can be cut.
    for (let at = 0; at < nodes; at++) await fleet.add(at === 0 ? engine?.url(way?.port) : engine?.url())
    const crowd = new Crowd({ clients, topics, urls: fleet.urls })
    const run = new Run(how, fleet, crowd, engine, way)
    if (!(await run.until(() => crowd.areSubscribed, PATIENCE))) throw new Error('not all readers could subscribe')
    return run
  }

  /** @param {string} words */
  note(words) {
    this.events.push(`${((performance.now() - this.#began) / 1000).toFixed(1)} s: ${words}`)
  }

  /** One more node. */
  async grow() {
    const node = await this.fleet.add(this.engine?.url())
    this.spread()
    return node
  }

  /** The nodes that are there share what is published, and the readers know which there are. */
  spread() {
    this.crowd.move(this.fleet.urls)
    this.fleet.setRate(this.how.rate)
  }

  /** Publishes all, and does on the way what is to be done. @param {readonly Act[]} acts */
  async publish(acts) {
    const { publications, progress = () => {} } = this.how
    const left = [...acts].sort((one, other) => one.at - other.at)
    /** @type {Promise<void>[]} */
    const doing = []
    this.fleet.setRate(this.how.rate)
    while (this.fleet.given < publications) {
      await sleep(LOOK)
      const share = this.fleet.given / publications
      progress(Math.min(1, share))
      while (left[0] !== undefined && left[0].at <= share) doing.push(left.shift()?.what(this) ?? Promise.resolve())
      if (this.fleet.alive.length === 0) throw new Error('all nodes are gone')
    }
    await Promise.all(doing)
    this.fleet.setRate(0)
  }

  /** Waits for the last ones, judges, and ends it all. */
  async finish() {
    const { fleet, crowd, how } = this
    let since = performance.now()
    let last = ''
    const isOver = () => {
      const isThere =
        fleet.nodes.every(node => node.isSettled) && areThere(fleet.nodes, how.topics, topic => crowd.placeOf(topic))
      const now = `${isThere} ${crowd.delivered}`
      if (now !== last) since = performance.now()
      last = now
      return isThere && performance.now() - since > STILL
    }
    if (!(await this.until(isOver, PATIENCE))) this.note('not all has come in the end')
    const audit = new Audit(await crowd.lives())
    const finals = newestPlaces(fleet.nodes, how.topics).map((place, topic) => place ?? crowd.placeOf(topic))
    audit.compare(fleet.nodes, finals)
    audit.reach(unknownOf(fleet.nodes))
    const known = finals.flatMap((place, topic) =>
      place === undefined ? [] : [/** @type {[number, typeof place]} */ ([topic, place])],
    )
    const accounts = await crowd.judge({ finals: known, lives: audit.lives })
    audit.take(accounts, how.clients)
    for (const topic of finals.keys()) if (crowd.placeOf(topic) === undefined) audit.parted(topic)
    return this.#sumUp(audit, accounts)
  }

  /** @param {() => boolean} condition @param {number} patience */
  async until(condition, patience) {
    const end = performance.now() + patience
    while (!condition()) {
      if (performance.now() > end) return false
      await sleep(LOOK)
    }
    return true
  }

  async close() {
    await this.crowd.close()
    await this.fleet.close()
    await this.way?.close()
    await this.engine?.close()
  }

  /** @param {Audit} audit @param {readonly import('./words.mjs').Account[]} accounts */
  #sumUp(audit, accounts) {
    const { backplane, persistence, nodes, clients, topics, rate, seed } = this.how
    const away = accounts.flatMap(account => account.away)
    const notices = addUp(accounts.map(account => account.notices))
    return {
      backplane,
      ...(this.engine && { persistence }),
      seed,
      nodes,
      clients,
      topics,
      rate,
      ...audit.sums,
      ...audit.counts,
      comings: away.length,
      longestAway: Math.round(longest(away)),
      interrupted: notices['interrupted'] ?? 0,
      restored: notices['restored'] ?? 0,
      codes: addUp(accounts.map(account => account.codes)),
      seconds: Math.round((performance.now() - this.#began) / 100) / 10,
      events: this.events,
      told: accounts.flatMap(({ told }) => told).slice(0, 20),
      findings: [
        ...audit.findings,
        ...this.fleet.nodes.flatMap(({ index, broken }) => broken.map(words => `node ${index}: ${words}`)),
      ].slice(0, 40),
    }
  }
}
