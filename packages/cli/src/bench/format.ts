/** Figures as people read them. */

/** 1234567 is 1,234,567, wherever this runs. */
export const count = (number: number): string => Math.round(number).toLocaleString('en-US')

export const percent = (part: number): string => `${Math.round(part * 100)} %`

/** Milliseconds, with the unit that suits them and three digits. */
export function duration(milliseconds: number): string {
  if (milliseconds < 0.9995) return `${digits(milliseconds * 1000)} µs`
  if (milliseconds < 999.5) return `${digits(milliseconds)} ms`
  return `${digits(milliseconds / 1000)} s`
}

/** Bytes a second, counted by 1000 as networks are. */
export function throughput(bytes: number): string {
  const units = ['B/s', 'kB/s', 'MB/s', 'GB/s']
  let value = bytes
  while (value >= 999.5 && units.length > 1) {
    value /= 1000
    units.shift()
  }
  return `${digits(value)} ${units[0]}`
}

export function bytes(size: number): string {
  if (size >= 1_048_576 && size % 1_048_576 === 0) return `${size / 1_048_576} MiB`
  if (size >= 1024 && size % 1024 === 0) return `${size / 1024} KiB`
  return `${count(size)} byte${size === 1 ? '' : 's'}`
}

/** Three digits that count; never fewer than stand before the point. */
const digits = (value: number): string =>
  value >= 99.95 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(value >= 9.995 ? 1 : 2)
