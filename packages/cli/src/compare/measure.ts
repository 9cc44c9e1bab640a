/** One way from its first connection to its figures: a fresh server and fresh clients, each a process. */
import { setTimeout } from 'node:timers/promises'
import { clock } from '../bench/clock.ts'
import type { ClientsApi, Heard } from './clients.ts'
import { type Figures, figuresOf } from './figures.ts'
import type { Plan, Way, Window } from './plan.ts'
import { Remote } from './remote.ts'
import type { Sample, ServerApi } from './server.ts'

type Phase = 'opening' | 'warming up' | 'measuring' | 'last updates'

/** What there is to see meanwhile. */
export interface View {
  readonly phase: Phase
  /** How much of the phase is over, 0 to 1. */
  readonly part: number
  readonly heard?: Heard
  readonly sample?: Sample
}

export type Watch = (view: View) => void

/** Clients that come and go first: what is loaded and compiled once is no client's. */
const FIRST = 50
/** Milliseconds between two looks. */
const LOOK = 250
/** Milliseconds that the last updates may take beyond the interval of polls. */
const GRACE = 3000

/** Rejects when the signal is aborted. */
export async function measureWay(way: Way, plan: Plan, watch: Watch, signal: AbortSignal): Promise<Figures> {
  await using server = new Remote<ServerApi>(new URL('./server.js', import.meta.url), signal, ['--expose-gc'])
  await using crowd = new Remote<ClientsApi>(new URL('./clients.js', import.meta.url), signal)
  const { clients, headers, interval, rate } = plan
  watch({ phase: 'opening', part: 0 })
  const port = await server.call('listen', way)
  const opening = { way, port, headers, interval }
  await crowd.call('open', { ...opening, clients: Math.min(FIRST, clients) })
  await crowd.call('close', undefined)
  const empty = await state(server)
  await crowd.call('open', { ...opening, clients })
  const idle = await state(server)
  const window = windowFrom(clock(), plan)
  await crowd.call('start', window)
  await server.call('run', rate)
  const measured = Promise.all([server.call('measure', window), crowd.call('measure', window)])
  await Promise.all([measured, look(server, crowd, plan, window, watch)])
  const [span, effort] = await measured
  watch({ phase: 'last updates', part: 1 })
  const heard = await theRest(crowd, span.published * clients, interval + GRACE)
  return figuresOf(way, plan, { empty, idle, span, heard, effort })
}

async function state(
  server: Remote<ServerApi>,
): Promise<{ memory: Awaited<ReturnType<ServerApi['memory']>>; sample: Sample }> {
  return { memory: await server.call('memory', undefined), sample: await server.call('sample', undefined) }
}

/** Polls are in their rhythm when it opens. */
function windowFrom(now: number, { warmup, interval, duration }: Plan): Window {
  const from = now + Math.max(warmup, interval)
  return { from, to: from + duration }
}

async function look(
  server: Remote<ServerApi>,
  crowd: Remote<ClientsApi>,
  { duration }: Plan,
  { from, to }: Window,
  watch: Watch,
): Promise<void> {
  const start = clock()
  for (let now = start; now < to; now = clock()) {
    const [heard, sample] = await Promise.all([crowd.call('heard', undefined), server.call('sample', undefined)])
    if (now < from) watch({ phase: 'warming up', part: (now - start) / (from - start), heard, sample })
    else watch({ phase: 'measuring', part: (now - from) / duration, heard, sample })
    await setTimeout(Math.min(LOOK, Math.max(0, to - clock())))
  }
}

/** What is still on its way counts, when it comes. */
async function theRest(crowd: Remote<ClientsApi>, expected: number, patience: number): Promise<Heard> {
  const end = clock() + patience
  for (;;) {
    const heard = await crowd.call('heard', undefined)
    if (heard.received >= expected || heard.lost > 0 || clock() > end) return heard
    await setTimeout(50)
  }
}
