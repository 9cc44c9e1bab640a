/** A run from its plan to its report. */
import { type ClientSocket, openSocket, UsageError } from 'hotline/client'
import { colorsFor } from '../colors.ts'
import { openOptions } from '../connecting.ts'
import { ExitCode, Failure } from '../exit.ts'
import { checkWritable, writeJson } from '../files.ts'
import { interruption } from '../interruption.ts'
import { Crew } from './crew.ts'
import { worst } from './findings.ts'
import { Live } from './live.ts'
import type { Plan } from './plan.ts'
import { type Report, report } from './report.ts'
import { text } from './text.ts'

export interface Output {
  /** A file for the report as JSON, or `-` for standard output. */
  readonly json?: string
  readonly live: boolean
}

export async function bench(plan: Plan, output: Output): Promise<void> {
  await check(plan)
  if (output.json !== undefined && output.json !== '-') checkWritable('--json', output.json)
  const quiet = output.json === '-' || !output.live
  const { stderr, stdout } = process
  const started = new Date()
  const crew = new Crew(plan)
  const interrupted = interruption()
  interrupted.addEventListener('abort', () => crew.stop())
  let result: Report
  try {
    using _live = quiet ? undefined : new Live(crew, plan, stderr, colorsFor(stderr))
    result = report(plan, await run(crew, interrupted), started)
  } finally {
    await crew.cut()
  }
  if (output.json !== undefined) writeJson(output.json, result)
  if (output.json !== '-') stdout.write(text(plan, result, colorsFor(stdout)))
  judge(result, interrupted)
}

/** An option that is wrong is told before any thread runs: an attempt that is aborted reads them, and connects to nothing. */
async function check({ url, connecting }: Plan): Promise<void> {
  const never: Promise<ClientSocket> = openSocket(url, { ...openOptions(connecting), signal: AbortSignal.abort() })
  await never.catch(error => {
    if (error instanceof UsageError) throw error
  })
}

async function run(crew: Crew, interrupted: AbortSignal): Promise<Awaited<ReturnType<Crew['run']>>> {
  const { opened, troubles } = await crew.opened()
  if (interrupted.aborted && opened === 0)
    throw new Failure(ExitCode.failed, 'it was ended before a connection was open')
  if (opened === 0) throw new Failure(ExitCode.unreachable, troubles[0]?.message ?? 'no connection could be opened')
  return crew.run()
}

function judge({ findings, latency }: Report, interrupted: AbortSignal): void {
  const failure = worst(findings)
  if (failure !== undefined) throw new Failure(ExitCode.failed, failure.message)
  if (latency === undefined)
    throw new Failure(
      ExitCode.failed,
      interrupted.aborted
        ? 'it was ended before anything was measured'
        : 'nothing was measured; make --duration longer',
    )
}
