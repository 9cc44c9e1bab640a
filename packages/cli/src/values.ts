/** The values that options take, read from the command line: each gives what it means or says what it must be. */
import { isIP } from 'node:net'
import { InvalidArgumentError } from 'commander'
import type { TrustProxy } from 'hotline/server'

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1_048_576,
  mb: 1_000_000,
  mib: 1_048_576,
}

/** A string of Node has fewer than 2^29 characters, so no text message is longer. */
const MAX_SIZE = 512_000_000

/** Bytes: `65536`, `64KiB`, `512k`, `1.5MB`. KiB, MiB, k and m count by 1024, KB and MB by 1000. */
export function size(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?) *([a-z]*)$/i.exec(text.trim()) ?? []
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN)
  if (digits === '' || !Number.isInteger(bytes) || bytes < 1 || bytes > MAX_SIZE) {
    throw new InvalidArgumentError('It must be a size from 1 byte to 512MB, such as 65536, 64KiB, 512k or 16MiB.')
  }
  return bytes
}

export function port(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= 65_535)) throw new InvalidArgumentError('It must be a port from 0 to 65535; 0 picks a free one.')
  return number
}

export function count(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= 1)) throw new InvalidArgumentError('It must be a number from 1 on.')
  return number
}

/** Timers hold no more milliseconds than this. */
const MAX_SECONDS = 2_147_483

/** Seconds, with a fraction if need be; gives milliseconds. */
export function seconds(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(number > 0 && number <= MAX_SECONDS))
    throw new InvalidArgumentError(`It must be seconds, such as 5 or 0.5, up to ${MAX_SECONDS}.`)
  return Math.ceil(number * 1000)
}

/** As `seconds`, or 0. */
export const secondsOrNone = (text: string): number => (/^0+(\.0+)?$/.test(text) ? 0 : seconds(text))

/** As `seconds`, or `forever`. */
export function secondsOrForever(text: string): number {
  return text === 'forever' ? Number.POSITIVE_INFINITY : seconds(text)
}

/** Bytes in hexadecimal; spaces and colons between them are welcome. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/[\s:]/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits))
    throw new InvalidArgumentError("It must be pairs of hexadecimal digits, such as '00 ff 7a'.")
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

/** A header field by its name. Names that stand twice are joined, as HTTP joins them. RFC 9110 §5.3 */
export function header(line: string, given: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*(.*?)[ \t]*$/i.exec(line) ?? []
  if (name === '') throw new InvalidArgumentError("It must be a name and a value, such as 'Authorization: Bearer abc'.")
  const known = Object.keys(given).find(key => key.toLowerCase() === name.toLowerCase())
  if (known === undefined) return { ...given, [name]: value }
  const separator = known.toLowerCase() === 'cookie' ? '; ' : ', '
  return { ...given, [known]: `${given[known]}${separator}${value}` }
}

/** Which proxies to believe: a number of hops, addresses and ranges with commas between them, or `any`. */
export function proxies(text: string): TrustProxy {
  if (text === 'any') return true
  if (/^\d{1,3}$/.test(text)) return Number(text)
  const ranges = text.split(',').map(range => range.trim())
  if (ranges.every(isRange)) return ranges
  throw new InvalidArgumentError(
    'It must be addresses and ranges such as 127.0.0.1,10.0.0.0/8, a number of proxies, or any.',
  )
}

function isRange(text: string): boolean {
  const [, address = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  return Number(bits) <= { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6]
}

/** For options that may stand several times. */
export const collect = (text: string, given: readonly string[] = []): string[] => [...given, text]
