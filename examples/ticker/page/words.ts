/** Numbers of the market, in words for people. */
const two = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', minimumFractionDigits: 1, maximumFractionDigits: 1 })

export const moneyWord = (money: number): string => two.format(money)
export const volumeWord = (shares: number): string => compact.format(shares)

/** `▲ 1.23 %`: not by its colour alone. */
export function changeWord(change: number): string {
  const sign = change > 0 ? '▲' : change < 0 ? '▼' : '▬'
  return `${sign} ${two.format(Math.abs(change * 100))} %`
}

export const directionOf = (change: number): 'up' | 'down' | 'even' =>
  change > 0 ? 'up' : change < 0 ? 'down' : 'even'

/** `104 ms`, `1.9 s` */
export function ageWord(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  return milliseconds < 60_000 ? `${(milliseconds / 1_000).toFixed(1)} s` : `${Math.round(milliseconds / 60_000)} min`
}

export const paceWord = (every: number): string =>
  every === 0 ? 'as they come' : every < 1_000 ? `every ${every} ms` : `every ${every / 1_000} s`
