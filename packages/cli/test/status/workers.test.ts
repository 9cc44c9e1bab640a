/** Several processes as one: on the server their topics and sockets, on the page their figures and curves. */
import { expect, test } from 'vitest'
import { Times } from '../../../hotline/src/observe/histogram.ts'
import { Tally } from '../../../hotline/src/observe/tally.ts'
import { joinedSockets, socketQuestion } from '../../src/serve/status/lists.ts'
import { joinedTopics, pack } from '../../src/serve/status/topics.ts'
import type { Pulse, SocketRow, TopicRow } from '../../src/serve/status/wire.ts'
import { History, SPAN } from '../../src/status/history.ts'
import { together } from '../../src/status/together.ts'

const topic = (name: string, more: Partial<TopicRow> = {}): TopicRow => ({
  ...{ name, subscribers: 0, rate: 0, history: 0, historyBytes: 0, pending: 0, slow: 0, dropped: 0, ...more },
})

test('a topic has the readers of all, and its publications and history once, since each process has all of them', () => {
  const one = pack([topic('a', { subscribers: 2, rate: 10, history: 5, historyBytes: 50, pending: 1, slow: 1 })])
  const two = pack([topic('b', { dropped: 3 }), topic('a', { subscribers: 3, rate: 9.5, history: 5, pending: 2 })])
  const rows = joinedTopics([one, two, pack([])])
  expect(rows).toEqual([
    topic('a', { subscribers: 5, rate: 10, history: 5, historyBytes: 50, pending: 3, slow: 1 }),
    topic('b', { dropped: 3 }),
  ])
})

const socket = (worker: number, id: number, queued: number): SocketRow => ({
  ...{ id, worker, address: '127.0.0.1', path: '/echo', age: 1, received: 0, sent: 0, queued, roundTrip: -1 },
})

test('sockets of all are in one order, and the first hundred of them are shown', () => {
  const part = (worker: number) => ({
    ...{ count: 1_000, found: 500 },
    rows: Array.from({ length: 100 }, (_, id) => socket(worker, id, 1_000 - 2 * id - worker)),
  })
  const { count, found, rows } = joinedSockets([part(1), part(2)], socketQuestion({ sort: 'queued', down: true }))
  expect([count, found, rows.length]).toEqual([2_000, 1_000, 100])
  expect(rows.map(({ queued }) => queued)).toEqual(Array.from({ length: 100 }, (_, at) => 999 - at))
})

/** One of those that share the port, with so many sockets, so many messages ever, and so long a delay. */
function pulse(worker: number, at: number, [open, received, delay]: readonly [number, number, number], pid = worker) {
  const { handshakes } = new Tally()
  const stats = {
    ...{ uptime: at, draining: false, deciding: 0, handshakes: { ...handshakes, accepted: open } },
    sockets: { open, opened: open, slow: 0, paused: 0 },
    messages: { received, sent: 0 },
    bytes: { received: 0, sent: 0 },
    compressed: { received: { plain: 0, wire: 0 }, sent: { plain: 0, wire: 0 } },
    queued: { bytes: open, most: open, publications: 0 },
    ...{ drops: { 'drop-oldest': 0, latest: 0, disconnect: 0 }, closes: {}, limits: {}, errors: {} },
    ...{ roundTrips: new Times(), loop: undefined },
    topics: { count: 0, subscriptions: 0, published: 0, delivered: 0, historyBytes: 0 },
    backplane: { name: 'cluster', up: worker !== 3, downs: 1, pending: 1, lag: delay },
  }
  const loop = { mean: delay, p50: delay, p99: delay, max: delay }
  const whole: Pulse = {
    worker,
    pid,
    at,
    stats,
    loop,
    roundTrips: undefined,
    process: { rss: 10, heap: 1, cpu: at / 2 },
  }
  return whole
}

test('the figures of all are sums, the delays those of the slowest, and the backplane is up where it is up for all', () => {
  const history = new History()
  history.add([pulse(1, 1_000, [2, 0, 1]), pulse(3, 1_000, [3, 0, 1])])
  const { stats, loop, roundTrips, rss, rates } = together(
    history.add([pulse(1, 2_000, [2, 10, 5]), pulse(3, 2_000, [3, 20, 7])]),
  )
  expect(stats).toMatchObject({ sockets: { open: 5 }, queued: { bytes: 5, most: 3 }, handshakes: { accepted: 5 } })
  expect(stats.backplane).toEqual({ name: 'cluster', up: false, downs: 2, pending: 2, lag: 7 })
  expect([loop?.p99, roundTrips, rss, rates?.received, rates?.cpu]).toEqual([7, undefined, 20, 30, 1])
})

test('curves are those of all or of one, and one that is replaced or silent leaves no cliff in the rates', () => {
  const history = new History()
  history.add([pulse(1, 1_000, [2, 100, 1]), pulse(2, 1_000, [3, 100, 4])])
  history.add([pulse(1, 2_000, [2, 110, 1]), pulse(2, 2_000, [3, 130, 4])])
  history.add([pulse(1, 3_000, [2, 120, 1])])
  // Another process has its number: what it counts begins anew.
  history.add([pulse(1, 4_000, [2, 130, 1]), pulse(2, 4_000, [1, 5, 4], 99)])
  expect(history.line('open', undefined)).toEqual([5, 5, 2, 3])
  expect(history.line('received', undefined)).toEqual([null, 40, 10, 10])
  expect(history.line('received', 2)).toEqual([null, 30, null, null])
  expect(history.line('delay', undefined)).toEqual([4, 4, 1, 4])
})

test('where nothing was known there is a gap, and what is older than the plot is forgotten', () => {
  const history = new History()
  history.add([pulse(1, 1_000, [2, 0, 1])])
  history.lose()
  history.lose()
  expect(history.line('open', undefined)).toEqual([2, null])
  history.add([pulse(1, 2_000 + SPAN, [4, 0, 1])])
  expect([history.times, history.line('open', 1)]).toEqual([[2_000 + SPAN], [4]])
})
