/** Each group of workloads as one picture: a panel of bars for each, as ratios to ws, the lowest first. */
import { BarChart } from 'echarts/charts'
import { GridComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { digits } from './table.mjs'

/** @typedef {import('../types.ts').Row} Row */
/** @typedef {import('../types.ts').Results['workloads'][number]} Measured */

use([BarChart, GridComponent, TitleComponent, SVGRenderer])

const WIDTH = 860
const BAR = 24
const HEAD = 50
const FOOT = 20
/** A bar ends here; its figure is written beside it all the same. */
const LONGEST = 4

/** hotline stands out, ws is what the others are compared with, the control is no WebSocket. */
const COLOURS = /** @type {Record<string, string>} */ ({
  hotline: '#c2410c',
  'hotline-public': '#f59e66',
  ws: '#334155',
  net: '#d8dee6',
})
const OTHER = '#8fa3b8'

/**
 * The picture of a group as SVG.
 * @param {readonly Measured[]} workloads
 * @param {(server: string) => string} titleOf
 */
export function plot(workloads, titleOf) {
  let top = 0
  const panels = workloads.map(workload => {
    const rows = workload.rows.filter(({ toWs }) => toWs !== undefined).toSorted((a, b) => ratio(b) - ratio(a))
    const panel = { workload, rows, top, height: rows.length * BAR }
    top += HEAD + panel.height + FOOT
    return panel
  })
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: top })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    title: panels.map(({ workload, top }) => ({
      text: workload.title,
      subtext: subtitle(workload),
      ...{ left: 12, top: top + 10, itemGap: 4, padding: 0 },
      textStyle: { fontSize: 14, color: '#111827' },
      subtextStyle: { fontSize: 11, color: '#4b5563' },
    })),
    grid: panels.map(({ top, height }) => ({ left: 150, right: 130, top: top + HEAD, height })),
    xAxis: panels.map((_, gridIndex) => ({ type: 'value', gridIndex, min: 0, show: false })),
    yAxis: panels.map(({ rows }, gridIndex) => ({
      type: 'category',
      gridIndex,
      data: rows.map(({ server }) => titleOf(server)),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: '#111827', fontSize: 12, interval: 0 },
    })),
    series: panels.map((panel, index) => bars(panel, index)),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}

const ratio = (/** @type {Row} */ { toWs = 0 }) => toWs

const subtitle = (/** @type {Measured} */ { main }) =>
  main === 'memory' ? 'memory for each connection, as a ratio to ws' : 'CPU time for each message, as a ratio to ws'

/**
 * @param {{ workload: Measured, rows: readonly Row[] }} panel
 * @param {number} index
 */
function bars({ workload, rows }, index) {
  return {
    type: 'bar',
    xAxisIndex: index,
    yAxisIndex: index,
    barWidth: BAR - 8,
    data: rows.map(row => ({
      value: Math.min(ratio(row), LONGEST),
      itemStyle: { color: COLOURS[row.server] ?? OTHER },
      label: { show: true, position: 'right', color: '#111827', fontSize: 12, formatter: label(workload, row) },
    })),
  }
}

/**
 * @param {Measured} workload
 * @param {Row} row
 */
function label({ main }, row) {
  const median = row.figures[main]?.median ?? 0
  const figure = main === 'memory' ? `${digits(median / 1024)} KiB` : `${digits(median)} µs`
  const longer = ratio(row) > LONGEST ? '… ' : ''
  return `${longer}${ratio(row).toFixed(ratio(row) < 0.1 ? 3 : 2)}  (${figure})`
}
