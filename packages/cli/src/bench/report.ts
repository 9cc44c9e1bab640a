/** What a run came to: its figures, and what is to be said about them. */
import { type Figures, figuresOf } from './figures.ts'
import { type Finding, findings, worst } from './findings.ts'
import type { Plan } from './plan.ts'
import type { Result } from './tally.ts'

export interface Report extends Figures {
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

export function report(plan: Plan, results: readonly Result[], started: Date): Report {
  const figures = figuresOf(plan, results, started)
  const found = findings(plan, figures)
  return { ok: worst(found) === undefined, ...figures, findings: found }
}
