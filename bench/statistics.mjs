/** Rounds become one figure with its spread, and figures become ratios. */

/** @typedef {import('./types.ts').Sample} Sample */
/** @typedef {import('./types.ts').Row} Row */
/** @typedef {import('./types.ts').Workload} Workload */

/** A load that is busier than this is what limits the throughput. */
const SATURATED = 0.9

/**
 * @param {readonly number[]} values
 * @returns {import('./types.ts').Spread}
 */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const median = sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, min: sorted[0], max: sorted[sorted.length - 1] }
}

/**
 * @param {readonly Sample[]} samples
 * @returns {Row['figures']}
 */
function figuresOf(samples) {
  const names = /** @type {import('./types.ts').Figure[]} */ ([...new Set(samples.flatMap(Object.keys))])
  return Object.fromEntries(names.map(name => [name, spread(samples.flatMap(sample => sample[name] ?? []))]))
}

/**
 * The rows of a workload, from the samples of each server.
 * @param {Workload} workload
 * @param {ReadonlyMap<string, { samples: readonly Sample[], error?: string }>} measured
 * @returns {Row[]}
 */
export function rowsOf({ main }, measured) {
  const rows = [...measured].map(([server, { samples, error }]) => {
    const figures = figuresOf(samples)
    const floor = (figures.loadBusy?.median ?? 0) > SATURATED
    return { server, figures, floor, ...(error !== undefined && { error }) }
  })
  const of = (/** @type {string} */ name) => rows.find(({ server }) => server === name)?.figures[main]?.median
  const [ws, uws] = [of('ws'), of('uws')]
  return rows.map(row => {
    const own = row.figures[main]?.median
    if (own === undefined) return row
    return { ...row, ...(ws && { toWs: own / ws }), ...(uws && { toUws: own / uws }) }
  })
}

/**
 * The targets with what was reached; without, where the workload was not measured.
 * @param {readonly import('./types.ts').Target[]} targets
 * @param {import('./types.ts').Results['workloads']} workloads
 */
export function judge(targets, workloads) {
  const find = (/** @type {string | undefined} */ workload) =>
    workloads.find(({ name }) => name === workload)?.rows.find(({ server }) => server === 'hotline')
  return targets.map(target => {
    const row = find(target.workload)
    const { memory } = row?.figures ?? {}
    const other = find(target.beside)?.figures.memory
    const itself = memory && other && memory.median / other.median
    const reached = { ws: row?.toWs, uws: row?.toUws, itself }[target.to]
    return reached === undefined ? target : { ...target, reached, met: reached <= target.atMost }
  })
}
