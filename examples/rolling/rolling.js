/** Replaces three servers behind nginx, one after the other, while clients publish and read, and says what they saw of it. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Crowd } from './crowd.js'
import { freePorts, Node, startNats, startNginx, startRedis } from './processes.js'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '150' },
    rate: { type: 'string', default: '100' },
    spread: { type: 'string', default: '5' },
    /** What joins the servers: redis or nats, which is started; the URL of one that runs; or none, and only lines are measured. */
    backplane: { type: 'string', default: 'redis' },
    /** For programs: one line of JSON at the end. */
    json: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'rolling-'))
/** @type {(() => Promise<unknown>)[]} */
const ends = []
const begun = performance.eventLoopUtilization()

/** @param {string} text */
const say = text => values.json || console.log(text)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().finally(() => process.exit(1)))

async function stop() {
  for (const end of ends.splice(0).reverse()) await end()
  rmSync(folder, { recursive: true, force: true })
}

async function run() {
  const [port = 0, enginePort = 0, ...ports] = await freePorts(5)
  const backplane = await engine(values.backplane, enginePort)
  const isShared = backplane !== 'none'
  const settings = { SPREAD: values.spread, BACKPLANE: isShared ? backplane : '' }
  const nodes = await Promise.all(ports.map(one => new Node(one, settings).ready()))
  ends.push(() => Promise.all(nodes.map(node => node.child.stop('SIGKILL'))))
  const nginx = await startNginx(port, ports, folder)
  ends.push(() => nginx.stop())

  const crowd = new Crowd(`ws://127.0.0.1:${port}/topics`, Number(values.clients))
  ends.push(() => crowd.close())
  await crowd.ready()
  if (isShared) crowd.publish(Number(values.rate))
  say(`${values.clients} clients, ${isShared ? values.rate : 'no'} publications a second\n`)
  await setTimeout(1_000)

  say('node   lines   closed  left  cut  refused  drained in  ready again after')
  const replaced = []
  for (const [index, node] of nodes.entries()) {
    const { report, lines, seconds, next } = await replace(node, settings)
    nodes[index] = next
    replaced.push({ lines, ...report, replacement: seconds })
    const cells = [lines, report.closed, report.left, report.terminated, report.refused]
    const widths = [5, 9, 6, 5, 9]
    const row = cells.map((cell, column) => `${cell}`.padStart(widths[column] ?? 0)).join('')
    say(
      `${index + 1}    ${row}  ${`${report.seconds.toFixed(1)} s`.padStart(10)}  ${`${seconds.toFixed(1)} s`.padStart(17)}`,
    )
  }
  await crowd.settle()
  await tell(crowd, nodes, replaced)
}

/** The URL of what joins the servers; starts it if need be. @param {string} wanted @param {number} port */
async function engine(wanted, port) {
  if (wanted !== 'redis' && wanted !== 'nats') return wanted
  const start = wanted === 'redis' ? startRedis : startNats
  const child = await start(port, folder)
  ends.push(() => child.stop())
  return `${wanted}://127.0.0.1:${port}`
}

/** Ends a node and starts another in its place. @param {Node} node @param {Record<string, string>} settings */
async function replace(node, settings) {
  const { sockets: lines } = await node.health()
  const start = performance.now()
  const report = await node.drain()
  const next = await new Node(node.port, settings).ready()
  const seconds = (performance.now() - start) / 1000
  // Those that were closed last are on their way.
  await setTimeout(1_000)
  return { report, lines, seconds, next }
}

/** @param {Crowd} crowd @param {readonly Node[]} nodes @param {readonly object[]} replaced */
async function tell(crowd, nodes, replaced) {
  const counts = crowd.counts()
  const { longest, median } = crowd.without()
  const busy = performance.eventLoopUtilization(begun).utilization
  const lines = await Promise.all(nodes.map(async node => (await node.health()).sockets))
  const wrong = counts.lost + counts.doubled + counts.disordered + counts.passed + counts.unrecovered
  process.exitCode = wrong === 0 ? 0 : 1
  const reasons = crowd.reasons()
  if (values.json)
    return void console.log(JSON.stringify({ ...counts, reasons, longest, median, busy, lines, replaced }))
  say('')
  for (const [name, count] of Object.entries(counts)) say(`${name.padEnd(14)}${count}`)
  for (const [name, count] of Object.entries(reasons)) say(`  because of ${name}: ${count}`)
  say(
    `\nwithout a line: ${(longest / 1000).toFixed(2)} s at the longest, ${(median / 1000).toFixed(2)} s for half of the clients`,
  )
  say(`lines of each node now: ${lines.join(', ')}`)
  say(`the one process of all clients was busy for ${Math.round(busy * 100)} % of the time`)
}

try {
  await run()
} catch (error) {
  console.error(`rolling: ${/** @type {Error} */ (error).message}`)
  process.exitCode = 2
} finally {
  await stop()
}
