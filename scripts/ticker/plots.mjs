/** Two pictures of what was played: how old the data is that readers get, and what the server's memory does meanwhile. */
import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

/** @typedef {import('./main.mjs').Played} Played */
/** @typedef {{ name: string, points: (number | null)[], step: number, dashed?: boolean }} Curve */

const WIDTH = 860
const HEIGHT = 380
const COLOURS = ['#0f766e', '#c2410c', '#f59e66', '#334155', '#2563eb']

/** @param {readonly Played[]} played */
export function plots(played) {
  const ages = played.filter(({ group }) => group === 'ages')
  const memory = played.filter(({ group }) => group === 'memory')
  return {
    ages: plot(
      'Age of the data that a slow reader gets, p99, in milliseconds (logarithmic)',
      '10 of 100 readers read a tenth of 1 000 publications a second of 50 symbols; dashed: the fast readers beside them',
      ages.flatMap(({ name, late, quick, seconds }) => {
        const step = (seconds * 1000) / late.parts.length
        const fast = { name: `${name}: the fast ones`, points: quick.parts, step, dashed: true }
        return late.read > 0 ? [{ name, points: late.parts, step }, fast] : [{ ...fast, name }]
      }),
      { type: 'log', min: 0.1 },
    ),
    memory: plot(
      'Memory of the server (RSS), in MiB',
      '10 of 20 readers have stopped reading; 1 000 publications of 4 KiB a second',
      memory.map(({ name, rss, step }) => ({ name, points: rss.map(bytes => bytes / 1_048_576), step })),
      { type: 'value', min: 0 },
    ),
  }
}

/**
 * @param {string} text
 * @param {string} subtext
 * @param {Curve[]} curves
 * @param {{ type: 'log' | 'value', min: number }} yAxis
 */
function plot(text, subtext, curves, yAxis) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  const named = curves.filter(({ name }) => !name.includes(':')).map(({ name }) => name)
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    title: {
      ...{ text, subtext, left: 12, top: 10, itemGap: 4, padding: 0 },
      textStyle: { fontSize: 14, color: '#111827' },
      subtextStyle: { fontSize: 11, color: '#4b5563' },
    },
    legend: { bottom: 6, data: named, itemGap: 26, itemWidth: 16, textStyle: { color: '#111827', fontSize: 11 } },
    grid: { left: 60, right: 30, top: 62, bottom: 70 },
    xAxis: { type: 'value', name: 's', nameLocation: 'middle', nameGap: 22, axisLabel: { color: '#4b5563' } },
    yAxis: { ...yAxis, axisLabel: { color: '#4b5563' } },
    series: curves.map(curve => line(curve, COLOURS[named.indexOf(curve.name.split(':')[0] ?? '') % COLOURS.length])),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}

/** @param {Curve} curve @param {string | undefined} color */
function line({ name, points, step, dashed }, color) {
  return {
    type: 'line',
    ...{ name, color, symbol: 'none' },
    lineStyle: { width: dashed ? 1 : 2, type: dashed ? 'dashed' : 'solid' },
    data: points.map((point, at) => [((at + 1) * step) / 1000, point]),
  }
}
