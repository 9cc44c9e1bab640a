/** Figures as rows of a table. */

/** @typedef {import('./main.mjs').Figures} Figures */

/** @param {import('./measure.mjs').Work} work */
export const head = ({
  rate,
  clients,
}) => `| | processes | deliveries a second | CPU for each, in µs: nodes + engine | at ${rate * clients} a second: p50, p99 in ms | CPU for each, in µs: nodes + engine |
|---|---|---|---|---|---|`

/** @param {Figures} figures */
export function row({ name, processes, steady, flood }) {
  const cells = [
    name,
    processes,
    flood.perSecond,
    `${flood.nodes} + ${flood.engine}`,
    `${steady.p50}, ${steady.p99}`,
    `${steady.nodes} + ${steady.engine}`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** Of each figure by itself. @param {readonly Figures[]} all @returns {Figures} */
export function median(all) {
  const [first] = all
  if (first === undefined) throw new Error('nothing was measured')
  /** @template {object} T @param {readonly T[]} those @returns {T} */
  const middle = those => {
    const fields = Object.keys(those[0] ?? {}).map(name => {
      const values = those.map(one => Number(one[/** @type {keyof T} */ (name)])).sort((a, b) => a - b)
      return [name, values[Math.floor(values.length / 2)]]
    })
    return Object.fromEntries(fields)
  }
  return { ...first, steady: middle(all.map(({ steady }) => steady)), flood: middle(all.map(({ flood }) => flood)) }
}
