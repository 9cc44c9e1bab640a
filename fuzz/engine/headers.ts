/** Header fields that are nearly right, as lines of bytes: what a file of these targets looks like. */
import type { PlainField } from '../reference/headers.ts'
import { latin1 } from './bytes.ts'
import type { Random } from './random.ts'

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

const NAMES = ['a', 'b', 'chat', 'permessage-deflate', 'x-webkit-deflate-frame', '__proto__', 'constructor', 'A']
const PARAMS = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
  'x',
  '__proto__',
]
const VALUES = ['8', '15', '10', '7', '16', '08', '1', '"12"', '"1\\5"', '""', '" "', 'x', '0x9', '1e1']
const BLANKS = ['', '', '', ' ', '\t', '  ']

/** A list after the grammar of RFC 6455 §9.1, and now and then a little beside it. */
export function extensionList(random: Random): string {
  const blank = (): string => random.pick(BLANKS)
  const param = (): string => {
    const name = random.pick(PARAMS)
    return random.oneIn(2) ? name : `${name}${blank()}=${blank()}${random.pick(VALUES)}`
  }
  const element = (): string => {
    const params = Array.from({ length: random.below(4) }, () => `${blank()};${blank()}${param()}`)
    return (random.oneIn(2) ? 'permessage-deflate' : random.pick(NAMES)) + params.join('')
  }
  return Array.from({ length: random.oneIn(12) ? 0 : 1 + random.below(3) }, element).join(`${blank()},${blank()}`)
}

export function protocolList(random: Random): string {
  return Array.from({ length: random.below(5) }, () => random.pick(NAMES)).join(
    `${random.pick(BLANKS)},${random.pick(BLANKS)}`,
  )
}

/** A line of a field; names in any case. */
export function line(random: Random, name: string, value: string): string {
  const shown = random.oneIn(6) ? name.toUpperCase() : name
  return `${shown}: ${value}`
}

/** Lines as a parser of HTTP gives them: a name, and a value without the blanks around it. */
export function fieldsOf(lines: readonly string[]): PlainField[] {
  return lines
    .filter(text => text.includes(':'))
    .map(text => {
      const colon = text.indexOf(':')
      return [text.slice(0, colon), text.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')] as const
    })
}

/** Lines that stay, go, come twice or get the value of another. */
export function disturb(random: Random, lines: string[]): string[] {
  for (let times = random.below(3); times > 0; times--) {
    const at = random.below(lines.length + 1)
    const name = /^[^:]*/.exec(lines[at] ?? '')?.[0] ?? 'X'
    if (random.oneIn(3)) lines.splice(at, 1)
    else if (random.oneIn(2)) lines.splice(at, 0, lines[random.below(lines.length)] ?? 'A: b')
    else if (lines.length > at) lines[at] = `${name}: ${random.pick(ODD)}`
  }
  return lines
}

const ODD = [
  '',
  'websocket',
  'WebSocket, x',
  'keep-alive, Upgrade',
  'upgrade',
  '13',
  '8',
  '13, 8',
  '0',
  '5',
  KEY,
  ',',
  'é',
  'a,a',
]

export const linesOf = (input: Uint8Array): string[] => latin1(input).split('\n')
