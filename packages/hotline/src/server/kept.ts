/**
 * A request in one string, for as long as its line is open: what nearly every request says is one character in it, as in
 * the table of RFC 7541 Appendix A. An idle line from a browser costs some 200 bytes less for it (bench: idle).
 */
import { type Field, Fields } from '../protocol/handshake/fields.ts'
import type { Origin } from '../runtime/node/address.ts'

/** How a client came, and for what. */
export interface Arrival {
  readonly encrypted: boolean
  readonly address: string
  /** The URL as text. */
  readonly href: string
}

/** What stands between the parts: HTTP lets no line break into any of them. RFC 9110 §5.5 */
const BREAK = '\n'

/** Lines before the header fields. */
const FIRST = 3

/** Fields, and names (with the value ''), that have a character of their own, from 0x80 on: no name begins with one. */
const KNOWN: readonly Field[] = [
  ['upgrade', 'websocket'],
  ['connection', 'Upgrade'],
  ['connection', 'keep-alive, Upgrade'],
  ['sec-websocket-version', '13'],
  ['sec-websocket-extensions', 'permessage-deflate; client_max_window_bits'],
  ['sec-websocket-extensions', 'permessage-deflate'],
  ['pragma', 'no-cache'],
  ['cache-control', 'no-cache'],
  ['accept', '*/*'],
  ['accept-encoding', 'gzip, deflate, br'],
  ['accept-encoding', 'gzip, deflate, br, zstd'],
  ['sec-fetch-dest', 'websocket'],
  ['sec-fetch-dest', 'empty'],
  ['sec-fetch-mode', 'websocket'],
  ['sec-fetch-site', 'same-origin'],
  ['host', ''],
  ['origin', ''],
  ['cookie', ''],
  ['user-agent', ''],
  ['accept-language', ''],
  ['authorization', ''],
  ['connection', ''],
  ['sec-websocket-key', ''],
  ['sec-websocket-protocol', ''],
  ['sec-websocket-extensions', ''],
  ['x-forwarded-for', ''],
  ['x-forwarded-host', ''],
  ['x-forwarded-proto', ''],
  ['x-real-ip', ''],
]

/** By name: the characters of the fields with this name, and at last the one of the name. */
const CODES = new Map<string, readonly Field[]>()
for (const [index, [name, value]] of KNOWN.entries()) {
  CODES.set(name, [...(CODES.get(name) ?? []), [value, String.fromCharCode(0x80 + index)]])
}

/** One flat string of everything: joining makes it so, where a sum of strings would keep each of them. */
export function keep({ encrypted, address }: Origin, url: URL, fields: Fields): string {
  const lines = [encrypted ? 'tls' : 'tcp', address, url.href]
  for (const [name, value] of fields) lines.push(lineOf(name, value))
  return lines.join(BREAK)
}

function lineOf(name: string, value: string): string {
  for (const [known, code] of CODES.get(name) ?? []) {
    if (known === '') return code + value
    if (known === value) return code
  }
  return `${name}:${value}`
}

export function arrivalOf(kept: string): Arrival {
  const [way, address = '', href = ''] = kept.split(BREAK, FIRST)
  return { encrypted: way === 'tls', address, href }
}

/** The header fields, their names in lower case. */
export const fieldsOf = (kept: string): Fields => new Fields(kept.split(BREAK).slice(FIRST).map(fieldOf))

function fieldOf(line: string): Field {
  const known = KNOWN[line.charCodeAt(0) - 0x80]
  if (known !== undefined) return [known[0], known[1] + line.slice(1)]
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1)]
}
