/** Faults on purpose, and counts of what they did: `npm run chaos -- resume|kill|rolling|million`, with `--json FILE`. */
import { writeFileSync } from 'node:fs'
import { CHAOS, readOptions } from './options.mjs'

/** @param {number} share */
function progress(share) {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${'█'.repeat(share * 40).padEnd(40, '░')} ${Math.floor(share * 100)} %`)
}

/** @param {unknown} value */
const inWords = value => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** @param {{ name: import('./options.mjs').Name, how: { seed: number }, json?: string | undefined }} options */
async function run({ name, how, json }) {
  const {
    findings,
    events = [],
    ...counts
  } = /** @type {import('./options.mjs').Counts} */ (await CHAOS[name].run({ ...how, progress }))
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  for (const [name, count] of Object.entries(counts)) console.log(`${name.padEnd(16)}${inWords(count)}`)
  for (const line of [...events, ...findings]) console.log(line)
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ ...counts, ...(events.length > 0 && { events }), findings }, null, 2)}\n`)
  const wrong = counts.lost + counts.doubled + counts.disordered + counts.altered + (counts.grown ?? 0)
  console.log(
    wrong === 0 ? 'nothing was lost, doubled, out of order or altered' : `wrong: ${wrong}; again: --seed ${how.seed}`,
  )
  process.exitCode = wrong === 0 ? 0 : 1
}

try {
  const options = readOptions(process.argv.slice(2))
  if ('help' in options) console.log(options.help)
  else await run(options)
} catch (error) {
  console.error(`chaos: ${/** @type {Error} */ (error).message.split('. ')[0]}`)
  process.exitCode = 2
}
