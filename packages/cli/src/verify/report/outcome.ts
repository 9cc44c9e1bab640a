/** Where a report goes, and whether a run with it has failed. */
import { colorsFor } from '../../colors.ts'
import { checkWritable, writeText } from '../../files.ts'
import { families } from '../cases.ts'
import type { FailOn, VerifyOptions } from '../options.ts'
import { page } from './html.ts'
import { type Change, changes, type Report } from './report.ts'
import { table } from './table.ts'

/** `{agent}` in the name of a file stands for the client, so that each has its own. */
const named = (file: string, agent: string): string =>
  file.replaceAll('{agent}', agent.replace(/[^\w.-]+/g, '_').slice(0, 100))

/** A run is not to end with nothing, because its report cannot be written. */
export function checkFiles({ json, html }: VerifyOptions): void {
  for (const [option, file] of [
    ['--json', json],
    ['--html', html],
  ] as const)
    if (file !== undefined && file !== '-' && !file.includes('{agent}')) checkWritable(option, file)
}

/** Prints and writes the report; gives what has changed since the one before. */
export function show(report: Report, before: Report | undefined, { json, html }: VerifyOptions): Change[] {
  const changed = before === undefined ? [] : changes(before, report)
  const written = JSON.stringify(report, undefined, 1)
  const { stdout } = process
  if (html !== undefined) writeText('--html', named(html, report.peer), page(report, families))
  if (json === '-') stdout.write(`${written}\n`)
  else stdout.write(table(report, families, changed, colorsFor(stdout), stdout.columns))
  if (json !== undefined && json !== '-') writeText('--json', named(json, report.peer), written)
  return changed
}

/** In one sentence; undefined when nothing speaks against it. */
export function whyFailed(report: Report, changed: readonly Change[], failOn: FailOn): string | undefined {
  const { results, verdicts, chosen = results.length } = report
  const of = `of ${results.length} cases`
  const worse = changed.filter(change => change.worse).length
  if (results.length < chosen) return `${chosen - results.length} of ${chosen} cases were not run`
  if (failOn === 'never') return undefined
  if (verdicts['strict-fail'] > 0) return `${verdicts['strict-fail']} ${of} failed`
  if (failOn === 'lenient' && verdicts.lenient > 0) return `${verdicts.lenient} ${of} are lenient`
  return worse > 0 ? `${worse} ${of} became worse` : undefined
}
