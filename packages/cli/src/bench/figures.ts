/** The figures of a run: the results of all threads as one. */
import { availableParallelism } from 'node:os'
import type { Effort } from './gauge.ts'
import { Latency, type Row, type Summary } from './latency.ts'
import type { Plan } from './plan.ts'
import { type Counts, combine, type Ended, noCounts, type Result, type Trouble, Troubles } from './tally.ts'

/** The figures, as `--json` gives them. Latencies are milliseconds. */
export interface Figures {
  readonly url: string
  readonly started: string
  readonly ended: Ended
  readonly node: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly connections: {
    readonly opened: number
    readonly failed: number
    readonly lost: number
    /** Seconds until all were open. */
    readonly seconds: number
    readonly timeToOpen: Summary | undefined
    readonly protocol: string
    readonly compressed: boolean
  }
  /** Of the part that was measured. */
  readonly seconds: number
  readonly messagesPerSecond: number
  readonly bytesPerSecond: { readonly sent: number; readonly received: number }
  readonly latency: Summary | undefined
  readonly histogram: readonly Row[]
  /** The whole histogram in HdrHistogram's own format, compressed and in base64; in microseconds. */
  readonly hdr: string | undefined
  /** Of the whole run, warm-up and last answers too. */
  readonly totals: Counts & { readonly unsent: number; readonly bytesSent: number }
  readonly errors: readonly Trouble[]
  readonly client: {
    readonly threads: number
    /** The busiest event loop, the cores that the client used, and how busy the machine was: 1 is all of it. */
    readonly utilization: number
    readonly cores: number
    readonly machine: number
    readonly machineCores: number
    /** Open loop: how much later than intended messages left, by the client's own fault. */
    readonly lateness: Summary | undefined
  }
}

/** One thread that gives up ends the run. */
const ENDS: readonly Ended[] = ['gave up', 'stopped']

/** So many rows has the histogram at most. */
const ROWS = 12

export function figuresOf(plan: Plan, results: readonly Result[], started: Date): Figures {
  const sum = (of: (result: Result) => number): number => results.reduce((total, result) => total + of(result), 0)
  const totals = counted(results.map(result => result.totals))
  const measured = counted(results.map(result => result.measured))
  const seconds = Math.max(...results.map(({ effort }) => effort.took)) / 1000
  const perSecond = (count: number): number => Math.round(count / seconds)
  const latency = joined(results.map(result => result.latency))
  return {
    url: plan.url,
    started: started.toISOString(),
    ended: ENDS.find(end => results.some(({ ended }) => ended === end)) ?? 'done',
    node: process.version,
    settings: settingsOf(plan),
    connections: connectionsOf(results),
    seconds,
    messagesPerSecond: perSecond(measured.answered),
    bytesPerSecond: { sent: perSecond(measured.sent * plan.size), received: perSecond(measured.bytesReceived) },
    latency: latency.summary,
    histogram: latency.rows(ROWS),
    hdr: latency.count === 0 ? undefined : latency.encoded,
    totals: { ...totals, unsent: sum(({ unsent }) => unsent), bytesSent: totals.sent * plan.size },
    errors: troublesOf(results),
    client: clientOf(plan, results),
  }
}

function clientOf({ threads }: Plan, results: readonly Result[]): Figures['client'] {
  const most = (of: (effort: Effort) => number): number => Math.max(...results.map(({ effort }) => of(effort)))
  return {
    threads,
    utilization: most(({ utilization }) => utilization),
    // Each thread measures the CPU time of the whole process.
    cores: most(({ cores }) => cores),
    machine: most(({ machine }) => machine),
    machineCores: availableParallelism(),
    lateness: joined(results.map(({ lateness }) => lateness)).summary,
  }
}

function connectionsOf(results: readonly Result[]): Figures['connections'] {
  const openings = results.map(({ opening }) => opening)
  const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0)
  return {
    opened: sum(openings.map(({ opened }) => opened)),
    failed: sum(openings.map(({ failed }) => failed)),
    lost: sum(results.map(({ lost }) => lost)),
    seconds: Math.max(...openings.map(({ took }) => took)) / 1000,
    timeToOpen: joined(openings.map(({ timesToOpen }) => timesToOpen)).summary,
    protocol: openings.find(({ protocol }) => protocol !== '')?.protocol ?? '',
    compressed: openings.some(({ compressed }) => compressed),
  }
}

/** Without what may be secret: header fields. */
function settingsOf({ connecting, url: _, ...rest }: Plan): Figures['settings'] {
  const { ramp, warmup, duration, timeout, binary, ...others } = rest
  const times = { ramp, warmup, duration, timeout }
  const seconds = Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, ms / 1000]))
  return { ...others, type: binary ? 'binary' : 'text', ...seconds, protocols: connecting.protocol ?? [] }
}

const counted = (all: readonly Counts[]): Counts =>
  all.reduce((total, counts) => combine(total, counts, (a, b) => a + b), noCounts())

function joined(all: readonly Result['latency'][]): Latency {
  const latency = new Latency()
  for (const buckets of all) latency.add(buckets)
  return latency
}

function troublesOf(results: readonly Result[]): readonly Trouble[] {
  const troubles = new Troubles()
  for (const trouble of results.flatMap(result => result.troubles)) troubles.add(trouble)
  return troubles.list
}
