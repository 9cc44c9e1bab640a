/** Times, and parts of a number, in words for people. */
import { countWord, rateWord } from '../../../../examples/look/words.ts'

export { bytesWord, countWord, lineWord, rateWord } from '../../../../examples/look/words.ts'

/** `0.4 ms`, `104 ms`, `1.9 s` */
export const timeWord = (ms: number): string => (ms < 1_000 ? `${rateWord(ms)} ms` : `${tenths.format(ms / 1_000)} s`)

const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

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
