/**
 * The load of the benchmark held against `hotline bench`, on the same server in turns: `node bench/check.mjs`. What a message
 * costs the server is to be the same, whoever sends it; and the busy end is to be the server's.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pinned } from './child.mjs'
import { servers } from './contenders.mjs'
import { cpuOf } from './process.mjs'
import { aligned } from './report/table.mjs'
import { run, startServer } from './run.mjs'
import { spread } from './statistics.mjs'
import { workloads } from './workloads.mjs'

const ROUNDS = 3
const SECONDS = 2
const command = join(import.meta.dirname, '../packages/cli/bin/hotline.js')

/** @typedef {import('./types.ts').Workload} Workload */
/** @typedef {import('./types.ts').Contender} Contender */
/** @typedef {{ cpu: number, perSecond: number }} Figures CPU of the server in microseconds for each message. */

/** @type {(contender: Contender, workload: Workload) => Promise<Figures>} */
async function byLoad(contender, workload) {
  const { cpu = 0, perSecond = 0 } = await run(contender, workload, {
    warmup: 0.5,
    seconds: SECONDS,
    tls: { key: '', cert: '' },
  })
  return { cpu, perSecond }
}

/** @type {(contender: Contender, workload: Workload) => Promise<Figures>} */
async function byCommand(contender, workload) {
  const server = startServer(contender, workload, { key: '', cert: '' }, 'measured')
  try {
    const { port, pid } = await server.said
    await bench(port, workload, 0.5)
    const before = cpuOf(pid)
    const { totals, messagesPerSecond } = await bench(port, workload, SECONDS)
    const after = cpuOf(pid)
    const cpu = (after.user + after.system - before.user - before.system) / totals.answered
    return { cpu, perSecond: messagesPerSecond }
  } finally {
    await server.stop()
  }
}

/** @type {(port: number, workload: Workload, seconds: number) => Promise<any>} */
async function bench(port, { connections, inFlight, message }, seconds) {
  const options = ['--connections', connections, '--pipeline', inFlight, '--size', message.size, '--duration', seconds]
  const line = [process.execPath, command, 'bench', `ws://127.0.0.1:${port}/`, ...options.map(String)]
  const [file, ...args] = [...(pinned ? ['taskset', '-c', '1'] : []), ...line, '--warmup', '0', '--json', '-']
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  await once(child, 'close')
  return JSON.parse(said)
}

const contender = /** @type {Contender} */ (servers.find(({ name }) => name === 'hotline'))
const rows = [['', 'by', 'CPU µs', 'per second']]
for (const name of ['echo-20-text-1', 'echo-20-text-32']) {
  const workload = /** @type {Workload} */ (workloads.find(one => one.name === name))
  /** @type {Record<string, Figures[]>} */
  const figures = { 'the load of bench/': [], 'hotline bench': [] }
  for (let round = 0; round < ROUNDS; round++) {
    figures['the load of bench/']?.push(await byLoad(contender, workload))
    figures['hotline bench']?.push(await byCommand(contender, workload))
  }
  for (const [by, all] of Object.entries(figures)) {
    const [cpu, perSecond] = [spread(all.map(one => one.cpu)).median, spread(all.map(one => one.perSecond)).median]
    rows.push([workload.title, by, cpu.toFixed(2), Math.round(perSecond).toLocaleString('en').replaceAll(',', ' ')])
  }
}
console.log(aligned(rows))
