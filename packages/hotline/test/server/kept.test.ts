import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Field, Fields, isFieldValue, isToken } from '../../src/protocol/handshake/fields.ts'
import { arrivalOf, fieldsOf, keep } from '../../src/server/kept.ts'

const CLIENT = { address: '127.0.0.1', encrypted: false, host: 'x' }
const kept = (fields: Iterable<Field>): string => keep(CLIENT, new URL('ws://x/'), new Fields(fields))

/** As Chromium sends it to a page's own host. */
const BROWSER: readonly Field[] = [
  ['host', 'example.com'],
  ['connection', 'Upgrade'],
  ['pragma', 'no-cache'],
  ['cache-control', 'no-cache'],
  ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'],
  ['upgrade', 'websocket'],
  ['origin', 'https://example.com'],
  ['sec-websocket-version', '13'],
  ['accept-encoding', 'gzip, deflate, br, zstd'],
  ['accept-language', 'en-GB,en;q=0.9'],
  ['cookie', 'session=0123456789abcdef'],
  ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['sec-websocket-extensions', 'permessage-deflate; client_max_window_bits'],
]

test("a browser's request takes half of the characters, and comes back whole", () => {
  const text = BROWSER.map(field => field.join(': ')).join('\r\n')
  expect(kept(BROWSER).length).toBeLessThan(text.length / 2)
  expect([...fieldsOf(kept(BROWSER))]).toEqual(BROWSER)
})

test('what is nearly a usual field comes back as it was', () => {
  const fields: Field[] = [
    ['connection', 'upgrade'],
    ['connection', 'Upgrade '],
    ['upgrade', 'websocket, x'],
    ['upgrade', ''],
    ['hos', 't:x'],
    ['hostx', 'y'],
    ['x', 'host:y'],
    ['cookie', '\u0080\u00ff'],
    ['sec-websocket-version', '130'],
  ]
  expect([...fieldsOf(kept(fields))]).toEqual(fields)
})

/** The characters of one byte that pass. */
const units = (passes: (char: string) => boolean): string[] =>
  Array.from({ length: 256 }, (_, unit) => String.fromCharCode(unit)).filter(passes)

test('any fields come back as they were', () => {
  const names = BROWSER.map(([name]) => name)
  const values = BROWSER.map(([, value]) => value)
  const name = fc.oneof(
    fc.constantFrom(...names),
    fc.string({ unit: fc.constantFrom(...units(isToken)), minLength: 1 }),
  )
  const value = fc.oneof(fc.constantFrom(...values), fc.string({ unit: fc.constantFrom(...units(isFieldValue)) }))
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), list => {
      const fields = list.map(([one, other]) => [one.toLowerCase(), other] as const)
      expect([...fieldsOf(kept(fields))]).toEqual(fields)
    }),
  )
})

test('the way and the address come back', () => {
  const text = keep({ ...CLIENT, address: 'fe80::1%eth0', encrypted: true }, new URL('wss://x/?y'), new Fields([]))
  expect(arrivalOf(text)).toEqual({ encrypted: true, address: 'fe80::1%eth0', href: 'wss://x/?y' })
  expect([...fieldsOf(text)]).toEqual([])
})
