/** The report as people read it. */
import { count, duration } from '../bench/format.ts'
import type { Colors } from '../colors.ts'
import { type Figures, total } from './figures.ts'
import { ENOUGH_FOR_MEMORY, type Plan } from './plan.ts'
import type { Report } from './report.ts'

type Column = readonly [title: string, cell: (figures: Figures, plan: Plan) => string]

const kib = (bytes: number): string => `${(Math.max(0, bytes) / 1024).toFixed(1)} KiB`

export const amount = (value: number): string => (value < 99.5 ? value.toFixed(1) : count(value))

const COLUMNS: readonly Column[] = [
  ['latency p50', ({ latency }) => (latency ? duration(latency.p50) : 'none')],
  ['p99', ({ latency }) => (latency ? duration(latency.p99) : 'none')],
  ['late', ({ updates: { late, received } }) => (received === 0 ? 'none' : share(late / received))],
  ['missed', ({ updates: { missed } }) => count(missed)],
  ['bytes/update', figures => amount(total(figures.bytesPerUpdate))],
  ['requests', ({ requests }) => count(requests)],
  ['CPU', ({ cpu }) => share(cpu.cores)],
  ['idle client', ({ memory }, { clients }) => (clients < ENOUGH_FOR_MEMORY ? '–' : kib(memory.rss))],
  ['to open', ({ opening }) => `${count(total(opening))} B`],
]

/** Columns of the first one. */
const FIRST = 28

const share = (part: number): string => `${(part * 100).toFixed(part < 0.0995 ? 1 : 0)} %`

export function text(report: Report, plan: Plan, colors: Colors): string {
  const rows = report.ways.map(figures => [figures.title, ...COLUMNS.map(([, cell]) => cell(figures, plan))])
  const table = layOut([['', ...COLUMNS.map(([title]) => title)], ...rows], colors)
  const notes = report.findings
    .filter(({ fails }) => !fails)
    .map(({ message }) => `- ${message[0]?.toUpperCase()}${message.slice(1)}.`)
  return `${heading(plan)}\n\n${table}\n\n${explanation(plan)}\n\n${crowds(report, colors)}\n\n${notes.join('\n')}\n`
}

export function heading({ clients, rate, interval, duration: time, headers }: Plan): string {
  const each = `${count(clients)} client${clients === 1 ? '' : 's'}`
  const fields = headers === 'browser' ? "with a browser's header fields" : 'with as few header fields as possible'
  return `${each} ${fields}; ${rate} update${rate === 1 ? '' : 's'}/s; polls each ${duration(interval)}; ${time / 1000} s for each way`
}

const explanation = ({ clients }: Plan): string =>
  [
    'Late: more than 100 ms after it was published. Bytes: at the socket, both ways, with headers and frames, for each',
    `update and client. CPU: of one core, by the server's process, for ${count(clients)} clients. Idle client: what the`,
    `server's process grows by for each, told from ${ENOUGH_FOR_MEMORY} on. To open: bytes until the first update can come.`,
  ].join('\n')

/** So many clients has the classic comparison. Lubbers and Greco, "HTML5 WebSocket: A Quantum Leap in Scalability for the Web" */
const CROWDS = [1_000, 10_000, 100_000]

/** What the bytes come to for more clients than were measured. */
function crowds({ ways }: Report, colors: Colors): string {
  const rows = ways.map(({ title, bytesPerSecond }) => [
    title,
    ...CROWDS.map(clients => rateOf(total(bytesPerSecond) * clients)),
  ])
  return layOut([['On the wire, computed', ...CROWDS.map(clients => `${count(clients)} clients`)], ...rows], colors)
}

/** Bits a second, as networks are sold. */
function rateOf(bytesPerSecond: number): string {
  const bits = bytesPerSecond * 8
  if (bits >= 999_500_000) return `${(bits / 1e9).toFixed(2)} Gbit/s`
  if (bits >= 999_500) return `${(bits / 1e6).toFixed(bits < 99_500_000 ? 1 : 0)} Mbit/s`
  return `${(bits / 1000).toFixed(0)} kbit/s`
}

function layOut(rows: readonly (readonly string[])[], { bold }: Colors): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(FIRST) : cell.padStart((widths[column] ?? 0) + 2))).join('')
  return rows.map((row, index) => (index === 0 ? bold(line(row)) : line(row))).join('\n')
}
