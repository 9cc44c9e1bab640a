/** docs/guide/observing.md says what there is: metrics, outcomes, channels. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Times } from '../../src/observe/histogram.ts'
import { METRICS } from '../../src/observe/metrics.ts'
import { Tally } from '../../src/observe/tally.ts'
import { channels } from '../../src/runtime/node/channels.ts'
import type { ServerStats } from '../../src/server/index.ts'

const page = readFileSync(new URL('../../../../docs/guide/observing.md', import.meta.url), 'utf8')

/** The rows of the table whose head begins so. */
function rows(head: string): string[][] {
  const [, table = ''] = page.split(`\n| ${head} |`)
  const lines = (table.split('\n\n')[0] ?? '').split('\n').slice(2)
  return lines.map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim().replaceAll('`', '')),
  )
}

/** Figures with a value wherever there may be one. */
const full: ServerStats = {
  ...{ uptime: 1, draining: false, deciding: 0 },
  sockets: { open: 0, opened: 0, slow: 0, paused: 0 },
  handshakes: new Tally().handshakes,
  messages: { received: 0, sent: 0 },
  bytes: { received: 0, sent: 0 },
  compressed: { received: { plain: 0, wire: 0 }, sent: { plain: 0, wire: 0 } },
  queued: { bytes: 0, most: 0, publications: 0 },
  drops: { 'drop-oldest': 0, latest: 0, disconnect: 0 },
  ...{ closes: { 1000: 1 }, limits: { maxMessage: 1 }, errors: { open: 1 } },
  roundTrips: new Times(),
  loop: { mean: 0, p50: 0, p99: 0, max: 0 },
  topics: { count: 0, subscriptions: 0, published: 0, delivered: 0, historyBytes: 0 },
  backplane: { name: 'memory', up: true, downs: 0, pending: 0, lag: 1 },
}

test('the table of metrics is what a scrape has, with types, labels and help', () => {
  const said = METRICS.map(({ name, type, help, values }) => {
    const labels = new Set(values(full).flatMap(value => Object.keys(value.labels)))
    return [name, type, [...labels].join(', '), help]
  })
  expect(rows('metric')).toEqual(said)
})

test('the table of outcomes is what handshakes are counted by', () => {
  expect(rows('outcome').map(([name]) => name)).toEqual(Object.keys(full.handshakes))
})

test('the table of channels has each of them', () => {
  expect(rows('channel').map(([name]) => name)).toEqual(Object.values(channels).map(({ name }) => name))
})
