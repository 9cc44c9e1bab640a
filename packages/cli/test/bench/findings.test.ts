/** What is said of which figures. */
import { expect, test } from 'vitest'
import type { Figures } from '../../src/bench/figures.ts'
import { findings } from '../../src/bench/findings.ts'
import type { Summary } from '../../src/bench/latency.ts'
import type { Plan } from '../../src/bench/plan.ts'
import { noCounts } from '../../src/bench/tally.ts'

const summary = (p99: number): Summary => ({ count: 1, min: 1, mean: 1, p50: 1, p90: 1, p99, 'p99.9': p99, max: p99 })

const PLAN: Plan = {
  url: 'ws://127.0.0.1/',
  connections: 10,
  pipeline: 4,
  size: 64,
  binary: false,
  rate: undefined,
  ramp: 0,
  warmup: 0,
  duration: 1000,
  timeout: 10_000,
  deflate: false,
  threads: 1,
  connecting: {},
}

const totals = { ...noCounts(), sent: 1000, answered: 1000, unsent: 0, bytesSent: 64_000 }
const client = { threads: 1, utilization: 0.5, cores: 0.5, machine: 0.5, machineCores: 4, lateness: undefined }
const connections = {
  opened: 10,
  failed: 0,
  lost: 0,
  seconds: 0,
  timeToOpen: undefined,
  protocol: '',
  compressed: false,
}

const FIGURES: Figures = {
  url: PLAN.url,
  started: '',
  ended: 'done',
  node: '',
  settings: {},
  connections,
  seconds: 1,
  messagesPerSecond: 1000,
  bytesPerSecond: { sent: 1, received: 1 },
  latency: summary(1),
  histogram: [],
  hdr: undefined,
  totals,
  errors: [],
  client,
}

const said = (figures: Partial<Figures>, plan: Partial<Plan> = {}): string[] =>
  findings({ ...PLAN, ...plan }, { ...FIGURES, ...figures }).map(
    ({ fails, kind }) => `${fails ? 'fails' : 'notes'} ${kind}`,
  )

const noAnswer = [{ kind: 'no answer', message: '', count: 5 }]

test.each<[string, Partial<Figures>, Partial<Plan>, string[]]>([
  ['an echo', {}, {}, []],
  ['an echo that greets', { totals: { ...totals, foreign: 10, greetings: 10 } }, {}, ['notes greeting']],
  ['a room', { totals: { ...totals, foreign: 9000 } }, {}, ['fails broadcast']],
  ['a server that answers twice', { totals: { ...totals, foreign: 990 } }, {}, ['fails broadcast']],
  ['other answers', { totals: { ...totals, answered: 0, foreign: 900 } }, {}, ['fails not an echo']],
  ['an answer that was changed', { totals: { ...totals, foreign: 1 } }, {}, ['fails mismatch']],
  ['an answer that was left out', { totals: { ...totals, skipped: 1 } }, {}, ['fails mismatch']],
  ['silence', { totals: { ...totals, answered: 0, unanswered: 1000 }, errors: noAnswer }, {}, ['fails silent']],
  ['some silence', { totals: { ...totals, unanswered: 5 }, errors: noAnswer }, {}, ['fails unanswered']],
  ['silence when a person was in a hurry', { ended: 'stopped', totals: { ...totals, unanswered: 5 } }, {}, []],
  ['a backlog', { totals: { ...totals, unsent: 7 } }, { rate: 1000 }, ['fails behind']],
  ['a backlog that was cut', { ended: 'stopped', totals: { ...totals, unsent: 7 } }, { rate: 1000 }, []],
  ['a busy client', { client: { ...client, utilization: 0.95 } }, {}, ['notes client busy']],
  ['a client that sends late', { client: { ...client, lateness: summary(11) } }, { rate: 1000 }, ['notes client late']],
  ['a full machine', { client: { ...client, machine: 0.99 } }, {}, ['notes machine busy']],
  ['a busy client, nothing measured', { latency: undefined, client: { ...client, utilization: 1 } }, {}, []],
  ['a rate that is not reached', { messagesPerSecond: 980 }, { rate: 1000 }, ['notes rate missed']],
  ['a rate that is reached', { messagesPerSecond: 995 }, { rate: 1000 }, []],
  ['no compression', {}, { deflate: true }, ['notes not compressed']],
  ['no subprotocol', {}, { connecting: { protocol: ['chat'] } }, ['notes no subprotocol']],
])('%s', (_, figures, plan, expected) => expect(said(figures, plan)).toEqual(expected))

const messageOf = (figures: Partial<Figures>, plan: Partial<Plan> = {}): string | undefined =>
  findings({ ...PLAN, ...plan }, { ...FIGURES, ...figures })[0]?.message

test('a busy client is told what the figures mean and what to do', () => {
  expect(messageOf({ client: { ...client, utilization: 0.96 } })).toBe(
    "this client was the bottleneck (its thread was busy 96 % of the time): the server may do more messages a second than this, and part of the latency is the client's own; use --threads 2, lower --connections or --pipeline, or load the server from several machines",
  )
})

test('more threads than cores are advised to nobody', () => {
  const busy = { ...client, utilization: 1, threads: 4, machineCores: 4 }
  expect(messageOf({ client: busy }, { threads: 4, rate: 10 })).toMatch(/client's own; lower --rate, or load/)
})

test.each([
  ['closed 1013', 'the server closed with 1013', 'ended early: the server closed with 1013; it sheds load'],
  ['closed 4401', 'the server closed with 4401', 'ended early: the server closed with 4401'],
  ['refused 503', 'the server refused with 503', 'could not be opened: the server refused with 503'],
  ['lost', 'the connection was lost', 'ended early: the connection was lost'],
])('connections with %s fail the run', (kind, message, words) => {
  const figures = { errors: [{ kind, message, count: 3 }] }
  expect(said(figures)).toEqual([`fails ${kind}`])
  expect(messageOf(figures)).toContain(`3 connections ${words.startsWith('ended') ? 'of 10 ' : ''}${words}`)
})
