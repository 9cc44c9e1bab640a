/** The benchmark: hotline beside others in one run. `npm run bench -- --help` */
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeCertificate } from './certificate.mjs'
import { pinned } from './child.mjs'
import { clients, servers } from './contenders.mjs'
import { commit, machine, versions } from './machine.mjs'
import { measureAll } from './measure.mjs'
import { HELP, readOptions, UsageError } from './options.mjs'
import { planOf } from './plan.mjs'
import { aligned, cells } from './report/table.mjs'
import { judge } from './statistics.mjs'
import { targets, workloads } from './workloads.mjs'

async function main() {
  const options = readOptions(process.argv.slice(2))
  if (options.help) return console.log(HELP)
  if (options.list) return list()
  const plan = planOf(options)
  const certificate = await makeCertificate()
  const warmup = options.quick ? 0.2 : 0.4
  const settings = { rounds: options.rounds, seconds: options.seconds, warmup, tls: certificate }
  const names = new Map(plan.flatMap(({ contenders }) => contenders.map(each => [each.name, each.title])))
  const measured = await measureAll(plan, settings, {
    running: (what, left) => status(`${what}, ${minutes(left)} left`),
    finished(workload, rows) {
      status('')
      console.log(`\n${workload.title} (${workload.name})`)
      console.log(aligned(cells(workload, rows, name => names.get(name) ?? name)))
    },
  })
}

const minutes = (/** @type {number} */ seconds) =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`

/** What is going on, in the last line of a terminal; nothing where it is no terminal. */
function status(/** @type {string} */ text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

function list() {
  for (const { name, title, extra } of workloads) console.log(`${name.padEnd(24)} ${title}${extra ? ' (--all)' : ''}`)
  console.log(`\nservers: ${servers.map(({ name }) => name).join(', ')}`)
  console.log(`clients: ${clients.map(({ name }) => name).join(', ')}`)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`bench: ${error.message}`)
  process.exitCode = 2
}
