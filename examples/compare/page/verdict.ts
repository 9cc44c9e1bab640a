/** Who wins at these settings, and why: fair to polling. */
import type { Lane } from '../words.ts'
import type { Figures } from './figures.ts'
import { age, count } from './format.ts'

export interface Settings {
  /** Updates a second. */
  readonly rate: number
  /** Milliseconds between two polls. */
  readonly interval: number
}

export interface Verdict {
  /** Without figures, so that it changes when the winner does. */
  readonly headline: string
  readonly text: string
}

/** What comes of fewer updates is chance. */
const ENOUGH = 3
/** From so many updates for each poll on, an answer shares its headers among many; below the other, most polls are for nothing. */
const MANY = 5
const FEW = 0.5

const GATHERING: Verdict = {
  headline: 'Gathering figures…',
  text: 'Each way needs three updates before anything can be said.',
}

export function verdict({ rate, interval }: Settings, lanes: Readonly<Record<Lane, Figures>>): Verdict {
  if (Object.values(lanes).some(({ received, bytes }) => received < ENOUGH || bytes === undefined)) return GATHERING
  const { polling, 'long-polling': waiting, websocket } = lanes
  const each = (rate * interval) / 1000
  const measured = `By WebSocket an update is ${old(websocket)} old and takes ${bytes(websocket)} bytes; by polling it is ${old(polling)} old, since it waits for the next poll, and takes ${bytes(polling)}.`
  const cheaper = (polling.bytes ?? 0) < 0.8 * (waiting.bytes ?? 0)
  const batch = `A poll brings ${count(each)} updates at once, which share its headers.`
  if ((polling.bytes ?? 0) < (websocket.bytes ?? 0)) {
    const why = `${batch} Where an update may be as old as the interval, polling is the better choice here.`
    return { headline: 'Polling wins on bytes, WebSocket on freshness', text: `${measured} ${why}` }
  }
  if (each >= MANY) {
    const why = `${batch} Long polling asks again after each answer and takes ${bytes(waiting)}. Where an update may be as old as the interval, polling is the simpler choice.`
    return { headline: 'Polling is cheap here, and stale', text: `${measured} ${why}` }
  }
  if (each <= FEW) {
    const why = `${(1 / each).toFixed(0)} polls are made for each update, most of them for nothing. If an update may be older, poll less often: it costs nothing else.`
    return { headline: 'Updates are rarer than polls: what waits for them leads', text: `${measured} ${why}` }
  }
  const why = cheaper
    ? `Long polling is fresh, but asks again for each update: ${bytes(waiting)} bytes, more than polling.`
    : 'Server-sent events do nearly as well, as long as only the server speaks.'
  return { headline: 'WebSocket leads, server-sent events are close', text: `${measured} ${why}` }
}

const old = ({ p50 }: Figures): string => (p50 === undefined ? 'not known how' : age(p50))
const bytes = ({ bytes: each }: Figures): string => count(each ?? 0)
