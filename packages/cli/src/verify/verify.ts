/** What `hotline verify` does with its command line: chooses the cases, runs them, and shows what came of it. */

import { colorsFor } from '../colors.ts'
import { ExitCode, Failure } from '../exit.ts'
import { readBytes, readCertificates, writeText } from '../files.ts'
import { readUrl } from '../url.ts'
import type { Case, Role } from './case.ts'
import { cases, families } from './cases.ts'
import type { Target } from './engine/dial.ts'
import { casesFor, type Result } from './engine/result.ts'
import { Listener } from './listen.ts'
import type { VerifyOptions } from './options.ts'
import { page } from './report/html.ts'
import { Progress } from './report/progress.ts'
import { changes, type Report, readReport, reportOf } from './report/report.ts'
import { table } from './report/table.ts'
import { runAll } from './run.ts'
import { select } from './select.ts'

export async function verifyServer(text: string, options: VerifyOptions): Promise<void> {
  const url = targetOf(text)
  const chosen = choose('server', options)
  const before = old(options)
  const progress = new Progress(chosen.length)
  const each = ({ verdict }: Result): void => progress.step(verdict === 'strict-fail')
  try {
    const results = await runAll(chosen, target(url, options), { parallel: options.parallel, each })
    progress.end()
    conclude(reportOf('server', url.href, results), before, options)
  } catch (error) {
    progress.end()
    if (error instanceof Failure) throw error
    throw new Failure(ExitCode.unreachable, `cannot connect to ${url.href}: ${(error as Error).message}`)
  }
}

/** Serves until it is interrupted. */
export async function verifyClients(options: VerifyOptions): Promise<void> {
  const chosen = choose('client', options)
  const before = old(options)
  let failure: Failure | undefined
  await using listener = new Listener(chosen, {
    host: options.host,
    port: options.listen ?? 0,
    deadline: options.timeout,
    each: () => {},
    report: (agent, results) => {
      try {
        conclude(reportOf('client', agent, results), before, options)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        failure = error
      }
    },
  })
  const url = await listener.listen().catch((error: Error) => {
    throw new Failure(ExitCode.unreachable, `cannot listen on port ${options.listen}: ${error.message}`)
  })
  process.stdout.write(`${url}\n`)
  await interrupted()
  if (failure !== undefined) throw failure
}

function interrupted(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

function targetOf(text: string): URL {
  const url = readUrl(text)
  if (url === undefined || !['ws:', 'wss:', 'http:', 'https:'].includes(url.protocol))
    throw new Failure(ExitCode.usage, `${text} is no URL of a WebSocket server; it begins with ws:// or wss://`)
  return url
}

function target(url: URL, { timeout, ca, insecure }: VerifyOptions): Target {
  return {
    url,
    deadline: timeout,
    ...(ca === undefined ? {} : { ca: readCertificates('--ca', ca)[0] }),
    ...(insecure === undefined ? {} : { insecure }),
  }
}

function choose(role: Role, { only = [], exclude = [] }: VerifyOptions): Case[] {
  try {
    return select(casesFor(role, cases), only, exclude)
  } catch (error) {
    throw new Failure(ExitCode.usage, `${(error as Error).message} for a ${role}`)
  }
}

function old({ compare }: VerifyOptions): Report | undefined {
  if (compare === undefined) return undefined
  const text = readBytes('--compare', compare).toString()
  try {
    return readReport(text)
  } catch (error) {
    throw new Failure(ExitCode.usage, `cannot read --compare ${compare}: ${(error as Error).message}`)
  }
}

/** Shows the report, and throws when something in it failed. */
function conclude(report: Report, before: Report | undefined, { json, html }: VerifyOptions): void {
  const changed = before === undefined ? [] : changes(before, report)
  const written = JSON.stringify(report, undefined, 1)
  if (html !== undefined) writeText('--html', html, page(report, families))
  if (json === '-') process.stdout.write(`${written}\n`)
  else process.stdout.write(table(report, families, changed, colorsFor(process.stdout)))
  if (json !== undefined && json !== '-') writeText('--json', json, written)
  const failed = report.verdicts['strict-fail']
  const worse = changed.filter(change => change.worse).length
  if (failed > 0) throw new Failure(ExitCode.failed, `${failed} of ${report.results.length} cases failed`)
  if (worse > 0) throw new Failure(ExitCode.failed, `${worse} of ${report.results.length} cases became worse`)
}
