import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acceptKey, createKey, isKey } from '../../../src/protocol/handshake/key.ts'
import { law } from '../support.ts'
import { ACCEPT, crypto, KEY } from './support.ts'

test('the answer to the key of RFC 6455 §1.3 is the one that stands there', () =>
  expect(acceptKey(KEY, crypto)).toBe(ACCEPT))

test('a new key is 16 random bytes in base64', () => {
  const asked: number[] = []
  const key = createKey({
    ...crypto,
    randomBase64: size => {
      asked.push(size)
      return crypto.randomBase64(size)
    },
  })
  expect(asked).toEqual([16])
  expect(isKey(key)).toBe(true)
})

// RFC 6455 §4.2.1 (5)
describe('isKey', () => {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

  test('is true for any 16 bytes in base64', () =>
    law(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
        expect(isKey(base64(bytes))).toBe(true)
      }),
    ))

  test('is false for any other number of bytes', () =>
    law(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        expect(isKey(base64(bytes))).toBe(bytes.length === 16)
      }),
    ))

  test('is true for one way to write 16 bytes, and false for the others', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const last = [...alphabet].filter(character => isKey(`${KEY.slice(0, 21)}${character}==`))
    expect(last.join('')).toBe('AQgw')
  })

  test.each([
    '',
    '==',
    KEY.slice(0, 22),
    KEY.slice(0, 23),
    `${KEY}=`,
    `${KEY}\n`,
    ` ${KEY}`,
    `${KEY} `,
    `${KEY}, ${KEY}`,
    `${KEY.slice(0, 22)}= `,
    KEY.replace('d', '-'),
    KEY.replace('d', '_'),
    KEY.replace('d', 'ä'),
    KEY.replace('d', '='),
    KEY.replace('Q==', 'QQ='),
    'A'.repeat(24),
    'A'.repeat(100_000),
  ])('is false for %j', key => expect(isKey(key)).toBe(false))
})
