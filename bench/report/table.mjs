/** A workload as lines of text. */

/** @typedef {import('../types.ts').Row} Row */
/** @typedef {import('../types.ts').Spread} Spread */

/** Three digits that count. */
export function digits(/** @type {number} */ value) {
  if (value >= 100) return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ')
  return value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3)
}

const ratio = (/** @type {number | undefined} */ value) => value?.toFixed(value >= 10 ? 1 : value >= 0.1 ? 2 : 3) ?? '-'
const some = (/** @type {Spread | undefined} */ value, scale = 1) => (value ? digits(value.median * scale) : '-')
const range = (/** @type {Spread | undefined} */ value, scale = 1) =>
  value ? `${digits(value.min * scale)}..${digits(value.max * scale)}` : '-'
const percent = (/** @type {Spread | undefined} */ value) => (value ? `${Math.round(value.median * 100)} %` : '-')

/** @type {readonly [string, (row: Row) => string][]} */
const cpuColumns = [
  ['CPU µs', ({ figures }) => some(figures.cpu)],
  ['min..max', ({ figures }) => range(figures.cpu)],
  ['user', ({ figures }) => some(figures.user)],
  ['system', ({ figures }) => some(figures.system)],
  ['to ws', ({ toWs }) => ratio(toWs)],
  ['to uWS', ({ toUws }) => ratio(toUws)],
  ['per second', ({ figures, floor }) => (floor ? '≥ ' : '') + some(figures.perSecond)],
  ['p50 ms', ({ figures }) => some(figures.p50, 1e-3)],
  ['p99 ms', ({ figures }) => some(figures.p99, 1e-3)],
  ['p99.9 ms', ({ figures }) => some(figures.p999, 1e-3)],
  ['core', ({ figures }) => percent(figures.busy)],
  ['other end', ({ figures }) => percent(figures.loadBusy)],
  ['answer B', ({ figures }) => some(figures.answer)],
]

/** @type {typeof cpuColumns} */
const memoryColumns = [
  ['KiB each', ({ figures }) => some(figures.memory, 1 / 1024)],
  ['min..max', ({ figures }) => range(figures.memory, 1 / 1024)],
  ['to ws', ({ toWs }) => ratio(toWs)],
  ['to uWS', ({ toUws }) => ratio(toUws)],
]

/**
 * The cells of a workload, its head first; columns that say nothing are left out.
 * @param {import('../types.ts').Workload} workload
 * @param {readonly Row[]} rows
 * @param {(server: string) => string} titleOf
 */
export function cells({ main }, rows, titleOf) {
  const columns = main === 'cpu' ? cpuColumns : memoryColumns
  const used = columns.filter(([, show]) => rows.some(row => show(row) !== '-'))
  const lines = rows.map(row => [titleOf(row.server), ...used.map(([, show]) => show(row))])
  return [['', ...used.map(([head]) => head)], ...lines]
}

/**
 * A sentence for each server that failed.
 * @param {readonly Row[]} rows
 * @param {(server: string) => string} titleOf
 */
export const failures = (rows, titleOf) =>
  rows.flatMap(({ server, error }) => (error === undefined ? [] : `${titleOf(server)} failed: ${error}`))

/**
 * The cells of the table of targets.
 * @param {readonly import('../types.ts').Target[]} targets
 */
export function targetCells(targets) {
  const names = { ws: 'ws', uws: 'uWebSockets.js', itself: 'hotline without' }
  const lines = targets.map(({ title, to, atMost, reached, met }) => {
    const verdict = met === undefined ? 'not measured' : met ? 'reached' : 'missed'
    return [title, names[to], atMost.toFixed(2), ratio(reached), verdict]
  })
  return [['target', 'ratio to', 'at most', 'measured', ''], ...lines]
}

/**
 * Columns of one width, the first to the left.
 * @param {readonly (readonly string[])[]} lines
 */
export function aligned(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map(line => line[column].length)))
  const pad = (/** @type {string} */ cell, /** @type {number} */ column) =>
    column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
  return lines.map(line => line.map(pad).join('  ').trimEnd()).join('\n')
}

/**
 * As Markdown.
 * @param {readonly (readonly string[])[]} lines
 */
export function markdown([head, ...lines]) {
  const row = (/** @type {readonly string[]} */ line) => `| ${line.join(' | ')} |`
  return [row(head), `|---${'|--:'.repeat(head.length - 1)}|`, ...lines.map(row)].join('\n')
}
