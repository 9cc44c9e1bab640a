/** What the tests of the handshake share: cryptography, and text that counts how often it is looked at. */
import { createHash, randomBytes } from 'node:crypto'
import { type Field, Fields } from '../../../src/protocol/handshake/fields.ts'
import type { HandshakeCrypto } from '../../../src/protocol/handshake/key.ts'

export const crypto: HandshakeCrypto = {
  sha1: text => createHash('sha1').update(text).digest('base64'),
  randomBase64: size => randomBytes(size).toString('base64'),
}

/** The example of RFC 6455 §1.3, §4.2.2. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** Fields of these, with some replaced: by one value, by several, or by none. */
export function fields(
  base: readonly Field[],
  changes: Readonly<Record<string, string | readonly string[]>> = {},
): Fields {
  const kept = base.filter(([name]) => !(name in changes))
  const added = Object.entries(changes).flatMap(([name, values]) =>
    [values].flat().map((value): Field => [name, value]),
  )
  return new Fields([...kept, ...added])
}

/** The text, as something that behaves like a string and counts the looks that are taken at its characters. */
export function watched(text: string) {
  let looks = 0
  const target = Object(text) as object
  const proxy = new Proxy(target, {
    get: (_, key) => {
      looks++
      const value: unknown = Reflect.get(target, key, text)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, text, args)
        const cheap = key === 'charCodeAt' || key === 'slice'
        looks += cheap ? String(result).length : text.length
        return result
      }
    },
  })
  return { text: proxy as unknown as string, looks: () => looks }
}
