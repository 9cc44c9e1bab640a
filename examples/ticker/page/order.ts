/** In which order the stocks stand, and which of them. */
import type { Stock } from './quotes.ts'

const KEYS = ['symbol', 'price', 'change', 'volume'] as const
export type Key = (typeof KEYS)[number]

export interface Order {
  readonly key: Key
  readonly down: boolean
}

export const isKey = (key: string | undefined): key is Key => KEYS.includes(key as Key)

/** The same column again turns it round; numbers begin with the largest. */
export const turned = (order: Order, key: Key): Order =>
  order.key === key ? { key, down: !order.down } : { key, down: key !== 'symbol' }

const numberOf = ({ quote, change }: Stock, key: Exclude<Key, 'symbol'>): number =>
  key === 'change' ? change : quote[key]

/** Below or above; those that are equal by their symbols, so that they do not change places. */
export function compare(a: Stock, b: Stock, { key, down }: Order): number {
  const bySymbol = a.symbol < b.symbol ? -1 : 1
  if (key === 'symbol') return down ? -bySymbol : bySymbol
  const difference = numberOf(a, key) - numberOf(b, key)
  return difference === 0 ? bySymbol : down ? -difference : difference
}
