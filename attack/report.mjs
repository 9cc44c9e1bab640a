/** What the attacks have shown: a table for people, JSON for programs, and the page of the documents. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { machine } from '../bench/machine.mjs'
import { absent } from './attacks/index.mjs'
import { mib, ROOM } from './verdict.mjs'

/** @typedef {import('./types.ts').Plan} Plan */
/** @typedef {import('./types.ts').Finding} Finding */
/** @typedef {import('./types.ts').Results} Results */

const PAGE = new URL('../docs/attacks.md', import.meta.url)
const RECORD = new URL('../docs/attacks.json', import.meta.url)
const [BEGIN, END] = ['<!-- npm run attack: begin -->', '<!-- npm run attack: end -->']

/** @param {Finding[]} findings @param {Pick<Results, 'commit' | 'form' | 'pinned' | 'files' | 'seconds'>} how @returns {Results} */
export function resultsOf(findings, how) {
  const require = createRequire(import.meta.url)
  const versions = {
    node: process.versions.node,
    hotline: require('../packages/hotline/package.json').version,
    ws: require('ws/package.json').version,
  }
  return { date: new Date().toISOString(), machine: machine(), versions, ...how, findings, absent }
}

const HEADS = ['attack', 'on', 'memory', 'permitted', 'p99 quiet', 'p99', 'ended with', 'serves', 'verdict']

/** One row for each attack and target. @param {Finding} finding */
function row({ name, victim, memory, quiet, during, outcomes, serves, misses }) {
  const wait = (/** @type {typeof quiet} */ one) => (one ? `${one.p99.toFixed(1)} ms` : '')
  return [
    name,
    victim,
    `+${mib(Math.max(0, memory.peak - memory.before))}`,
    mib(memory.permitted + ROOM),
    wait(quiet),
    wait(during),
    ends(outcomes),
    serves ? 'yes' : 'NO',
    verdict(victim, misses),
  ]
}

/** Of ws it is said what happened; it never promised these bounds. @param {string} victim @param {readonly string[]} misses */
const verdict = (victim, misses) => (misses.length === 0 ? 'within' : victim === 'hotline' ? 'MISSED' : 'beyond')

/** @param {Finding['outcomes']} outcomes */
const ends = outcomes =>
  Object.entries(outcomes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ')

/** The table of a terminal, and a line for each miss. @param {Results} results @param {readonly Plan[]} plans */
export function tableOf({ findings, seconds }, plans) {
  const rows = [HEADS, ...findings.map(finding => row(finding).map((cell, at) => (at === 6 ? short(cell) : cell)))]
  const widths = HEADS.map((_, at) => Math.max(...rows.map(cells => cells[at].length)))
  const table = rows.map(cells =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd(),
  )
  const missed = findings.flatMap(({ name, victim, misses }) => misses.map(miss => `${name} on ${victim}: ${miss}`))
  const none = absent.map(({ threat, title, why }) => `line ${threat}, ${title}: ${why}`)
  const own = findings.filter(({ victim }) => victim === 'hotline')
  const good = own.filter(({ misses }) => misses.length === 0).length
  const sum = `${good} of ${own.length} attacks on hotline stayed within their bounds; ${plans.length} are known; ${Math.round(seconds)} s`
  return [...table, '', ...missed, ...none, sum].join('\n')
}

const short = (/** @type {string} */ text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text)

/** @param {Results} results @param {string} where */
export function writeJson(results, where) {
  const text = `${JSON.stringify(results, null, 2)}\n`
  if (where === '-') process.stdout.write(text)
  else writeFileSync(resolve(process.env['INIT_CWD'] ?? '.', where), text)
}

/** The record with the findings of a later run of a part in it. @param {Results} part @returns {Results} */
export function merged(part) {
  /** @type {Results} */
  const whole = JSON.parse(readFileSync(RECORD, 'utf8'))
  const newer = new Map(part.findings.map(finding => [`${finding.name} ${finding.victim}`, finding]))
  const findings = whole.findings.flatMap(old => {
    const key = `${old.name} ${old.victim}`
    const found = newer.get(key) ?? old
    newer.delete(key)
    return [found]
  })
  const names = [...new Set(part.findings.map(({ name }) => name))]
  const again = [...(whole.again ?? []), { date: part.date, commit: part.commit, names }]
  return { ...whole, findings: [...findings, ...newer.values()], again }
}

/** Writes the record, and the tables of the page between their marks. @param {Results} results @param {readonly Plan[]} plans */
export function write(results, plans) {
  writeFileSync(RECORD, `${JSON.stringify(results, null, 2)}\n`)
  const page = readFileSync(PAGE, 'utf8')
  const [before, rest] = page.split(BEGIN)
  const [, after] = rest.split(END)
  writeFileSync(PAGE, `${before}${BEGIN}\n${section(results, plans)}\n${END}${after}`)
}

/** @param {Results} results @param {readonly Plan[]} plans */
function section({ date, commit: of, machine: on, versions, seconds, pinned, files, findings, again = [] }, plans) {
  const cores = pinned ? 'the target pinned to one core' : 'not pinned'
  const taken = `Taken ${date.slice(0, 10)} at ${of} in ${Math.round(seconds / 60)} minutes: ${on['cpu']}, ${on['cores']} cores, ${on['memory']}, ${on['kernel']}; Node ${versions['node']}, hotline ${versions['hotline']}, ws ${versions['ws']}; ${cores}; at most ${files} connections.`
  const rows = findings.map(finding => `| ${row(finding).join(' | ')} |`)
  const missed = findings.flatMap(({ name, victim, misses, attempts }) =>
    misses.map(
      miss => `- \`${name}\` on ${victim}: ${miss}${attempts > 1 ? ` (the best of ${attempts} attempts)` : ''}`,
    ),
  )
  const what = plans.map(
    ({ name, title, threats, permit }) => `| \`${name}\` | ${title} | ${threats.join(', ')} | ${permit.by} |`,
  )
  const later = again.map(one => `Taken again at ${one.commit}: ${one.names.map(name => `\`${name}\``).join(', ')}.`)
  return [
    [taken, ...later].join(' '),
    '',
    `| ${HEADS.join(' | ')} |`,
    `|${'---|'.repeat(HEADS.length)}`,
    ...rows,
    '',
    missed.length > 0 ? 'Beyond a bound:' : 'No bound was missed.',
    '',
    ...missed.map(line => line.replaceAll('\n', ' ')),
    '',
    '| attack | what is done | lines | what the limits permit, beside 32 MiB |',
    '|---|---|---|---|',
    ...what,
  ].join('\n')
}
