/** Whether memory stayed flat: a verdict over samples, and how they look. */

/** @typedef {import('./server.mjs').Memory & { seconds: number }} Sample */
/** @typedef {'heapUsed' | 'external' | 'arrayBuffers' | 'rss'} Measure */
/** @typedef {{ measure: Measure, before: number, after: number, growth: number, slope: number, flat: boolean }} Finding */

const MIB = 1_048_576

/** What may be added between the second quarter and the last: a part, or so many bytes, whichever is more. */
const allowed = /** @type {Record<Measure, { part: number, bytes: number }>} */ ({
  heapUsed: { part: 0.05, bytes: 2 * MIB },
  external: { part: 0.05, bytes: 4 * MIB },
  arrayBuffers: { part: 0.05, bytes: 4 * MIB },
  // What the allocator of the system keeps in pieces is not given back, and settles late.
  rss: { part: 0.1, bytes: 24 * MIB },
})
const measures = /** @type {Measure[]} */ (Object.keys(allowed))

/**
 * The first quarter warms up. Grown is what the medians of the last quarter and of the second say, if the line through all
 * but the first says so too: traffic that comes in waves bends one of the two.
 * @param {readonly Sample[]} samples
 * @returns {Finding[]}
 */
export function judge(samples) {
  const quarter = Math.floor(samples.length / 4)
  return measures.map(measure => {
    const values = samples.map(sample => sample[measure])
    const before = median(values.slice(quarter, 2 * quarter))
    const after = median(values.slice(-quarter))
    const rest = samples.slice(quarter)
    const slope = slopeOf(rest, measure)
    const span = (rest.at(-1)?.seconds ?? 0) - (rest[0]?.seconds ?? 0)
    const { part, bytes } = allowed[measure]
    const room = Math.max(before * part, bytes)
    return {
      measure,
      before,
      after,
      growth: after - before,
      slope: slope * 3600,
      flat: Math.min(after - before, slope * span) <= room,
    }
  })
}

/** @param {readonly number[]} values */
const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Bytes in a second, by least squares. @param {readonly Sample[]} samples @param {Measure} measure */
function slopeOf(samples, measure) {
  const mean = /** @param {(sample: Sample) => number} of */ of =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length
  const [x, y] = [mean(one => one.seconds), mean(one => one[measure])]
  const up = mean(one => (one.seconds - x) * (one[measure] - y))
  const across = mean(one => (one.seconds - x) ** 2)
  return across === 0 ? 0 : up / across
}

/** @param {number} bytes */
const mib = bytes => (bytes / MIB).toFixed(1)

/** A line for each measure, with its course, and the verdict. @param {readonly Sample[]} samples */
export function describe(samples) {
  const findings = judge(samples)
  const lines = findings.map(({ measure, before, after, growth, slope, flat }) => {
    const course = spark(samples.map(sample => sample[measure]))
    const change = `${growth < 0 ? '' : '+'}${mib(growth)} MiB, ${slope < 0 ? '' : '+'}${mib(slope)} MiB/h`
    return `${measure.padEnd(12)} ${course} ${mib(before)} -> ${mib(after)} MiB (${change}) ${flat ? 'flat' : 'GROWS'}`
  })
  return { lines, flat: findings.every(({ flat }) => flat), findings }
}

/** The course of a figure in 40 characters. @param {readonly number[]} values */
function spark(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const columns = Math.min(40, values.length)
  const at = /** @param {number} column */ column => values[Math.floor((column * values.length) / columns)] ?? low
  return Array.from({ length: columns }, (_, column) => {
    const height = high === low ? 0 : Math.round(((at(column) - low) / (high - low)) * 7)
    return '▁▂▃▄▅▆▇█'[height]
  }).join('')
}
