import { expect, test } from 'vitest'
import { describeBytes, describeText, formatHex, parseHex } from '../../src/showcase/data.ts'

test.each([
  ['', []],
  ['00 ff7a', [0, 255, 122]],
  ['de:ad\n', [222, 173]],
])('%j are bytes', (text, bytes) => expect([...(parseHex(text) ?? [])]).toEqual(bytes))

test.each(['0', 'xyz', '0x00'])('%j are none', text => expect(parseHex(text)).toBeUndefined())

test.each([
  ['', 'text, 0 bytes'],
  ['x', 'text, 1 byte'],
  ['ů', 'text, 2 bytes'],
  ['{"a":1}', 'JSON text, 7 bytes'],
  ['12', 'text, 2 bytes'],
  ['x'.repeat(1234), 'text, 1,234 bytes'],
])('%j is described', (text, words) => expect(describeText(text)).toBe(words))

test('bytes are counted', () => expect(describeBytes(1)).toBe('binary, 1 byte'))

test('many bytes are shown in part', () => {
  expect(formatHex(new Uint8Array(3))).toBe('00 00 00')
  expect(formatHex(new Uint8Array(300))).toMatch(/^(00 ){255}00 and 44 more$/)
})
