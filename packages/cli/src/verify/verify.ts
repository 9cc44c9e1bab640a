/** What `hotline verify` does with its command line: chooses the cases, runs them, and shows what came of it. */
import { colorsFor } from '../colors.ts'
import { ExitCode, Failure } from '../exit.ts'
import { readBytes } from '../files.ts'
import { interruption } from '../interruption.ts'
import { whyNotListening } from '../serve/listening.ts'
import { certificateOf } from '../serve/tls.ts'
import type { Case, Role } from './case.ts'
import { cases, families } from './cases.ts'
import { casesFor, type Result } from './engine/result.ts'
import { list } from './list.ts'
import { Listener } from './listen.ts'
import type { VerifyOptions } from './options.ts'
import { notConnected, preflight } from './preflight.ts'
import { checkFiles, show, whyFailed } from './report/outcome.ts'
import { Progress } from './report/progress.ts'
import { type Report, readReport, reportOf } from './report/report.ts'
import { Gone, runAll } from './run.ts'
import { select } from './select.ts'
import { targetOf } from './target.ts'

export async function verifyServer(text: string, options: VerifyOptions): Promise<void> {
  const { url, ...how } = targetOf(text, options)
  const chosen = choose('server', options)
  const before = old(options)
  checkFiles(options)
  const interrupted = interruption()
  const target = { url, ...how, signal: interrupted }
  if (options.preflight) await preflight(target)
  const results: Result[] = []
  const gone = await run(chosen, target, options, results)
  const report = reportOf('server', url.href, results, { chosen: chosen.length, name: options.name })
  const changed = show(report, before, options)
  const ran = `${results.length} of ${chosen.length} cases were run`
  if (interrupted.aborted) throw new Failure(ExitCode.failed, `it was ended early: ${ran}`)
  if (gone)
    throw new Failure(
      ExitCode.unreachable,
      `lost the server at case ${gone.id}, ${ran}: ${notConnected(gone.cause, url)}`,
    )
  const why = whyFailed(report, changed, options.failOn)
  if (why !== undefined) throw new Failure(ExitCode.failed, why)
}

/** Gives what the server's disappearance was, if it has disappeared. */
async function run(
  chosen: readonly Case[],
  target: Parameters<typeof runAll>[1],
  { parallel }: VerifyOptions,
  results: Result[],
): Promise<Gone | undefined> {
  using progress = new Progress(process.stderr)
  const each = (result: Result): void => {
    results.push(result)
    progress.step('', chosen.length, result.verdict === 'strict-fail')
  }
  try {
    await runAll(chosen, target, { parallel, each })
    return undefined
  } catch (error) {
    if (error instanceof Gone) return error
    throw error
  }
}

/** Serves until it is interrupted, or with `--once` until a client asks for its report. */
export async function verifyClients(options: VerifyOptions): Promise<void> {
  const { host, listen: port = 0, timeout: deadline, name = 'unnamed' } = options
  const chosen = choose('client', options)
  const before = old(options)
  const certificate = await certificateOf(options)
  checkFiles(options)
  const ended = interruption()
  const whyNot = new Map<string, string | undefined>()
  using progress = new Progress(process.stderr)
  const over = new AbortController()
  const report = (agent: string, results: readonly Result[]): void => {
    progress.forget(agent)
    const of = reportOf('client', agent, results, { chosen: chosen.length })
    const changed = show(of, before, options)
    whyNot.set(agent, whyFailed(of, changed, options.failOn))
    if (options.once) over.abort()
  }
  const each = (agent: string, { verdict }: Result): void =>
    progress.step(agent, chosen.length, verdict === 'strict-fail')
  await using listener = new Listener(chosen, { host, port, deadline, name, certificate, each, report })
  const url = await listener.listen().catch((error: unknown) => {
    throw whyNotListening(error, { host, port, option: '--listen' })
  })
  const out = options.json === '-' ? process.stderr : process.stdout
  out.write(`${url}\n`)
  await aborted(AbortSignal.any([over.signal, ended]))
  for (const [agent, results] of listener.unreported) report(agent, results)
  judge(whyNot, options)
}

/** Each client's own sentence; with its name when there are several. */
function judge(whyNot: ReadonlyMap<string, string | undefined>, { once }: VerifyOptions): void {
  const told = [...whyNot].flatMap(([agent, why]) =>
    why === undefined ? [] : [whyNot.size > 1 ? `${agent}: ${why}` : why],
  )
  if (told.length > 0) throw new Failure(ExitCode.failed, told.join('; '))
  if (once && whyNot.size === 0) throw new Failure(ExitCode.failed, 'it was ended before a client asked for its report')
}

/** `--list`: for servers with a URL, for clients with `--listen`, and else for both. */
export function listCases(url: string | undefined, options: VerifyOptions): void {
  const role = url !== undefined ? 'server' : options.listen !== undefined ? 'client' : 'both'
  process.stdout.write(list(choose(role, options), families, role, colorsFor(process.stdout)))
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })

function choose(role: Role | 'both', { only = [], exclude = [] }: VerifyOptions): Case[] {
  const whom = role === 'both' ? '' : ` for a ${role}`
  const chosen = (): Case[] => select(role === 'both' ? cases : casesFor(role, cases), only, exclude)
  try {
    const left = chosen()
    if (left.length > 0) return left
  } catch (error) {
    throw new Failure(ExitCode.usage, `${(error as Error).message}${whom}; hotline verify --list shows all`)
  }
  throw new Failure(ExitCode.usage, `--exclude leaves no case${whom} to run`)
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
