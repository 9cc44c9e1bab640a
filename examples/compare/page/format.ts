/** Figures as people read them. */

/** 1234567 is 1,234,567, wherever this runs. */
export const count = (number: number): string => Math.round(number).toLocaleString('en-US')

export function age(milliseconds: number): string {
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(milliseconds < 9995 ? 2 : 1)} s`
  return `${milliseconds < 9.95 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
}

/** Bits a second, as networks are sold. */
export function bits(bytesPerSecond: number): string {
  const value = bytesPerSecond * 8
  if (value >= 999_500_000) return `${(value / 1e9).toFixed(2)} Gbit/s`
  if (value >= 999_500) return `${(value / 1e6).toFixed(1)} Mbit/s`
  return `${(value / 1000).toFixed(value < 99_500 ? 1 : 0)} kbit/s`
}

export const perSecond = (number: number): string =>
  number < 0.05 ? 'none' : `${number < 9.95 ? number.toFixed(1) : count(number)}/s`
