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

/** The state of a line. Whether the server is away or the network, a page cannot know. */
export function lineWord(state: LineState, online: boolean): string {
  switch (state.status) {
    case 'open':
      return 'Connected'
    case 'connecting':
      return state.attempt === 1 ? 'Connecting…' : 'Trying again…'
    case 'waiting':
      return online ? 'No connection' : 'You are offline'
    case 'closed':
      return `Closed: ${state.end.reason || state.end.code}`
  }
}
