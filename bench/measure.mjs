/** All runs of a plan: round by round, the contenders in turn, another one first in each round. */
import { run } from './run.mjs'
import { rowsOf } from './statistics.mjs'

/** @typedef {import('./types.ts').Contender} Contender */
/** @typedef {import('./types.ts').Workload} Workload */
/** @typedef {import('./types.ts').Sample} Sample */

/**
 * @param {readonly { workload: Workload, contenders: readonly Contender[] }[]} plan
 * @param {import('./run.mjs').Settings & { rounds: number }} settings
 * @param {{ running(what: string, left: number): void, finished(workload: Workload, rows: import('./types.ts').Row[], left: number): void }} progress
 */
export async function measureAll(plan, settings, progress) {
  const clock = new Clock(plan, settings)
  const results = []
  for (const { workload, contenders } of plan) {
    /** @type {Map<string, { samples: Sample[], error?: string }>} */
    const measured = new Map(contenders.map(({ name }) => [name, { samples: [] }]))
    for (let round = 0; round < settings.rounds; round++) {
      for (const contender of rotated(contenders, round)) {
        const own = measured.get(contender.name)
        if (!own || own.error !== undefined) continue
        progress.running(`${workload.name}, round ${round + 1} of ${settings.rounds}: ${contender.name}`, clock.left())
        try {
          own.samples.push(await run(contender, workload, settings))
        } catch (error) {
          own.error = /** @type {Error} */ (error).message
        }
        clock.ran(workload)
      }
    }
    const rows = rowsOf(workload, measured)
    progress.finished(workload, rows, clock.left())
    results.push({ ...workload, rows })
  }
  return results
}

/** @type {<T>(list: readonly T[], by: number) => T[]} */
const rotated = (list, by) => [...list.slice(by % list.length), ...list.slice(0, by % list.length)]

/** How long it will take: each run its own time and what the runs before it took beyond theirs. */
class Clock {
  #settings
  #left = 0
  #ran = 0
  #start = performance.now()

  /**
   * @param {Parameters<typeof measureAll>[0]} plan
   * @param {Parameters<typeof measureAll>[1]} settings
   */
  constructor(plan, settings) {
    this.#settings = settings
    for (const { workload, contenders } of plan)
      this.#left += this.#weight(workload) * contenders.length * settings.rounds
  }

  /** Seconds that a run is thought to take. */
  #weight(/** @type {Workload} */ { connections }) {
    return this.#settings.warmup + this.#settings.seconds + 0.4 + connections / 4000
  }

  ran(/** @type {Workload} */ workload) {
    this.#left -= this.#weight(workload)
    this.#ran += this.#weight(workload)
  }

  /** Seconds that are left. */
  left() {
    const pace = this.#ran > 0 ? (performance.now() - this.#start) / 1000 / this.#ran : 1
    return this.#left * pace
  }
}
