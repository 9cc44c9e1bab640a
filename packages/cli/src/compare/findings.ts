/** What the figures mean, in words: fair to each way, and honest about the clients. */
import { bytes, count, duration, percent } from '../bench/format.ts'
import { type Figures, total } from './figures.ts'
import { LATE, type Plan } from './plan.ts'

/** A sentence about the comparison. What fails makes the exit code 1. */
export interface Finding {
  readonly fails: boolean
  readonly kind: string
  readonly message: string
}

type Rule = (found: ReadonlyMap<string, Figures>, plan: Plan) => string | undefined

/** A client that is busier than this measures itself. */
const BUSY = 0.9
/** The least part of the polls that are due; jitter leaves out a few at the ends. */
const KEPT_UP = 0.9
/** Less than this part between two figures is noise. */
const ALIKE = 0.1

const perUpdate = ({ bytesPerUpdate }: Figures): number => total(bytesPerUpdate)

const RULES: Readonly<Record<string, Rule>> = {
  lost(found, { clients }) {
    const bad = [...found.values()].find(({ lost }) => lost > 0)
    return bad && `${bad.title}: ${count(bad.lost)} of ${count(clients)} connections ended early: ${bad.error}`
  },
  latency(found, { interval }) {
    const [polling, socket] = [found.get('polling')?.latency, found.get('websocket')?.latency]
    if (polling === undefined || socket === undefined) return undefined
    return `an update is ${duration(polling.p50)} old when a poll finds it: half of the interval of ${duration(interval)}, and the way; over WebSocket it is ${duration(socket.p50)} old`
  },
  bytes(found) {
    const least = leastOf(found, perUpdate)
    const most = [...found.values()].toSorted((a, b) => perUpdate(b) - perUpdate(a))[0]
    if (least === undefined || most === undefined || least === most) return undefined
    return `${named(least)} needs ${bytes(Math.round(perUpdate(least)))} for an update of a client, ${named(most)} ${bytes(Math.round(perUpdate(most)))}: ${(perUpdate(most) / perUpdate(least)).toFixed(1)} times as many`
  },
  batches(found, { rate, interval }) {
    const [polling, waiting] = [found.get('polling'), found.get('long-polling')]
    const each = (rate * interval) / 1000
    if (polling === undefined || waiting === undefined || each <= 1) return undefined
    if (perUpdate(polling) >= perUpdate(waiting) * (1 - ALIKE)) return undefined
    return `polling beats long polling here: an answer carries ${each.toFixed(1)} updates at once, where long polling asks again for each`
  },
  rare(found, { rate, interval }) {
    const polling = found.get('polling')
    const polls = 1000 / (rate * interval)
    if (polling === undefined || polls <= 2) return undefined
    return `${polls.toFixed(1)} polls were made for each update, most of them for nothing: updates are rarer than the interval, so a longer one would cost less and lose only freshness`
  },
  'polling wins'(found) {
    const [polling, socket] = [found.get('polling'), found.get('websocket')]
    if (polling === undefined || socket === undefined) return undefined
    const wins = [
      perUpdate(polling) < perUpdate(socket) * (1 - ALIKE) ? 'bytes' : '',
      polling.cpu.cores < socket.cpu.cores * (1 - ALIKE) ? 'CPU time' : '',
    ].filter(Boolean)
    if (wins.length === 0) return undefined
    return `polling needs less ${wins.join(' and less ')} than WebSocket here: it takes many updates at once; where they may be as old as the interval, it is the better choice`
  },
  once(found) {
    const [polling, socket] = [found.get('polling'), found.get('websocket')]
    if (polling === undefined || socket === undefined) return undefined
    const [ask, open] = [total(polling.opening), total(socket.opening)]
    if (ask > open) return undefined
    return `who comes once and asks once is better served by one request of ${bytes(Math.round(ask))}, which a cache may answer too, than by opening a WebSocket for ${bytes(Math.round(open))}`
  },
  behind(found, { clients, interval, duration: time }) {
    const due = (clients * time) / interval
    const behind = [...found.values()].filter(
      ({ way, requests }) => way.startsWith('polling') && requests < due * KEPT_UP,
    )
    if (behind.length === 0) return undefined
    const each = behind.map(figures => `${named(figures)} ${count(figures.requests)}`)
    return `the machine did not carry the polls that were due: ${each.join(', ')} of ${count(due)}; with all of them there would be as many more bytes, and more CPU time`
  },
  missed(found) {
    const bad = [...found.values()].filter(({ updates }) => updates.missed > 0)
    if (bad.length === 0) return undefined
    const each = bad.map(
      figures =>
        `${named(figures)} ${percent(figures.updates.missed / (figures.updates.missed + figures.updates.received))}`,
    )
    return `updates never came: ${each.join(', ')}; a server keeps so much for those who ask, and no more`
  },
  'clients busy'(found) {
    const busy = [...found.values()].filter(({ client }) => client.utilization > BUSY)
    if (busy.length === 0) return undefined
    return `the clients themselves were the bottleneck in ${busy.map(named).join(', ')}: latencies beyond ${LATE} ms may be theirs; lower --clients or --rate`
  },
}

const FAILS: readonly string[] = ['lost']

export function findings(all: readonly Figures[], plan: Plan): Finding[] {
  const found = new Map(all.map(figures => [figures.way, figures]))
  return Object.entries(RULES).flatMap(([kind, rule]) => {
    const message = rule(found, plan)
    return message === undefined ? [] : [{ fails: FAILS.includes(kind), kind, message }]
  })
}

const leastOf = (found: ReadonlyMap<string, Figures>, of: (figures: Figures) => number): Figures | undefined =>
  [...found.values()].toSorted((a, b) => of(a) - of(b))[0]

/** Its title in the middle of a sentence. */
const named = ({ title }: Figures): string =>
  /^[A-Z][a-z]+[A-Z]/.test(title) ? title : title[0]?.toLowerCase() + title.slice(1)
