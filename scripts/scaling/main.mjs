/**
 * `npm run scaling`: what one, two and four processes deliver over each backplane, how late, and what a delivery costs; beside
 * it Socket.IO with its Redis streams adapter, which is installed in bench/. Figures of this machine, whatever else it does.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measure } from './measure.mjs'
import { plots } from './plots.mjs'
import { head, median, row } from './table.mjs'

const HELP = `npm run scaling [-- options]

  --seconds N   each of two phases: at a steady rate, and as fast as it goes (5)
  --clients N   sockets that read the one topic, spread over the processes (200)
  --rate N      publications a second of the steady phase, by all processes together (50)
  --rounds N    each is measured so often, in turns, and the median counts (3)
  --only TEXT   those whose name has it
  --json FILE   writes the figures
  --write       writes docs/scaling.md, with its pictures and figures`

/** @typedef {import('./measure.mjs').Contender} Contender */
/** @typedef {Awaited<ReturnType<typeof measure>>} Figures */

/** @type {readonly (Contender & { counts: readonly number[] })[]} */
const CONTENDERS = [
  { name: 'hotline, alone', system: 'hotline', kind: 'memory', counts: [1] },
  { name: 'hotline, --workers', system: 'hotline', kind: 'cluster', counts: [1, 2, 4] },
  { name: 'hotline, Redis', system: 'hotline', kind: 'redis', counts: [1, 2, 4] },
  { name: 'hotline, NATS', system: 'hotline', kind: 'nats', counts: [1, 2, 4] },
  { name: 'Socket.IO, alone', system: 'socket.io', kind: 'memory', counts: [1] },
  { name: 'Socket.IO, Redis', system: 'socket.io', kind: 'redis', counts: [1, 2, 4] },
]

/** @param {string} path */
const inDocs = path => new URL(`../../docs/${path}`, import.meta.url)

function readOptions() {
  const text = { type: /** @type {const} */ ('string') }
  const flag = { type: /** @type {const} */ ('boolean'), default: false }
  const { values } = parseArgs({
    options: {
      seconds: text,
      clients: text,
      rate: text,
      rounds: text,
      only: text,
      json: text,
      write: flag,
      help: flag,
    },
  })
  /** @param {'seconds' | 'clients' | 'rate' | 'rounds'} name @param {number} otherwise */
  const whole = (name, otherwise) => {
    const given = values[name] ?? `${otherwise}`
    if (!/^[1-9]\d{0,4}$/.test(given)) throw new Error(`--${name} takes a number from 1 to 99999, not ${given}`)
    return Number(given)
  }
  const work = { seconds: whole('seconds', 5), clients: whole('clients', 200), rate: whole('rate', 50) }
  return { ...values, work, rounds: whole('rounds', 3) }
}

/** @param {ReturnType<typeof readOptions>} options */
async function run({ work, rounds, only = '', json, write }) {
  const chosen = CONTENDERS.filter(({ name }) => name.includes(only))
  if (chosen.length === 0) throw new Error(`no name has "${only}": ${CONTENDERS.map(({ name }) => name).join('; ')}`)
  if (
    chosen.some(({ system }) => system === 'socket.io') &&
    !existsSync(new URL('../../bench/node_modules/', import.meta.url))
  )
    throw new Error('Socket.IO is not installed: npm ci --prefix bench')
  const runs = chosen.flatMap(contender => contender.counts.map(count => ({ contender, count })))
  /** @type {Figures[][]} */
  const all = runs.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [at, { contender, count }] of runs.entries()) {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${round + 1} of ${rounds}: ${contender.name}, ${count}`)
      all[at]?.push(await measure(contender, count, work))
    }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  const figures = all.map(median)
  const lines = [head(work), ...figures.map(row)].join('\n')
  console.log(lines)
  const results = `${JSON.stringify({ node: process.version, work, rounds, figures, all }, null, 2)}\n`
  if (json !== undefined) writeFileSync(json, results)
  if (!write) return
  writeFileSync(inDocs('scaling/results.json'), results)
  for (const [name, svg] of Object.entries(plots(figures, work))) writeFileSync(inDocs(`scaling/${name}.svg`), svg)
  const page = readFileSync(inDocs('scaling.md'), 'utf8')
  const part = /(<!-- by npm run scaling -->\n)[\s\S]*?(<!-- end -->)/
  writeFileSync(
    inDocs('scaling.md'),
    page.replace(part, (_, begin, end) => `${begin}${lines}\n${end}`),
  )
}

try {
  const options = readOptions()
  if (options.help) console.log(HELP)
  else await run(options)
  // The relay of a cluster stays open.
  process.exit()
} catch (error) {
  console.error(`scaling: ${/** @type {Error} */ (error).message.split('. ')[0]}`)
  process.exit(2)
}
