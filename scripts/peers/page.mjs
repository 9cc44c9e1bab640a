/** The table of peers in docs/reference/conformance.md, made from the summary beside it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./runs.mjs').Verdict} Verdict */
/** @typedef {Record<Verdict, number>} Counts */
/** @typedef {{ id: string, title: string, clause: string, note: string }} Failure */
/** @typedef {{ name: string, version: string, cases: number, verdicts: Counts, families: Record<string, Counts>, failures: Failure[] }} Peer */
/** @typedef {{ date: string, peers: Peer[] }} Summary */

const file = fileURLToPath(new URL('../../docs/reference/conformance.md', import.meta.url))
export const summaryFile = fileURLToPath(new URL('../../docs/reference/conformance.json', import.meta.url))
const [begin, end] = ['<!-- begin: made by npm run conformance -->\n', '<!-- end of what npm run conformance made -->']

/** @type {Verdict[]} */
const verdicts = ['pass', 'lenient', 'informational', 'strict-fail']

/**
 * What of a report stands in the page.
 * @param {string} name
 * @param {string} version
 * @param {import('./runs.mjs').Report} report
 * @returns {Peer}
 */
export function inPage(name, version, report) {
  const families = [...new Set(report.results.map(({ id }) => id.split('.')[0] ?? ''))]
  return {
    name,
    version,
    cases: report.results.length,
    verdicts: report.verdicts,
    families: Object.fromEntries(families.map(family => [family, counted(family, report.results)])),
    failures: report.results
      .filter(({ verdict }) => verdict === 'strict-fail')
      .map(({ id, title, clause, notes }) => ({ id, title, clause, note: (notes[0] ?? '').slice(0, 160) })),
  }
}

/**
 * @param {string} family
 * @param {import('./runs.mjs').Result[]} results
 * @returns {Counts}
 */
function counted(family, results) {
  const own = results.filter(({ id }) => id.startsWith(`${family}.`))
  const pairs = verdicts.map(verdict => [verdict, own.filter(result => result.verdict === verdict).length])
  return Object.fromEntries(pairs)
}

export const page = {
  file,
  /**
   * The page as it is to be: its own words, and the tables of this summary.
   * @param {Summary} summary
   */
  with(summary) {
    const [before = '', rest = ''] = readFileSync(file, 'utf8').split(begin)
    return `${before}${begin}${tables(summary)}${rest.slice(rest.indexOf(end))}`
  },
}

/** @param {Summary} summary */
function tables({ date, peers }) {
  const numbers = [...new Set(peers.flatMap(({ families }) => Object.keys(families)))].sort(
    (a, b) => Number(a) - Number(b),
  )
  const heads = ['peer', 'cases', ...verdicts, ...numbers]
  const rows = peers.map(({ name, version, cases, verdicts: all, families }) => [
    `${name} ${version}`,
    cases,
    ...verdicts.map(verdict => all[verdict] || '·'),
    ...numbers.map(number => cell(families[number])),
  ])
  const table = [heads, heads.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |\n`).join('')
  return `\nOn ${date}. The columns behind *strict-fail* are the families; a cell has the cases that failed, of those that ran.\n\n${table}\n${peers.map(failures).join('')}`
}

/** @param {Counts | undefined} counts */
function cell(counts) {
  if (counts === undefined) return ''
  const all = verdicts.reduce((sum, verdict) => sum + counts[verdict], 0)
  return counts['strict-fail'] === 0 ? '·' : `${counts['strict-fail']} of ${all}`
}

/** Numbers that a line names. */
const SHOWN = 10

/**
 * The cases of one group that fail by one clause are one line.
 * @param {Peer} peer
 */
function failures({ name, version, failures }) {
  if (failures.length === 0) return ''
  const groups = /** @type {Map<string, Failure[]>} */ (new Map())
  for (const failure of failures) {
    const key = `${failure.id.replace(/\.\d+$/, '')} ${failure.clause}`
    groups.set(key, [...(groups.get(key) ?? []), failure])
  }
  return `**${name} ${version}**\n\n${[...groups.values()].map(line).join('')}\n`
}

/** @param {Failure[]} group */
function line(group) {
  const [first] = group
  const ids = group.slice(0, SHOWN).map(({ id }) => id)
  const more = group.length > SHOWN ? ` and ${group.length - SHOWN} more` : ''
  return `- ${ids.join(', ')}${more} (${first?.clause}): ${inText(`${first?.title}: ${first?.note}`)}\n`
}

/**
 * What a peer sent is only text, in Markdown too.
 * @param {string} text
 */
const inText = text => text.replaceAll(/[\\`*_{}[\]<>#|~]/g, '\\$&').replaceAll(/\s+/g, ' ')
