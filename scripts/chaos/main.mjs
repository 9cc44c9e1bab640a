/** Faults on purpose, and counts of what they did: `npm run chaos -- resume --ops 100000 --json FILE`. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { chaosOfResume } from './resume.mjs'

const HELP = `npm run chaos -- resume [options]

Readers of topics with history, on real sockets, through a proxy that cuts connections at any byte and delays what it passes
on, while all of them and the server publish: does each see every publication once, in order, or is it told?

  --ops N      operations: publications, subscriptions, ends and cuts (100000)
  --seed N     the choices of another run
  --json FILE  writes the counts
Exit code 1 when anything was lost, doubled, out of order or altered.`

const OPTIONS = /** @type {const} */ ({
  allowPositionals: true,
  options: {
    ops: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** @param {string} name @param {string} text */
function whole(name, text) {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} takes a number from 1 to 999999999, not ${text}`)
  return Number(text)
}

function readOptions() {
  const { values, positionals } = parseArgs(OPTIONS)
  if (values.help) return undefined
  const [name, ...more] = positionals
  if (name !== 'resume' || more.length > 0)
    throw new Error(`there is the chaos "resume", and no "${positionals.join(' ')}"; see --help`)
  // A place that cannot be written to is known before, not after all of it.
  if (values.json !== undefined) writeFileSync(values.json, '')
  const seed = values.seed ?? String(1 + Math.floor(Math.random() * 999_999))
  return { ops: whole('ops', values.ops), seed: whole('seed', seed), json: values.json }
}

/** @param {number} share */
function progress(share) {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${'█'.repeat(share * 40).padEnd(40, '░')} ${Math.floor(share * 100)} %`)
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function run({ ops, seed, json }) {
  const { findings, ...counts } = await chaosOfResume({ ops, seed, progress })
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  for (const [name, count] of Object.entries(counts)) console.log(`${name.padEnd(16)}${count}`)
  for (const finding of findings) console.log(finding)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ...counts, findings }, null, 2)}\n`)
  const wrong = counts.lost + counts.doubled + counts.disordered + counts.altered
  console.log(
    wrong === 0 ? 'nothing was lost, doubled, out of order or altered' : `wrong: ${wrong}; again: --seed ${seed}`,
  )
  process.exitCode = wrong === 0 ? 0 : 1
}

try {
  const options = readOptions()
  if (options === undefined) console.log(HELP)
  else await run(options)
} catch (error) {
  console.error(`chaos: ${/** @type {Error} */ (error).message.split('. ')[0]}`)
  process.exitCode = 2
}
