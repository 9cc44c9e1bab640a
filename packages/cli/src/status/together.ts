/** The figures of several processes as one. */
import type { Pulse } from '../serve/status/wire.ts'
import type { Sample } from './history.ts'
import type { Rates } from './rates.ts'

/** What the figures are made of. */
export interface Shown {
  readonly stats: Pick<Pulse['stats'], 'sockets' | 'queued' | 'drops' | 'deciding' | 'handshakes' | 'backplane'>
  /** Of delays and round trips, those of the process that has the longest. */
  readonly loop: { readonly p99: number } | undefined
  readonly roundTrips: { readonly p50: number; readonly p99: number } | undefined
  readonly rss: number
  readonly rates: Rates | undefined
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** Sums number by number. */
function sums<T extends object>(records: readonly T[]): T {
  const [first] = records
  const names = Object.keys(first ?? {}) as (keyof T)[]
  return Object.fromEntries(names.map(name => [name, sum(records.map(one => Number(one[name])))])) as T
}

/** Of those that have any. */
function most<T extends object>(records: readonly (T | undefined)[]): T | undefined {
  const known = records.filter(one => one !== undefined)
  const [first] = known
  if (first === undefined) return undefined
  const names = Object.keys(first) as (keyof T)[]
  return Object.fromEntries(names.map(name => [name, Math.max(...known.map(one => Number(one[name])))])) as T
}

/** @param samples - one at least */
export function together(samples: readonly Sample[]): Shown {
  const pulses = samples.map(({ pulse }) => pulse)
  const all = <K extends keyof Pulse['stats']>(name: K): Pulse['stats'][K][] => pulses.map(({ stats }) => stats[name])
  const rates = samples.flatMap(({ rates }) => rates ?? [])
  return {
    stats: {
      sockets: sums(all('sockets')),
      queued: { ...sums(all('queued')), most: Math.max(...all('queued').map(one => one.most)) },
      drops: sums(all('drops')),
      deciding: sum(all('deciding')),
      handshakes: sums(all('handshakes')),
      backplane: backplaneOf(all('backplane').filter(one => one !== undefined)),
    },
    loop: most(pulses.map(({ loop }) => loop)),
    roundTrips: most(pulses.map(({ roundTrips }) => roundTrips)),
    rss: sum(pulses.map(({ process }) => process.rss)),
    rates: rates.length === 0 ? undefined : sums(rates),
  }
}

function backplaneOf(states: readonly NonNullable<Pulse['stats']['backplane']>[]): Pulse['stats']['backplane'] {
  const [first] = states
  if (first === undefined) return undefined
  const lags = states.flatMap(({ lag }) => lag ?? [])
  return {
    name: first.name,
    up: states.every(({ up }) => up),
    downs: sum(states.map(({ downs }) => downs)),
    pending: sum(states.map(({ pending }) => pending)),
    lag: lags.length === 0 ? undefined : Math.max(...lags),
  }
}
