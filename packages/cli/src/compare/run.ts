/** A comparison from its plan to its report: the ways take turns, so that none takes the other's CPU. */
import { colorsFor } from '../colors.ts'
import { ExitCode, Failure } from '../exit.ts'
import { checkWritable, writeJson, writeText } from '../files.ts'
import { interruption } from '../interruption.ts'
import type { Figures } from './figures.ts'
import { Live } from './live.ts'
import { measureWay } from './measure.ts'
import type { Plan } from './plan.ts'
import { reportOf } from './report.ts'
import { picture } from './svg.ts'
import { text } from './text.ts'

export interface Output {
  /** A file for the report as JSON, or `-` for standard output. */
  readonly json?: string
  /** A file for the picture. */
  readonly svg?: string
  readonly live: boolean
}

export async function compare(plan: Plan, output: Output): Promise<void> {
  const { json, svg, live } = output
  if (json !== undefined && json !== '-') checkWritable('--json', json)
  if (svg === '-')
    throw new Failure(ExitCode.usage, '--svg takes a file; standard output is for the table, or for --json -')
  if (svg !== undefined) checkWritable('--svg', svg)
  const { stdout, stderr } = process
  const started = new Date()
  const ways: Figures[] = []
  {
    using view = json === '-' || !live ? undefined : new Live(plan, stderr, colorsFor(stderr))
    await all(plan, ways, view, interruption())
  }
  if (ways.length === 0) throw new Failure(ExitCode.failed, 'it was ended before anything was measured')
  const report = reportOf(plan, ways, started)
  if (svg !== undefined) writeText('--svg', svg, picture(report, plan))
  if (json !== undefined) writeJson(json, report)
  if (json !== '-') stdout.write(text(report, plan, colorsFor(stdout)))
  const failed = report.findings.find(({ fails }) => fails)
  if (failed !== undefined) throw new Failure(ExitCode.failed, failed.message)
}

async function all(plan: Plan, done: Figures[], view: Live | undefined, signal: AbortSignal): Promise<void> {
  for (const way of plan.ways) {
    try {
      const figures = await measureWay(way, plan, seen => view?.see(way, seen), signal)
      done.push(figures)
      view?.done(way, figures)
    } catch (error) {
      if (signal.aborted) return
      throw new Failure(
        ExitCode.unreachable,
        `${way.title} could not be measured: ${error instanceof Error ? error.message : error}`,
      )
    }
  }
}
