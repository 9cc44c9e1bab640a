/**
 * A long run under mixed traffic, which ends with a verdict on memory: `npm run soak`. An hour at 2 000 connections if it is
 * not told else; `--minutes`, `--connections`, `--json FILE`. `--leak` keeps messages, to see that the verdict sees it.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describe } from './verdict.mjs'

/** @returns {{ minutes: string, connections: string, json?: string, leak: boolean }} */
function readOptions() {
  try {
    const { values } = parseArgs(OPTIONS)
    for (const name of /** @type {const} */ (['minutes', 'connections'])) {
      if (!(Number(values[name]) > 0)) throw new Error(`--${name} takes a number above 0, not ${values[name]}`)
    }
    return values
  } catch (error) {
    console.error(`soak: ${/** @type {Error} */ (error).message.split('. ')[0]}`)
    process.exit(2)
  }
}

const OPTIONS = /** @type {const} */ ({
  options: {
    minutes: { type: 'string', default: '60' },
    connections: { type: 'string', default: '2000' },
    json: { type: 'string' },
    leak: { type: 'boolean', default: false },
  },
})
const values = readOptions()
const seconds = Number(values.minutes) * 60
const SAMPLES = 120
const interval = Math.max(seconds / SAMPLES, 2)

/** @typedef {import('./verdict.mjs').Sample} Sample */
/** @type {Sample[]} */
const samples = []
/** @type {string[]} */
const faults = []

/** @param {string} name @param {string[]} args */
const start = (name, ...args) => fork(new URL(`./${name}.mjs`, import.meta.url), args, { execArgv: ['--expose-gc'] })

const server = start('server', ...(values.leak ? ['--leak'] : []))
const [{ port }] = await once(server, 'message')
const load = start('load', '--port', port, '--connections', values.connections)
const began = performance.now()
const elapsed = () => (performance.now() - began) / 1000

/** @param {import('node:child_process').ChildProcess} child */
async function ask(child, order = 'go on') {
  if (!child.connected) throw new Error('a process of the soak has ended by itself: see above')
  const answer = once(child, 'message')
  child.send(order)
  return (await answer)[0]
}

let stopped = false
process.once('SIGINT', () => {
  stopped = true
})
while (elapsed() < seconds && !stopped) {
  const next = elapsed() + interval
  await ask(load, 'rest')
  /** @type {import('./server.mjs').Memory} */
  const memory = await ask(server)
  await ask(load)
  faults.push(...memory.faults)
  samples.push({ seconds: elapsed(), ...memory })
  show()
  while (elapsed() < Math.min(next, seconds) && !stopped) await new Promise(resolve => setTimeout(resolve, 100))
}
finish(await ask(load))

/** On a terminal, how far it is. */
function show() {
  if (!process.stdout.isTTY) return
  const { sockets = 0, heapUsed = 0, rss = 0 } = samples.at(-1) ?? {}
  const part = Math.min(1, elapsed() / seconds)
  const bar = '█'.repeat(Math.round(part * 30)).padEnd(30, '░')
  const mib = /** @param {number} bytes */ bytes => `${(bytes / 1_048_576).toFixed(1)} MiB`
  process.stdout.write(
    `\r${bar} ${(part * 100).toFixed(0)} %  ${sockets} sockets, heap ${mib(heapUsed)}, rss ${mib(rss)}  `,
  )
}

/** @param {import('./load.mjs').Done} done */
function finish({ messages, connections, cuts }) {
  if (process.stdout.isTTY) process.stdout.write('\n')
  const { lines, flat, findings } = describe(samples)
  console.log(
    `${(elapsed() / 60).toFixed(1)} minutes, ${messages} sends, ${connections} connections, ${cuts} of them ended`,
  )
  for (const line of lines) console.log(line)
  for (const fault of new Set(faults)) console.log(`the server reported: ${fault}`)
  const good = flat && faults.length === 0
  console.log(good ? 'flat: memory did not grow' : flat ? 'faults: see above' : 'not flat: memory grew')
  if (values.json) {
    const run = { node: process.version, date: new Date().toISOString(), connections: Number(values.connections) }
    writeFileSync(values.json, `${JSON.stringify({ ...run, good, messages, findings, faults, samples }, null, 2)}\n`)
  }
  for (const child of [load, server]) child.disconnect()
  process.exitCode = good ? 0 : 1
}
