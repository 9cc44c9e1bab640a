/** The comparison as one picture: bars for each figure, shortest best. By hand, since a chart library is larger than the command. */
import { count, duration } from '../bench/format.ts'
import { type Figures, total } from './figures.ts'
import { ENOUGH_FOR_MEMORY, type Plan } from './plan.ts'
import type { Report } from './report.ts'
import { amount, heading } from './text.ts'

type Panel = readonly [title: string, value: (figures: Figures) => number, label: (value: number) => string]

const MEMORY: Panel = [
  'Memory for each idle client',
  ({ memory }) => Math.max(0, memory.rss) / 1024,
  value => `${value.toFixed(1)} KiB`,
]

const PANELS: readonly Panel[] = [
  ['Latency of an update, median', ({ latency }) => latency?.p50 ?? 0, value => (value > 0 ? duration(value) : 'none')],
  ['Bytes on the wire for each update', ({ bytesPerUpdate }) => total(bytesPerUpdate), amount],
  ['CPU of the server, of one core', ({ cpu }) => cpu.cores * 100, value => `${value.toFixed(1)} %`],
  MEMORY,
  ['Bytes until the first update can come', ({ opening }) => total(opening), count],
]

const WIDTH = 860
const LEFT = 210
const LONGEST = 520
const ROW = 24
const HEAD = 46
const TOP = 44

/** As in the pictures of the benchmarks: what is ours stands out. */
const COLOURS = { websocket: '#c2410c', other: '#8fa3b8', ink: '#111827', quiet: '#4b5563' }

export function picture({ ways, started, node }: Report, plan: Plan): string {
  const shown = PANELS.filter(panel => panel !== MEMORY || plan.clients >= ENOUGH_FOR_MEMORY)
  const height = TOP + shown.length * (HEAD + ways.length * ROW) + 16
  const title = `HTTP against WebSocket: ${heading(plan)}`
  const panels = shown.map((panel, index) => drawn(panel, ways, TOP + index * (HEAD + ways.length * ROW)))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${escaped(title)}</title>
<desc>${escaped(described(shown, ways))}</desc>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${line(12, 26, `${heading(plan)}. Node ${node.slice(1)}, ${started.slice(0, 10)}`, `fill="${COLOURS.quiet}"`)}
${panels.join('\n')}
</svg>
`
}

function drawn([title, value, label]: Panel, ways: readonly Figures[], top: number): string {
  const most = Math.max(...ways.map(value), Number.MIN_VALUE)
  const rows = ways.map((figures, index) => {
    const [y, width] = [top + HEAD - 8 + index * ROW, Math.max(1, (LONGEST * value(figures)) / most)]
    const colour = figures.way === 'websocket' ? COLOURS.websocket : COLOURS.other
    return [
      line(LEFT - 10, y + 12, figures.title, `text-anchor="end" fill="${COLOURS.ink}"`),
      `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 8}" fill="${colour}"/>`,
      line(LEFT + width + 8, y + 12, label(value(figures)), `fill="${COLOURS.ink}"`),
    ].join('\n')
  })
  return [line(12, top + 24, title, `font-size="14" font-weight="600" fill="${COLOURS.ink}"`), ...rows].join('\n')
}

/** The same for those who do not see it. */
const described = (panels: readonly Panel[], ways: readonly Figures[]): string =>
  panels
    .map(([title, value, label]) => `${title}: ${ways.map(way => `${way.title} ${label(value(way))}`).join(', ')}.`)
    .join(' ')

const line = (x: number, y: number, text: string, attributes: string): string =>
  `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escaped(text)}</text>`

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
