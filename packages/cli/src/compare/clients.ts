/** The clients' process: they hear, and what they hear is timed and counted. */
import { setTimeout } from 'node:timers/promises'
import { clock } from '../bench/clock.ts'
import { type Effort, Gauge } from '../bench/gauge.ts'
import { Latency, type Summary } from '../bench/latency.ts'
import { type Client, createClient, type Surroundings, type Update } from './client.ts'
import { LATE, type Window } from './plan.ts'
import { answerCalls } from './remote.ts'

/** What the clients have heard of the updates of the window. */
export interface Heard {
  readonly received: number
  /** More than `LATE` behind its publication. */
  readonly late: number
  readonly lost: number
  /** The first thing that went wrong. */
  readonly error: string | undefined
  readonly latency: Summary | undefined
}

export interface Opening extends Omit<Surroundings, 'heard' | 'lost'> {
  readonly clients: number
}

/** So many open at a time. */
const AT_A_TIME = 50
/** Milliseconds that all of them may take. */
const PATIENCE = 60_000

const latency = new Latency()
let clients: Client[] = []
let window: Window = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY }
const counts = { received: 0, late: 0, lost: 0, error: undefined as string | undefined }

function heard({ at }: Update): void {
  if (at < window.from || at >= window.to) return
  const age = Math.max(0, clock() - at)
  latency.record(age)
  counts.received++
  if (age > LATE) counts.late++
}

function lost(error: unknown): void {
  counts.lost++
  counts.error ??= error instanceof Error ? error.message : String(error)
}

async function open({ clients: number, ...around }: Opening): Promise<void> {
  const waiting = Array.from({ length: number }, () => createClient({ ...around, heard, lost }))
  clients = [...waiting]
  const openSome = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await next.open()
  }
  const all = Promise.all(Array.from({ length: AT_A_TIME }, openSome))
  await Promise.race([all, tooLate(number)])
}

async function tooLate(number: number): Promise<never> {
  await setTimeout(PATIENCE, undefined, { ref: false })
  throw new Error(`${number} clients did not open within ${PATIENCE / 1000} s; lower --clients`)
}

function close(): void {
  for (const client of clients) client.close()
  clients = []
}

function start(given: Window): void {
  window = given
  for (const client of clients) client.start()
}

/** How busy this process is meanwhile. */
async function measure({ from, to }: Window): Promise<Effort> {
  await setTimeout(from - clock())
  const gauge = new Gauge()
  await setTimeout(to - clock())
  return gauge.read()
}

const heardSoFar = (): Heard => ({ ...counts, latency: latency.summary })

const api = {
  open,
  close,
  start,
  heard: heardSoFar,
  measure,
}
export type ClientsApi = typeof api

answerCalls(api)
