/** The report for people at a terminal: a line for each family, and each case that did not pass. */
import type { Colors } from '../../colors.ts'
import type { Family } from '../case.ts'
import type { Verdict } from '../engine/judge.ts'
import type { Result } from '../engine/result.ts'
import type { Change, Report } from './report.ts'

const COLUMNS: readonly Verdict[] = ['pass', 'lenient', 'informational', 'strict-fail']

export function table(report: Report, families: readonly Family[], changed: readonly Change[], colors: Colors): string {
  const paint: Record<Verdict, (text: string) => string> = {
    pass: colors.green,
    lenient: colors.yellow,
    informational: colors.cyan,
    'strict-fail': colors.red,
  }
  const lines = [
    colors.bold(`${'Family'.padEnd(44)}${COLUMNS.map(name => name.padStart(14)).join('')}`),
    ...families.flatMap(({ number, title }) => familyLine(number, title, report.results)),
    colors.bold(row('All', report.verdicts)),
    ...report.results.flatMap(result => caseLines(result, paint)),
    ...changed.map(({ id, title, before, now, worse }) => {
      const line = `${worse ? 'Worse' : 'Better'}: ${id} ${title}: was ${before}, is ${now}`
      return worse ? colors.red(line) : colors.green(line)
    }),
  ]
  return `${lines.join('\n')}\n`
}

function familyLine(number: number, title: string, results: readonly Result[]): string[] {
  const own = results.filter(({ id }) => id.startsWith(`${number}.`))
  if (own.length === 0) return []
  const count = (verdict: Verdict): number => own.filter(result => result.verdict === verdict).length
  const counts = Object.fromEntries(COLUMNS.map(verdict => [verdict, count(verdict)])) as Record<Verdict, number>
  return [row(`${String(number).padStart(2)} ${title}`, counts)]
}

const row = (name: string, counts: Readonly<Record<Verdict, number>>): string =>
  name.padEnd(44) + COLUMNS.map(verdict => String(counts[verdict] || '·').padStart(14)).join('')

/** Figures for what is timed, reasons for what did not pass. */
function caseLines(result: Result, paint: Record<Verdict, (text: string) => string>): string[] {
  const { id, title, verdict, ending, notes, clause, timed, milliseconds } = result
  if (verdict === 'pass') return []
  if (timed && notes.length === 0) return [`${id} ${title}: ${milliseconds} ms`]
  const reasons = notes.map(note => `    ${note}`)
  return [`${paint[verdict](verdict)} ${id} ${title} (${clause}; ${ending})`, ...reasons]
}
