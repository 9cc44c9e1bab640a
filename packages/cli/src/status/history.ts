/** The last minutes of each process, and what they come to together. */
import type { Pulse } from '../serve/status/wire.ts'
import { type Rates, ratesOf } from './rates.ts'

/** Milliseconds that are shown. */
export const SPAN = 300_000

/** Null where nothing is known. */
export type Point = number | null

/** A pulse, and what went on since the one before. */
export interface Sample {
  readonly pulse: Pulse
  readonly rates: Rates | undefined
}

/** What is drawn: of several processes a sum, and of times the longest. */
const CURVES = {
  open: { of: ({ pulse }: Sample): Point => pulse.stats.sockets.open, together: 'sum' },
  slow: { of: ({ pulse }: Sample): Point => pulse.stats.sockets.slow, together: 'sum' },
  received: { of: ({ rates }: Sample): Point => rates?.received ?? null, together: 'sum' },
  sent: { of: ({ rates }: Sample): Point => rates?.sent ?? null, together: 'sum' },
  p50: { of: ({ pulse }: Sample): Point => pulse.roundTrips?.p50 ?? null, together: 'most' },
  p99: { of: ({ pulse }: Sample): Point => pulse.roundTrips?.p99 ?? null, together: 'most' },
  delay: { of: ({ pulse }: Sample): Point => pulse.loop?.max ?? null, together: 'most' },
  bytesReceived: { of: ({ rates }: Sample): Point => rates?.bytesReceived ?? null, together: 'sum' },
  bytesSent: { of: ({ rates }: Sample): Point => rates?.bytesSent ?? null, together: 'sum' },
  queued: { of: ({ pulse }: Sample): Point => pulse.stats.queued.bytes, together: 'sum' },
} as const

export type Curve = keyof typeof CURVES

const NAMES = Object.keys(CURVES) as Curve[]

/** What all had at one time, by process; numbers alone, since it is kept for minutes. */
interface Moment {
  readonly at: number
  readonly points: ReadonlyMap<number, Readonly<Record<Curve, Point>>>
}

export class History {
  #moments: Moment[] = []
  #before = new Map<number, Pulse>()

  /** Returns them with what went on since those before. */
  add(pulses: readonly Pulse[]): readonly Sample[] {
    const samples = pulses.map(pulse => ({ pulse, rates: ratesOf(this.#before.get(pulse.worker), pulse) }))
    this.#before = new Map(pulses.map(pulse => [pulse.worker, pulse]))
    const points = new Map(samples.map(sample => [sample.pulse.worker, pointsOf(sample)]))
    this.#keep(Math.max(...pulses.map(({ at }) => at)), points)
    return samples
  }

  /** Nothing is known from here on. */
  lose(): void {
    const newest = this.#moments.at(-1)
    if (newest !== undefined && newest.points.size > 0) this.#keep(newest.at + 1, new Map())
    this.#before.clear()
  }

  clear(): void {
    this.#moments = []
    this.#before.clear()
  }

  get times(): number[] {
    return this.#moments.map(({ at }) => at)
  }

  /** @param worker - undefined for all together */
  line(curve: Curve, worker: number | undefined): Point[] {
    return this.#moments.map(({ points }) => {
      const known = worker === undefined ? [...points.values()] : [points.get(worker)]
      const values = known.flatMap(one => one?.[curve] ?? [])
      if (values.length === 0) return null
      return CURVES[curve].together === 'most' ? Math.max(...values) : values.reduce((sum, one) => sum + one, 0)
    })
  }

  #keep(at: number, points: Moment['points']): void {
    this.#moments.push({ at, points })
    const young = this.#moments.findIndex(moment => moment.at >= at - SPAN)
    if (young > 0) this.#moments.splice(0, young)
  }
}

const pointsOf = (sample: Sample): Record<Curve, Point> =>
  Object.fromEntries(NAMES.map(name => [name, CURVES[name].of(sample)])) as Record<Curve, Point>
