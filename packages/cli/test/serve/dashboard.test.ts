/** docs/grafana/hotline.json shows what a real scrape has, all of it, and nothing else. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { METRICS } from '../../../hotline/src/observe/metrics.ts'
import { within } from '../../../hotline/test/support/deadline.ts'
import { serving } from '../support/hotline.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

const text = readFileSync(new URL('../../../../docs/grafana/hotline.json', import.meta.url), 'utf8')
const dashboard = JSON.parse(text) as { readonly panels: readonly Panel[] }
const panels = dashboard.panels.filter(({ type }) => type !== 'row')
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

/** The metrics that an expression names, with the labels that it names of each. */
const named = (expr: string): [name: string, labels: string[]][] =>
  [...expr.matchAll(/\b((?:hotline|process|nodejs)_\w+)\{([^}]*)\}/g)].map(([, name = '', labels = '']) => [
    name,
    [...labels.matchAll(/(\w+)=/g)].map(([, label = '']) => label),
  ])

/** What a label of Prometheus itself is. */
const OF_PROMETHEUS = ['job', 'instance']

/** Each metric of a scrape, with the labels that its lines have. */
async function scraped(): Promise<Map<string, Set<string>>> {
  await using server = await serving()
  const socket = new WebSocket(`${server.url}/echo`)
  await within('a line', once(socket, 'open'))
  const url = `${server.url.replace('ws', 'http')}/metrics`
  await (await fetch(url)).text()
  const metrics = new Map<string, Set<string>>()
  for (const line of (await (await fetch(url)).text()).split('\n')) {
    const [, type = ''] = /^# TYPE (\w+) /.exec(line) ?? []
    if (type !== '') metrics.set(type, metrics.get(type) ?? new Set())
    const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? []
    const known = metrics.get(name) ?? new Set()
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
    if (name !== '') metrics.set(name, known)
  }
  socket.terminate()
  return metrics
}

test('each expression names metrics that a scrape has, with labels that they have', async () => {
  const metrics = await scraped()
  // What has not happened yet has no lines, and what is not measured yet.
  const later: Record<string, string> = {
    hotline_closes_total: 'code',
    hotline_limits_total: 'limit',
    hotline_errors_total: 'phase',
    hotline_event_loop_delay_seconds: 'statistic',
  }
  expect(expressions.length).toBeGreaterThan(20)
  for (const expr of expressions) {
    const names = named(expr)
    expect(names.length, expr).toBeGreaterThan(0)
    const [, ...by] = /by \((\w+)(?:, (\w+))?\)/.exec(expr) ?? []
    for (const [name, labels] of names) {
      const known = metrics.get(name)
      expect(known, `${name} of ${expr}`).toBeDefined()
      const all = [...(known ?? []), ...OF_PROMETHEUS, later[name]]
      expect(all, expr).toEqual(expect.arrayContaining([...labels, ...by.filter(Boolean)]))
    }
  }
})

test('each metric of the library is on it', () => {
  const shown = new Set(expressions.flatMap(named).map(([name]) => name.replace(/_bucket$/, '')))
  expect(METRICS.map(({ name }) => name).filter(name => !shown.has(name))).toEqual([])
})

test('what is shown is that of the chosen jobs and instances, and legends name labels that are there', () => {
  for (const { title, description, targets = [] } of panels) {
    expect(description, title).toMatch(/\.$/)
    for (const { expr, legendFormat } of targets) {
      for (const [, labels] of named(expr)) expect(labels, expr).toEqual(expect.arrayContaining(OF_PROMETHEUS))
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(expr).toContain(`by (${label})`)
      expect([...expr].filter(char => char === '(').length).toBe([...expr].filter(char => char === ')').length)
    }
  }
})

test('panels stand in rows, none on another, and each has a number of its own', () => {
  const taken = new Set<string>()
  for (const { gridPos, title } of dashboard.panels) {
    const { x, y, w, h } = gridPos
    expect(x + w, title).toBeLessThanOrEqual(24)
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        expect(taken.has(`${column} ${line}`), title).toBe(false)
        taken.add(`${column} ${line}`)
      }
    }
  }
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
})
