/** What is run, from what was asked. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { clients, fromCheckout, isInstalled, servers } from './contenders.mjs'
import { UsageError } from './options.mjs'
import { lacks } from './run.mjs'
import { targets, workloads } from './workloads.mjs'

/** @typedef {ReturnType<typeof import('./options.mjs').readOptions>} Options */

/** Whom a quick run measures: those of the targets, and the control. */
const QUICK = ['hotline', 'hotline-public', 'ws', 'uws', 'net']

/**
 * The workloads, each with those who take part in it.
 * @param {Options} options
 */
export function planOf(options) {
  const checkouts = options.hotline.map(built)
  const all = {
    servers: [...checkouts.map(each => each.server), ...servers],
    clients: [...checkouts.map(each => each.client), ...clients],
  }
  const chosen = choose(options, [...all.servers, ...all.clients])
  const plan = chosenWorkloads(options).map(workload => {
    const contenders = workload.kind === 'clients' ? all.clients : all.servers
    return {
      workload,
      contenders: contenders.filter(each => chosen(each) && !lacks(each, workload)),
    }
  })
  return plan.filter(({ contenders }) => contenders.length > 0)
}

/**
 * The part of a plan that this machine can run; what it cannot is noted.
 * @param {ReturnType<typeof planOf>} plan
 * @param {(text: string) => void} note
 */
export function possible(plan, note) {
  const missing = new Set(plan.flatMap(each => each.contenders.filter(one => !isInstalled(one)).map(one => one.name)))
  if (missing.size > 0) note(`not installed, so not measured: ${[...missing].join(', ')}`)
  const files = openFiles()
  return plan.flatMap(({ workload, contenders }) => {
    const installed = contenders.filter(isInstalled)
    if (workload.connections + SPARE_FILES <= files)
      return installed.length > 0 ? [{ workload, contenders: installed }] : []
    note(`${workload.name} needs more than the ${files} open files that a process may have here (ulimit -Hn)`)
    return []
  })
}

/** Files that a process has open beside its connections. */
const SPARE_FILES = 100

/** How many files a process may open: Node raises its own limit to this one, and its children inherit that. */
function openFiles() {
  const line = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
  return line ? Number(line[1]) : Infinity
}

function built(/** @type {{ name: string, directory: string }} */ { name, directory }) {
  if ([...servers, ...clients].some(each => each.name === name)) throw new UsageError(`--hotline: ${name} is taken`)
  const folder = resolve(process.env['INIT_CWD'] ?? '.', directory)
  if (!existsSync(join(folder, 'dist/server/index.js'))) throw new UsageError(`--hotline: ${directory} is not built`)
  return fromCheckout(name, folder)
}

/**
 * @param {Options} options
 * @param {readonly import('./types.ts').Contender[]} all
 */
function choose({ quick, servers: asked, hotline }, all) {
  for (const name of asked ?? []) {
    if (!all.some(each => each.name === name)) throw new UsageError(`--servers: there is no ${name}; see --list`)
  }
  const names = asked ?? (quick ? QUICK : undefined)
  const checkouts = hotline.map(({ name }) => name)
  return (/** @type {import('./types.ts').Contender} */ { name }) =>
    names === undefined || names.includes(name) || checkouts.includes(name)
}

function chosenWorkloads(/** @type {Options} */ { quick, all, only }) {
  const wanted = new Set(targets.map(({ workload }) => workload))
  const some = workloads
    .filter(({ name }) => only?.test(name) ?? true)
    .filter(({ name, extra }) => only !== undefined || (quick ? wanted.has(name) : all || !extra))
  if (some.length === 0) throw new UsageError(`--only: no workload matches ${only?.source}; see --list`)
  return some
}
