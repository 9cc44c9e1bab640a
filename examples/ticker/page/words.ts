/** Numbers and states, in words for people. */
import type { LineState } from 'hotline/client'

const two = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', minimumFractionDigits: 1, maximumFractionDigits: 1 })

export const moneyWord = (money: number): string => two.format(money)
export const countWord = (count: number): string => whole.format(count)
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

/** `148 KiB` */
export function bytesWord(bytes: number): string {
  if (bytes < 1_024) return `${Math.round(bytes)} B`
  return bytes < 1_048_576
    ? `${(bytes / 1_024).toFixed(bytes < 10_240 ? 1 : 0)} KiB`
    : `${(bytes / 1_048_576).toFixed(1)} MiB`
}

export const paceWord = (every: number): string =>
  every === 0 ? 'as they come' : every < 1_000 ? `every ${every} ms` : `every ${every / 1_000} s`

/** The state of the line. */
export function lineWord(state: LineState, online: boolean): string {
  switch (state.status) {
    case 'open':
      return 'Connected'
    case 'connecting':
      return state.attempt === 1 ? 'Connecting…' : 'Trying again…'
    case 'waiting':
      return online ? 'The server is away' : 'You are offline'
    case 'closed':
      return `Closed: ${state.end.reason || state.end.code}`
  }
}
