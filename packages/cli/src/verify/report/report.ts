/** What a run came to, as `--json` writes it and `--compare` reads it. */

import type { Role } from '../case.ts'
import type { Verdict } from '../engine/judge.ts'
import type { Result } from '../engine/result.ts'

export interface Report {
  /** Changes when a reader of the file would have to. */
  readonly format: 1
  readonly role: Role
  /** The URL of a server, the name of a client. */
  readonly peer: string
  /** What `--name` calls a server. */
  readonly name?: string
  /** Cases that were to be run. Those that were not have no result. */
  readonly chosen?: number
  /** ISO 8601. */
  readonly date: string
  readonly verdicts: Readonly<Record<Verdict, number>>
  readonly results: readonly Result[]
}

interface Beside {
  readonly chosen?: number
  readonly name?: string | undefined
}

export function reportOf(role: Role, peer: string, results: readonly Result[], beside: Beside = {}): Report {
  const { chosen = results.length, name } = beside
  const verdicts = { pass: 0, lenient: 0, informational: 0, 'strict-fail': 0 }
  for (const { verdict } of results) verdicts[verdict]++
  const date = new Date().toISOString()
  const called = name === undefined ? {} : { name }
  return { format: 1, role, peer, ...called, date, chosen, verdicts, results: [...results].sort(byNumber) }
}

function byNumber(a: Result, b: Result): number {
  const [left, right] = [a, b].map(({ id }) => id.split('.').map(Number))
  const place = left?.findIndex((number, index) => number !== right?.[index]) ?? -1
  return place < 0 ? 0 : (left?.[place] ?? 0) - (right?.[place] ?? 0)
}

/** Best first. */
const ORDER: readonly Verdict[] = ['pass', 'informational', 'lenient', 'strict-fail']

export interface Change {
  readonly id: string
  readonly title: string
  readonly before: Verdict
  readonly now: Verdict
  readonly worse: boolean
}

/** Cases of both whose verdict is another now. */
export function changes(before: Report, now: Report): Change[] {
  const old = new Map(before.results.map(({ id, verdict }) => [id, verdict]))
  return now.results.flatMap(({ id, title, verdict }) => {
    const was = old.get(id)
    if (was === undefined || was === verdict) return []
    return [{ id, title, before: was, now: verdict, worse: ORDER.indexOf(verdict) > ORDER.indexOf(was) }]
  })
}

/** Throws when the text is no report. */
export function readReport(text: string): Report {
  const report = JSON.parse(text) as Partial<Report> | null
  if (report?.format !== 1 || !Array.isArray(report.results)) throw new TypeError('it is no report of hotline verify')
  return report as Report
}
