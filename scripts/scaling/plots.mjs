/** Two pictures: what is delivered by so many processes, and what a delivery costs. */
import { BarChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

/** @typedef {import('./main.mjs').Figures} Figures */

const COUNTS = [1, 2, 4]
const COLOURS = ['#0f766e', '#2563eb', '#c2410c']

/** @param {readonly Figures[]} figures @param {import('./measure.mjs').Work} work */
export function plots(figures, { clients }) {
  const those = `${clients} readers of one topic; nodes, engine and readers share two cores`
  return {
    deliveries: plot(figures, 'Deliveries a second, as fast as it goes', those, ({ flood }) => flood.perSecond),
    cpu: plot(
      figures,
      'CPU for each delivery, nodes and engine, in microseconds',
      those,
      ({ flood }) => flood.nodes + flood.engine,
    ),
  }
}

/** @param {readonly Figures[]} figures @param {string} text @param {string} subtext @param {(figures: Figures) => number} value */
function plot(figures, text, subtext, value) {
  const names = [...new Set(figures.map(({ name }) => name))]
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 860, height: 380 })
  const label = { color: '#4b5563' }
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    title: {
      ...{ text, subtext, left: 12, top: 10, itemGap: 4, padding: 0 },
      textStyle: { fontSize: 14, color: '#111827' },
      subtextStyle: { fontSize: 11, color: '#4b5563' },
    },
    legend: { bottom: 6, textStyle: { color: '#111827', fontSize: 11 } },
    grid: { left: 70, right: 30, top: 62, bottom: 60 },
    xAxis: { type: 'category', data: names, axisLabel: label },
    yAxis: { type: 'value', axisLabel: label },
    series: COUNTS.map((count, at) => ({
      type: 'bar',
      name: count === 1 ? '1 process' : `${count} processes`,
      color: COLOURS[at],
      data: names.map(name => {
        const one = figures.find(figure => figure.name === name && figure.processes === count)
        return one === undefined ? null : value(one)
      }),
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}
