/** The attack suite: hotline and ws under every attack that threats.md names. `npm run attack -- --help` */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { commit } from '../bench/machine.mjs'
import { plans } from './attacks/index.mjs'
import { dismiss, kindOf, measure, Scene } from './measure.mjs'
import { HELP, readOptions, UsageError } from './options.mjs'
import { NICE, pinned } from './processes.mjs'
import { merged, resultsOf, tableOf, write, writeJson } from './report.mjs'
import { late } from './verdict.mjs'

/** @typedef {import('./types.ts').Plan} Plan */
/** @typedef {import('./types.ts').Victim} Victim */
/** @typedef {import('./types.ts').Finding} Finding */
/** @typedef {import('./measure.mjs').How} How */

/** A miss of latency alone may be the machine's: it counts when it comes so many times. */
const ATTEMPTS = 3
/** Seconds after which nothing is tried again, so that the whole has an end. */
const PATIENCE = 330

/** Files and ports that are not the attackers': those of the program itself, and of everybody else. */
const SPARE = 300

/** @param {string[]} args */
async function main(args) {
  try {
    const options = readOptions(args)
    if (options.help) return console.log(HELP)
    const chosen = plans.filter(({ name }) => options.only?.test(name) ?? true)
    if (chosen.length === 0) throw new UsageError('--only: no attack matches; --list names them')
    if (options.list) return list(chosen)
    await attack(chosen, options)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`attack: ${error.message}`)
    process.exitCode = 2
  }
}

/** @param {readonly Plan[]} chosen @param {ReturnType<typeof readOptions>} options */
async function attack(chosen, options) {
  const since = performance.now()
  const of = commit()
  const how = { quick: options.quick, most: connections() }
  tellMachine(chosen, how)
  /** @type {Finding[]} */
  const findings = []
  const runs = chosen.flatMap(plan => victimsOf(plan, options.ws).map(victim => ({ plan, victim })))
  /** @type {Map<string, Promise<Scene>>} */
  const scenes = new Map()
  for (const [at, { plan, victim }] of runs.entries()) {
    progress(at / runs.length, `${plan.name} on ${victim}`)
    const finding =
      options.quick || victim === 'ws' ? await shared(plan, victim, how, scenes) : await alone(plan, victim, how)
    findings.push(finding)
    if (!process.stderr.isTTY && !options.quick)
      note(`${plan.name} on ${victim}: ${finding.misses.join('; ') || 'within'}`)
  }
  await Promise.all([...scenes.values()].map(async scene => (await scene).stop()))
  await dismiss()
  progress(1, '')
  const results = resultsOf(findings, {
    commit: of,
    form: options.quick ? 'short' : 'long',
    pinned,
    files: how.most,
    seconds: (performance.now() - since) / 1000,
  })
  if (options.json !== '-') console.log(tableOf(results, plans))
  if (options.json !== undefined) writeJson(results, options.json)
  if (options.write) write(options.merge ? merged(results) : results, plans)
  if (findings.some(({ victim, misses }) => victim === 'hotline' && misses.length > 0)) process.exitCode = 1
}

/** @param {Plan} plan @param {boolean} ws @returns {Victim[]} */
const victimsOf = ({ only }, ws) => (ws && only === undefined ? ['hotline', 'ws'] : ['hotline'])

/** On a target of its own; again when only time was missed. @param {Plan} plan @param {Victim} victim @param {How} how */
async function alone(plan, victim, how) {
  /** @type {Finding | undefined} */
  let best
  const attempts = victim === 'hotline' && performance.now() < PATIENCE * 1_000 ? ATTEMPTS : 1
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const scene = await new Scene(plan, victim).start()
    const finding = { ...(await measure(plan, victim, how, scene)), attempts: attempt }
    await scene.stop()
    if (best === undefined || finding.misses.length < best.misses.length || worse(best, finding)) best = finding
    best = { ...best, attempts: attempt }
    if (finding.misses.length > late(finding).length || finding.misses.length === 0)
      return { ...finding, attempts: attempt }
  }
  return /** @type {Finding} */ (best)
}

/** @param {Finding} one @param {Finding} other */
const worse = (one, other) => (one.during?.p99 ?? 0) > (other.during?.p99 ?? 0)

/** On the target that attacks of its kind share; another one when it has ended. @param {Plan} plan @param {Victim} victim @param {How} how @param {Map<string, Promise<Scene>>} scenes */
async function shared(plan, victim, how, scenes) {
  const kind = kindOf(plan, victim)
  const scene = scenes.get(kind) ?? new Scene(plan, victim).start()
  scenes.set(kind, scene)
  const finding = await measure(plan, victim, how, await scene)
  if (finding.ended !== undefined || finding.said !== '') {
    await (await scene).stop()
    scenes.delete(kind)
  }
  return finding
}

/** Connections that one process can have here. */
function connections() {
  try {
    const files = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024)
    const [low = 0, high = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/).map(Number)
    return Math.min(files, high - low) - SPARE
  } catch {
    return 1024 - SPARE
  }
}

/** @param {readonly Plan[]} chosen @param {How} how */
function tellMachine(chosen, { quick, most }) {
  for (const { name, full, quick: small } of chosen) {
    const { count } = quick ? small : full
    if (count > most)
      note(`${name}: this machine has files and ports for ${most} connections, not ${count} (ulimit -n)`)
  }
  if (quick) return
  const where = 'the target has a core of its own; polite clients and the attacker share the other'
  note(
    pinned
      ? `${where}, the attacker at nice ${NICE}`
      : 'all share the cores: there are not two, or there is no taskset',
  )
}

/** @param {readonly Plan[]} chosen */
function list(chosen) {
  for (const { name, title, threats } of chosen) console.log(`${name.padEnd(20)} ${title} [${threats.join(', ')}]`)
}

/** On a terminal, how far it is. @param {number} part @param {string} what */
function progress(part, what) {
  if (!process.stderr.isTTY) return
  const bar = '█'.repeat(Math.round(part * 30)).padEnd(30, '░')
  process.stderr.write(part < 1 ? `\r\x1b[K${bar} ${(part * 100).toFixed(0)} %  ${what}` : '\r\x1b[K')
}

/** What is no finding goes to standard error. @param {string} text */
const note = text => console.error(`attack: ${text}`)

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
