/** The benchmark: hotline beside others in one run. `npm run bench -- --help` */
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeCertificate } from './certificate.mjs'
import { pinned } from './child.mjs'
import { clients, servers } from './contenders.mjs'
import { commit, machine, versions } from './machine.mjs'
import { measureAll } from './measure.mjs'
import { HELP, readOptions, UsageError } from './options.mjs'
import { planOf, possible } from './plan.mjs'
import { aligned, cells, failures, targetCells } from './report/table.mjs'
import { judge } from './statistics.mjs'
import { targets, workloads } from './workloads.mjs'

/** @typedef {ReturnType<typeof planOf>} Plan */

/**
 * Reads the options, measures, prints, writes. Sets the exit code: 1 when a server failed, 2 when the options are wrong.
 * @param {string[]} args
 * @param {() => void} prepare is called before anything runs, once the options are known to be right
 */
export async function main(args, prepare) {
  try {
    const options = readOptions(args)
    if (options.help) return console.log(HELP)
    if (options.list) return list()
    const plan = planOf(options)
    prepare()
    await bench(options, possible(plan, note))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`bench: ${error.message}`)
    process.exitCode = 2
  }
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {Plan} plan
 */
async function bench(options, plan) {
  const { quick, rounds, seconds } = options
  const contenders = plan.flatMap(each => each.contenders)
  const titles = new Map(contenders.map(({ name, title }) => [name, title]))
  const titleOf = (/** @type {string} */ name) => titles.get(name) ?? name
  const measured = await measureAndPrint(options, plan, titleOf)
  const judged = judge(targets, measured)
  const told = judged.filter(({ met }) => met !== undefined)
  if (told.length > 0) console.log(`\n${aligned(targetCells(told))}`)
  const directory = whereTo(options)
  if (directory) {
    // Only here, since the library of plots is large.
    const { write } = await import('./report/write.mjs')
    const taken = { date: new Date().toISOString(), provisional: quick, machine: machine(), commit: commit() }
    const how = { versions: versions(contenders), rounds, seconds, pinned }
    write({ ...taken, ...how, workloads: measured, targets: judged }, directory, titleOf)
    note(`written to ${directory}`)
  }
  if (measured.some(({ rows }) => rows.some(({ error }) => error !== undefined))) process.exitCode = 1
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {Plan} plan
 * @param {(server: string) => string} titleOf
 */
async function measureAndPrint({ quick, rounds, seconds }, plan, titleOf) {
  if (!pinned) note('server and load share the cores: there are not two, or there is no taskset')
  const { remove, ...tls } = await makeCertificate()
  try {
    const settings = { rounds, seconds, warmup: quick ? 0.2 : 0.3, tls }
    return await measureAll(plan, settings, {
      running: (what, left) => status(`${what}; ${minutes(left)} left`),
      finished(workload, rows, left) {
        status('')
        console.log(`\n${workload.title} (${workload.name})`)
        console.log([aligned(cells(workload, rows, titleOf)), ...failures(rows, titleOf)].join('\n'))
        const starved = rows.filter(isStarved).map(({ server }) => titleOf(server))
        if (starved.length > 0)
          note(
            `${starved.join(', ')}: neither end was busy; something else used the machine, so do not trust these rows`,
          )
        if (left > 0) note(`${minutes(left)} left`)
      },
    })
  } finally {
    remove()
  }
}

/** In a closed loop one of the two ends is always busy, unless it waits for its core. */
const isStarved = (/** @type {import('./types.ts').Row} */ { figures: { busy, loadBusy } }) =>
  busy !== undefined && loadBusy !== undefined && busy.median + loadBusy.median < 0.7

/** A run of a part leaves the figures of the whole alone, unless it is told where to write. */
function whereTo(/** @type {ReturnType<typeof readOptions>} */ { out, write, only, servers, hotline }) {
  if (out !== undefined) return resolve(process.env['INIT_CWD'] ?? '.', out)
  const part = only !== undefined || servers !== undefined || hotline.length > 0
  return write && !part ? join(import.meta.dirname, '../docs/benchmarks') : undefined
}

const minutes = (/** @type {number} */ seconds) =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`

/** What is going on, in the last line of a terminal; nothing where it is no terminal. */
function status(/** @type {string} */ text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

/** What is no figure goes to standard error. */
const note = (/** @type {string} */ text) => console.error(`bench: ${text}`)

function list() {
  for (const { name, title, extra } of workloads) console.log(`${name.padEnd(24)} ${title}${extra ? ' (--all)' : ''}`)
  console.log(`\nservers: ${servers.map(({ name }) => name).join(', ')}`)
  console.log(`clients: ${clients.map(({ name }) => name).join(', ')}`)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2), () => {})
