/** What a case came to. Reports are made of these, and of nothing else. */
import { type Case, rolesOf } from '../case.ts'
import type { Exchange } from './exchange.ts'
import { type Ending, judge, type Verdict } from './judge.ts'
import type { Entry } from './transcript.ts'

export interface Result {
  readonly id: string
  readonly title: string
  readonly clause: string
  readonly why: string
  readonly verdict: Verdict
  readonly ending: Ending
  /** What is wrong, or to be said of it. */
  readonly notes: readonly string[]
  readonly milliseconds: number
  /** Milliseconds are what it is about. */
  readonly timed: boolean
  readonly exchange: readonly Entry[]
  /** Entries that found no room in `exchange`. */
  readonly omitted: number
}

/** Cases say what they need; most are over in milliseconds. */
export const deadlineOf = (of: Case, given: number): number => Math.max(of.deadline ?? 0, given)

export function resultOf(of: Case, exchange: Exchange): Result {
  const { verdict, ending, why } = judge(of, exchange)
  const { entries, omitted, elapsed } = exchange.transcript
  const { id, title, clause, why: care, timed = false } = of
  const milliseconds = Math.round(elapsed * 10) / 10
  return {
    id,
    title,
    clause,
    why: care,
    verdict,
    ending,
    notes: why,
    milliseconds,
    timed,
    exchange: entries,
    omitted,
  }
}

/** The cases that this role can be tested with. */
export const casesFor = (role: 'server' | 'client', cases: readonly Case[]): Case[] =>
  cases.filter(of => rolesOf(of).includes(role))
