/** The report for people at a terminal: a line for each family, and each case that did not pass. */
import type { Colors } from '../../colors.ts'
import { harmless } from '../../connect/printer.ts'
import type { Family } from '../case.ts'
import type { Verdict } from '../engine/judge.ts'
import type { Result } from '../engine/result.ts'
import type { Change, Report } from './report.ts'

const COLUMNS: readonly Verdict[] = ['pass', 'lenient', 'informational', 'strict-fail']
const SHORT: Readonly<Record<Verdict, string>> = {
  pass: 'pass',
  lenient: 'len.',
  informational: 'info',
  'strict-fail': 'fail',
}

/** How wide the first column is, and each of the others. */
interface Widths {
  readonly name: number
  readonly count: number
}

type Paint = Readonly<Record<Verdict, (text: string) => string>>

export function table(
  report: Report,
  families: readonly Family[],
  changed: readonly Change[],
  colors: Colors,
  columns = 100,
): string {
  const widths =
    columns >= 100 ? { name: 44, count: 14 } : { name: Math.max(12, Math.min(columns - 1, 72) - 24), count: 6 }
  const heads = COLUMNS.map(name => (widths.count < 14 ? SHORT[name] : name).padStart(widths.count))
  const paint = {
    pass: colors.green,
    lenient: colors.yellow,
    informational: colors.cyan,
    'strict-fail': colors.red,
  }
  const lines = [
    title(report),
    colors.bold(`${'Family'.padEnd(widths.name)}${heads.join('')}`),
    ...families.flatMap(({ number, title }) => familyLine(number, title, report.results, widths)),
    colors.bold(row('All', report.verdicts, widths)),
    ...report.results.flatMap(result => caseLines(result, paint)),
    ...changed.map(change => changeLine(change, colors)),
  ]
  return `${lines.join('\n')}\n`
}

function title({ peer, name, role, results, chosen = results.length }: Report): string {
  const who = harmless(name === undefined ? peer : `${name}, ${peer}`).replaceAll(/\s+/g, ' ')
  const run =
    results.length < chosen ? `${results.length} of ${chosen} cases` : `${chosen} case${chosen === 1 ? '' : 's'}`
  return `${who}: a ${role}, ${run}`
}

function familyLine(number: number, title: string, results: readonly Result[], widths: Widths): string[] {
  const own = results.filter(({ id }) => id.startsWith(`${number}.`))
  if (own.length === 0) return []
  const count = (verdict: Verdict): number => own.filter(result => result.verdict === verdict).length
  const counts = Object.fromEntries(COLUMNS.map(verdict => [verdict, count(verdict)])) as Record<Verdict, number>
  return [row(`${String(number).padStart(2)} ${title}`, counts, widths)]
}

function row(name: string, counts: Readonly<Record<Verdict, number>>, { name: width, count }: Widths): string {
  const shown = name.length >= width ? `${name.slice(0, width - 2)}…` : name
  return shown.padEnd(width) + COLUMNS.map(verdict => String(counts[verdict] || '·').padStart(count)).join('')
}

/** Figures for what is timed, reasons for what did not pass. What a peer sent steers no terminal. */
function caseLines(result: Result, paint: Paint): string[] {
  const { id, title, verdict, ending, notes, clause, timed, milliseconds } = result
  if (verdict === 'pass') return []
  if (timed && notes.length === 0) return [`${id} ${title}: ${milliseconds} ms`]
  const reasons = notes.map(note => `    ${harmless(note)}`)
  return [`${paint[verdict](verdict)} ${id} ${title} (${clause}; ${ending})`, ...reasons]
}

function changeLine({ id, title, before, now, worse }: Change, colors: Colors): string {
  const line = `${worse ? 'Worse' : 'Better'}: ${id} ${title}: was ${before}, is ${now}`
  return worse ? colors.red(line) : colors.green(line)
}
