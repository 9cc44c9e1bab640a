/** What is said about figures: fair to each way, honest about the clients, and drawn as it is. */
import { expect, test } from 'vitest'
import { colorsFor } from '../../src/colors.ts'
import type { Figures } from '../../src/compare/figures.ts'
import { findings } from '../../src/compare/findings.ts'
import { type Plan, WAYS } from '../../src/compare/plan.ts'
import { type Report, reportOf } from '../../src/compare/report.ts'
import { picture } from '../../src/compare/svg.ts'
import { text } from '../../src/compare/text.ts'

const plan: Plan = {
  ways: WAYS,
  clients: 1000,
  rate: 1,
  interval: 1000,
  duration: 10_000,
  warmup: 1000,
  headers: 'browser',
}

interface Made {
  readonly bytes?: number
  readonly p50?: number
  readonly cores?: number
  readonly missed?: number
  readonly requests?: number
  readonly busy?: number
}

function made(
  id: string,
  { bytes = 760, p50 = 5, cores = 0.02, missed = 0, requests = 10_000, busy = 0.1 }: Made,
): Figures {
  const way = WAYS.find(one => one.id === id)
  const latency = { count: 9, min: 1, mean: p50, p50, p90: p50, p99: p50, 'p99.9': p50, max: p50 }
  return {
    ...{ way: id, title: way?.title ?? '', protocol: 'HTTP/1.1', published: 10, payload: 40, latency, requests },
    updates: { received: 10_000 - missed, missed, late: 0 },
    bytesPerUpdate: { received: 0, sent: bytes },
    bytesPerSecond: { received: 0, sent: bytes },
    connections: 1000,
    opening: { received: 500, sent: id === 'websocket' ? 272 : 219, requests: 1 },
    cpu: { cores, perUpdate: cores * 1000 },
    memory: { rss: 10_240, heap: 4000 },
    lost: 0,
    client: { took: 10_000, utilization: busy, cores: busy, machine: busy },
  }
}

const polling = made('polling', { p50: 500, cores: 0.08 })
const waiting = made('long-polling', { cores: 0.09 })
const socket = made('websocket', { bytes: 42, requests: 0 })

/** What is found, by its kind. */
const found = (ways: readonly Figures[], change: Partial<Plan> = {}): Record<string, string> =>
  Object.fromEntries(findings(ways, { ...plan, ...change }).map(({ kind, message }) => [kind, message]))

test('at an update and a poll a second: age, bytes, and who comes once', () => {
  const said = found([polling, waiting, socket])
  expect(Object.keys(said)).toEqual(['latency', 'bytes', 'once'])
  expect(said['latency']).toMatch(/^an update is 500 ms old when a poll finds it: half of the interval of 1 s/)
  expect(said['bytes']).toMatch(/^WebSocket needs 42 bytes .* polling 760 bytes: 18\.1 times as many$/)
  expect(said['once']).toMatch(/one request of 719 bytes, .* WebSocket for 772 bytes$/)
})

test.each<[kind: string, ways: Figures[], change: Partial<Plan>, words: RegExp]>([
  ['batches', [made('polling', { bytes: 80 }), waiting, socket], { rate: 20 }, /carries 20\.0 updates at once/],
  ['rare', [made('polling', { bytes: 3600 }), waiting, socket], { rate: 0.2 }, /^5\.0 polls were made for each update/],
  [
    'polling wins',
    [made('polling', { bytes: 41 }), made('websocket', { bytes: 60 })],
    {},
    /needs less bytes than WebSocket/,
  ],
  ['polling wins', [made('polling', { cores: 0.01 }), socket], { rate: 50 }, /needs less CPU time than WebSocket/],
  ['missed', [made('polling', { missed: 5000 })], {}, /^updates never came: polling 50 %/],
  [
    'behind',
    [made('polling', { requests: 4000 })],
    {},
    /did not carry the polls that were due: polling 4,000 of 10,000/,
  ],
  ['clients busy', [made('sse', { busy: 0.95 })], {}, /bottleneck in server-sent events/],
  ['lost', [{ ...socket, lost: 3, error: 'cut' }], {}, /^WebSocket: 3 of 1,000 connections ended early: cut$/],
])('%s is told', (kind, ways, change, words) => {
  expect(found(ways, change)[kind]).toMatch(words)
})

test('connections that ended early are what fails a comparison, nothing else', () => {
  const all = findings([{ ...made('polling', { missed: 5, busy: 0.99, requests: 1 }), lost: 1 }, socket], plan)
  expect(all.filter(({ fails }) => fails).map(({ kind }) => kind)).toEqual(['lost'])
})

test('the table has a row for each way; memory is left out where clients are too few to tell', () => {
  const report: Report = reportOf(plan, [polling, socket], new Date(0))
  const lines = text(report, plan, colorsFor({})).split('\n')
  expect(lines.find(line => line.startsWith('WebSocket '))).toMatch(
    /^WebSocket +5 ms +5 ms +0\.0 % +0 +42\.0 +0 +2\.0 % +10\.0 KiB +772 B$/,
  )
  expect(lines.filter(line => line.startsWith('WebSocket')).at(1)).toMatch(/336 kbit\/s +3\.4 Mbit\/s +33\.6 Mbit\/s$/)
  expect(text(report, { ...plan, clients: 100 }, colorsFor({}))).toMatch(/^WebSocket .* – +772 B$/m)
})

test('the picture has a bar for each way and figure, and says the same in words', () => {
  const report = reportOf(plan, [polling, { ...socket, title: '<WebSocket & co>' }], new Date(0))
  const svg = picture(report, plan)
  expect(svg.match(/<rect x=/g)).toHaveLength(2 * 5)
  expect(svg).toContain('&lt;WebSocket &amp; co>')
  expect(svg).toContain('<desc>Latency of an update, median: Polling 500 ms, ')
  const few = picture(report, { ...plan, clients: 100 })
  expect(few.match(/<rect x=/g)).toHaveLength(2 * 4)
  expect(few).not.toContain('Memory')
})
