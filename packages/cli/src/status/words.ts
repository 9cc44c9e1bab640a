/** Numbers and states, in words for people. */
import type { LineState } from 'hotline/client'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

export const countWord = (count: number): string => whole.format(count)

/** Small ones with a digit more. */
export const rateWord = (rate: number): string => (rate < 10 ? one : whole).format(rate)

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `148 KiB` */
export function bytesWord(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const value = bytes / 1024 ** unit
  return `${(value < 10 && unit > 0 ? one : whole).format(value)} ${UNITS[unit]}`
}

/** `0.4 ms`, `104 ms`, `1.9 s` */
export function timeWord(ms: number): string {
  if (ms < 1_000) return `${(ms < 10 ? one : whole).format(ms)} ms`
  return `${one.format(ms / 1_000)} s`
}

/** `12 s`, `3 min`, `5 h 20 min`, `3 d 4 h` */
export function ageWord(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `origin 3, full 2`: those that are not 0, the most first. */
export function partsWord(parts: Readonly<Record<string, number>>): string {
  const counted = Object.entries(parts).filter(([, count]) => count > 0)
  return counted
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${countWord(count)}`)
    .join(', ')
}

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
      return 'Not connected'
  }
}
