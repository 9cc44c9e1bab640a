/** The report as people read it. */
import type { Colors } from '../colors.ts'
import { harmless } from '../connect/printer.ts'
import type { Figures } from './figures.ts'
import { worst } from './findings.ts'
import { bytes, count, duration, percent, throughput } from './format.ts'
import type { Summary } from './latency.ts'
import type { Plan } from './plan.ts'
import type { Report } from './report.ts'

/** Columns of the longest bar. */
const BAR = 32

export function text(plan: Plan, report: Report, colors: Colors): string {
  const label = (name: string): string => colors.bold(name.padEnd(13))
  const lines = [
    label('Connections') + connections(report),
    ...(report.latency === undefined ? [] : measured(report, label)),
    label('Client') + client(report),
    ...errors(report, label),
    ...findings(report, colors),
  ]
  return `${heading(plan)}\n\n${lines.join('\n')}\n`
}

/** The first failure is told by the end of the command. */
function findings({ findings: all }: Report, colors: Colors): string[] {
  const last = worst(all)
  return all
    .filter(finding => finding !== last)
    .map(({ fails, message }) => `\n${fails ? colors.red('Failed') : colors.yellow('Note')}: ${harmless(message)}`)
}

function heading(plan: Plan): string {
  const { connections, pipeline, size, binary, rate, warmup, duration, deflate } = plan
  const warm = warmup === 0 ? '' : ` after ${warmup / 1000} s of warm-up`
  const load = rate === undefined ? `${count(pipeline)} in flight on each` : `${rate} messages/s in all`
  const what = `${binary ? 'binary' : 'text'} of ${bytes(size)}${deflate ? ', compressed' : ''}`
  const lines = `${count(connections)} connection${connections === 1 ? '' : 's'}`
  return `${plan.url}: ${lines}, ${load}, ${what}, ${duration / 1000} s${warm}`
}

function connections({ connections: { opened, failed, lost, seconds, timeToOpen } }: Figures): string {
  const bad = [failed > 0 ? `${count(failed)} failed` : '', lost > 0 ? `${count(lost)} lost` : ''].filter(Boolean)
  const time = timeToOpen && `; each took ${duration(timeToOpen.p50)} (p50), ${duration(timeToOpen.p99)} (p99)`
  const all = `${count(opened)} of ${count(opened + failed)} opened in ${duration(seconds * 1000)}${time ?? ''}`
  return [all, ...bad].join('; ')
}

function measured(figures: Figures, label: (name: string) => string): string[] {
  const { latency, messagesPerSecond, bytesPerSecond, totals, seconds } = figures
  return [
    `${label('Throughput')}${count(messagesPerSecond)} messages/s; ${throughput(bytesPerSecond.sent)} sent, ${throughput(bytesPerSecond.received)} received`,
    `${label('Messages')}${count(totals.sent)} sent, ${count(totals.answered)} answered; ${count(latency?.count ?? 0)} of them measured, in ${duration(seconds * 1000)}`,
    ...percentiles(latency as Summary, label('Latency')),
    '',
    ...histogram(figures),
    '',
  ]
}

function percentiles(summary: Summary, label: string): string[] {
  const columns = (['min', 'p50', 'p90', 'p99', 'p99.9', 'max'] as const).map(name => [name, duration(summary[name])])
  const row = (index: 0 | 1): string => columns.map(column => (column[index] as string).padStart(9)).join('')
  return [label + row(0).trimStart().padStart(row(0).length), ' '.repeat(13) + row(1)]
}

function histogram({ histogram: rows }: Figures): string[] {
  const all = rows.reduce((sum, row) => sum + row.count, 0)
  const most = Math.max(...rows.map(row => row.count))
  return rows.map(row => {
    const bar = row.count === 0 ? '' : '█'.repeat(Math.max(1, Math.round((BAR * row.count) / most)))
    const part = `${((100 * row.count) / all).toFixed(2)} %`
    return `  to ${duration(row.to).padStart(8)}  ${bar.padEnd(BAR)} ${part.padStart(8)} ${count(row.count).padStart(12)}`
  })
}

function client({ client: { threads, utilization, cores, machine, machineCores, lateness } }: Figures): string {
  const late = lateness && `; sent ${duration(lateness.p50)} (p50), ${duration(lateness.p99)} (p99) after its time`
  const many = threads === 1 ? '1 thread' : `${threads} threads, the busiest`
  return `${many} busy ${percent(utilization)}; ${cores.toFixed(2)} cores of CPU; the machine's ${machineCores} cores busy ${percent(machine)}${late ?? ''}`
}

function errors({ errors: list }: Figures, label: (name: string) => string): string[] {
  if (list.length === 0) return [`${label('Errors')}none`]
  return list.map(({ kind, count: times }, index) => `${label(index === 0 ? 'Errors' : '')}${count(times)} ${kind}`)
}
