/** A topic with a million publications, of which few are kept: does the memory of the nodes stay as it is, and that of the engine? */
import { Run } from './nodes/run.mjs'

/** @typedef {{ seconds: number, given: number, nodes: number[], engine: number }} Sample In MiB. */

/** Samples of a whole run. */
const SAMPLES = 100
/** What is flat may be so much above what it was before, in MiB: heaps breathe. */
const BREATH = 32
const SHARE = 1.25

/** @param {import('./nodes/run.mjs').How} how */
export async function chaosOfMillion(how) {
  const run = await Run.begin(how)
  const began = performance.now()
  /** @type {Sample[]} */
  const samples = []
  const acts = Array.from({ length: SAMPLES }, (_, at) => ({
    at: at / SAMPLES,
    what: async () => void samples.push(await sample(run, began)),
  }))
  try {
    await run.publish(acts)
    const series = [...(how.backplane === 'memory' ? [] : [engineOf]), ...nodesOf(samples)]
    const grown = series.map(of => growth(samples.map(of))).filter(({ isFlat }) => !isFlat)
    const memory = samples.filter((_, at) => at % 10 === 0)
    return { ...(await run.finish()), grown: grown.length, memory, samples: samples.length }
  } finally {
    await run.close()
  }
}

/** @param {Sample} sample */
const engineOf = ({ engine }) => engine

/** @param {readonly Sample[]} samples */
const nodesOf = samples =>
  (samples[0]?.nodes ?? []).map(
    (_, at) =>
      (/** @type {Sample} */ { nodes }) =>
        nodes[at] ?? 0,
  )

/** @param {Run} run @param {number} began @returns {Promise<Sample>} */
async function sample({ fleet, engine }, began) {
  return {
    seconds: Math.round((performance.now() - began) / 1000),
    given: fleet.given,
    nodes: fleet.nodes.map(({ vitals }) => inMiB(vitals.memory)),
    engine: inMiB((await engine?.used()) ?? 0),
  }
}

/** @param {number} bytes */
const inMiB = bytes => Math.round(bytes / 104_857.6) / 10

/** What it is at the end, beside what it was when all was warm. @param {readonly number[]} values */
function growth(values) {
  const part = values.length / 4
  const before = median(values.slice(part, 2 * part))
  const after = median(values.slice(3 * part))
  return { before, after, isFlat: after <= before * SHARE + BREATH }
}

/** @param {readonly number[]} values */
const median = values => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
