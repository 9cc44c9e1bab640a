/**
 * A second, plain reading of the opening handshake: one expression for each rule of the grammar, as RFC 6455 §4 and §9.1 and
 * RFC 9110 §5.6 print them, and one line for each requirement. It shares nothing with src/protocol.
 */
import { createHash } from 'node:crypto'

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** The words of a list: a token, a quoted string, or a separator. Each begins where the one before and its blanks end. */
const WORD = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[^"\\]|\\.)*)"|([;,=])/sy

/** What may be a name, and what a value: nothing that ends a line. RFC 9110 §5.1, §5.5 */
export const isPlainToken = (text: string): boolean => token.test(text)
export const isPlainValue = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)

export type Extension = { name: string; params: (readonly [string, string | true])[] }

type Word = { kind: 'token' | 'quoted' | ';' | ',' | '='; value: string }

function wordsOf(text: string): Word[] | undefined {
  const words: Word[] = []
  for (let at = 0; at < text.length; ) {
    if (text[at] === ' ' || text[at] === '\t') {
      at++
      continue
    }
    WORD.lastIndex = at
    const match = WORD.exec(text)
    if (match === null) return undefined
    const [whole, plain, quoted, separator] = match
    if (plain !== undefined) words.push({ kind: 'token', value: plain })
    else if (quoted !== undefined) words.push({ kind: 'quoted', value: quoted.replace(/\\(.)/gs, '$1') })
    else words.push({ kind: separator as ';', value: '' })
    at += whole.length
  }
  return words
}

/** Sec-WebSocket-Extensions, word by word; undefined where it is not of the grammar. RFC 6455 §9.1 */
export function plainExtensions(text: string): Extension[] | undefined {
  const words = wordsOf(text)
  if (words === undefined) return undefined
  const extensions: Extension[] = []
  for (const element of split(words, ',').filter(({ length }) => length > 0)) {
    const [name, ...params] = split(element, ';')
    if (name?.length !== 1 || name[0]?.kind !== 'token') return undefined
    const pairs: (readonly [string, string | true])[] = []
    for (const [param, equals, value, more] of params) {
      if (param?.kind !== 'token' || more !== undefined) return undefined
      if (equals === undefined) pairs.push([param.value, true])
      else if (equals.kind === '=' && value !== undefined && token.test(value.value))
        pairs.push([param.value, value.value])
      else return undefined
    }
    extensions.push({ name: name[0].value, params: pairs })
  }
  return extensions.length > 0 ? extensions : undefined
}

function split(words: readonly Word[], separator: string): Word[][] {
  const parts: Word[][] = [[]]
  for (const word of words) {
    if (word.kind === separator) parts.push([])
    else parts.at(-1)?.push(word)
  }
  return parts
}

/** Sec-WebSocket-Protocol: different tokens, and whatever is empty is none. RFC 9110 §5.6.1 */
export function plainProtocols(values: readonly string[]): string[] | undefined {
  const names = values
    .join(',')
    .split(',')
    .map(name => name.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter(name => name.length > 0)
  const fine = names.length > 0 && names.every((name, i) => token.test(name) && names.indexOf(name) === i)
  return fine ? names : undefined
}

export type PlainField = readonly [name: string, value: string]

const valuesOf = (fields: readonly PlainField[], wanted: string): string[] =>
  fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)

const lists = (fields: readonly PlainField[], wanted: string, word: string): boolean =>
  new RegExp(`(?:^|,)[ \\t]*${word}[ \\t]*(?:,|$)`, 'i').test(valuesOf(fields, wanted).join(','))

/** What a server must say to a request: a status, or the key that it goes on with. RFC 6455 §4.2.1, §4.4 */
export function judgeRequest(method: string, version: string, fields: readonly PlainField[]): number | { key: string } {
  const [key = '', secondKey] = valuesOf(fields, 'sec-websocket-key')
  const versions = valuesOf(fields, 'sec-websocket-version')
  const protocols = valuesOf(fields, 'sec-websocket-protocol')
  const extensions = valuesOf(fields, 'sec-websocket-extensions')
  if (method !== 'GET') return 405 // (1)
  if (version !== '1.1') return Number(version) >= 2 ? 505 : 400 // (1), and stricter: RFC 9110 §7.8, §15.6.6
  if (valuesOf(fields, 'host').length !== 1) return 400 // (2)
  if (!lists(fields, 'upgrade', 'websocket')) return 426 // (3)
  if (!lists(fields, 'connection', 'upgrade')) return 400 // (4)
  if (valuesOf(fields, 'transfer-encoding').length > 0) return 400
  if (valuesOf(fields, 'content-length').some(value => value !== '0')) return 400
  if (versions.length !== 1) return 400 // (6)
  if (versions[0] !== '13') return 426 // (6), §4.4
  if (secondKey !== undefined || Buffer.from(key, 'base64').length !== 16) return 400 // (5)
  if (Buffer.from(key, 'base64').toString('base64') !== key) return 400 // (5)
  if (protocols.length > 0 && plainProtocols(protocols) === undefined) return 400 // (8)
  if (extensions.length > 0 && plainExtensions(extensions.join(', ')) === undefined) return 400 // (9)
  return { key }
}

/** What a client must make of an answer: undefined to fail, else the subprotocol. RFC 6455 §4.1 */
export function judgeAnswer(
  status: number,
  fields: readonly PlainField[],
  asked: { key: string; protocols: readonly string[]; extensions: readonly string[] },
): { protocol: string } | undefined {
  const only = (name: string): string | undefined => {
    const values = valuesOf(fields, name)
    return values.length === 1 ? values[0] : undefined
  }
  const accept = createHash('sha1').update(`${asked.key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const extensions = valuesOf(fields, 'sec-websocket-extensions')
  const protocols = valuesOf(fields, 'sec-websocket-protocol')
  if (status !== 101) return undefined // (1)
  if (!/^websocket$/i.test(only('upgrade') ?? '')) return undefined // (2)
  if (!lists(fields, 'connection', 'upgrade')) return undefined // (3)
  if (only('sec-websocket-accept') !== accept) return undefined // (4)
  if (extensions.length > 1 || protocols.length > 1) return undefined // §11.3.2, §11.3.4
  const chosen = extensions.length === 0 ? [] : plainExtensions(extensions[0] as string)
  if (!chosen?.every(({ name }) => asked.extensions.includes(name))) return undefined // (5)
  if (protocols.length === 1 && !asked.protocols.includes(protocols[0] as string)) return undefined // (6)
  return { protocol: protocols[0] ?? '' }
}
