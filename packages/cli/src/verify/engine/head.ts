/** The head of a request or an answer: read strictly, written as a case wants it. RFC 9112 §2 to §5 */
import { createHash } from 'node:crypto'
import type { Head } from '../case.ts'
import type { Bytes } from './bytes.ts'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const END = Buffer.from('\r\n\r\n')
const MAX_HEAD = 65_536

/** The answer to a key. RFC 6455 §4.2.2 */
export const acceptOf = (key: string): string =>
  createHash('sha1')
    .update(key + GUID)
    .digest('base64')

export interface ReadHead {
  readonly start: string
  /** Names in lower case; values of one name in their order. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly faults: readonly string[]
}

/** Takes the head away, when all of it is there. Throws when it is longer than any head should be. */
export function takeHead(bytes: Bytes): ReadHead | undefined {
  const end = bytes.peek(bytes.length).indexOf(END)
  if (end < 0) {
    if (bytes.length > MAX_HEAD) throw new RangeError(`sends more than ${MAX_HEAD} bytes that are no head`)
    return undefined
  }
  return parse(bytes.take(end + END.length).toString('latin1'))
}

function parse(text: string): ReadHead {
  const [start = '', ...lines] = text.slice(0, -END.length).split('\r\n')
  const fields = new Map<string, string[]>()
  const faults: string[] = []
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) faults.push(`RFC 9112 §5: ${JSON.stringify(line)} is no field`)
    else fields.set(name.toLowerCase(), [...(fields.get(name.toLowerCase()) ?? []), value])
  }
  return { start, fields, faults }
}

/** The elements of a field that is a list. RFC 9110 §5.6.1 */
export const listOf = (values: readonly string[] = []): string[] =>
  values.flatMap(value => value.split(',')).flatMap(element => element.trim() || [])

export interface Plain {
  readonly start: string
  readonly fields: Readonly<Record<string, string>>
  /** Fields that the person at the command line adds to every head, also to one that a case writes whole. */
  readonly extra?: Readonly<Record<string, string>>
}

/** A head as bytes: what is plain, and what the case has different. */
export function writeHead(plain: Plain, head: Head = {}, known: Readonly<Record<string, string>> = {}): Buffer {
  const text = head.raw === undefined ? lines(plain, head) : extended(head.raw, plain.extra)
  const filled = text.replace(/\{(\w+)\}/g, (placeholder, name: string) => known[name] ?? placeholder)
  return Buffer.from(filled + (head.body ?? ''), 'latin1')
}

function lines({ start, fields, extra = {} }: Plain, { start: other, set = {}, add = [] }: Head): string {
  const merged = new Map<string, string | null>(Object.entries(fields))
  for (const [name, value] of [...Object.entries(extra), ...Object.entries(set)])
    merged.set(nameIn(merged, name), value)
  const all = [...merged, ...add].flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return [other ?? start, ...all, '', ''].join('\r\n')
}

/** Behind the first line of a head that has fields. */
function extended(raw: string, extra: Plain['extra'] = {}): string {
  const more = Object.entries(extra).map(([name, value]) => `\r\n${name}: ${value}`)
  return raw.replace(/^[^\r\n]*(?=\r\n(?!\r\n))/, start => start + more.join(''))
}

const nameIn = (fields: ReadonlyMap<string, unknown>, name: string): string =>
  [...fields.keys()].find(known => known.toLowerCase() === name.toLowerCase()) ?? name
