/** What a comparison came to: the figures of each way, and what is to be said about them. */
import { availableParallelism, cpus } from 'node:os'
import type { Figures } from './figures.ts'
import { type Finding, findings } from './findings.ts'
import type { Plan } from './plan.ts'

/** As `--json` gives it. */
export interface Report {
  readonly started: string
  readonly node: string
  readonly machine: { readonly cores: number; readonly processor: string }
  readonly settings: Readonly<Record<string, unknown>>
  readonly ways: readonly Figures[]
  readonly findings: readonly Finding[]
}

export function reportOf(plan: Plan, ways: readonly Figures[], started: Date): Report {
  const { clients, rate, interval, duration, warmup, headers } = plan
  const seconds = { interval: interval / 1000, duration: duration / 1000, warmup: warmup / 1000 }
  return {
    started: started.toISOString(),
    node: process.version,
    machine: { cores: availableParallelism(), processor: cpus()[0]?.model ?? '' },
    settings: { clients, rate, headers, ...seconds },
    ways,
    findings: findings(ways, plan),
  }
}
