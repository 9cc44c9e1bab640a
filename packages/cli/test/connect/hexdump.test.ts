import { expect, test } from 'vitest'
import { hexdump } from '../../src/connect/hexdump.ts'

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index)

test.each([
  ['nothing', new Uint8Array(0), Number.POSITIVE_INFINITY, ''],
  ['one byte', Uint8Array.of(0x41), undefined, `00000000  41${' '.repeat(48)}|A|`],
  [
    'sixteen bytes',
    new TextEncoder().encode('0123456789abcdef'),
    undefined,
    '00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|',
  ],
  [
    'what is not ASCII',
    Uint8Array.of(0x00, 0x1f, 0x20, 0x7e, 0x7f, 0xff),
    undefined,
    `00000000  00 1f 20 7e 7f ff${' '.repeat(33)}|.. ~..|`,
  ],
])('%s', (_, data, most, dump) => expect(hexdump(data, most)).toBe(dump))

test('the second line has its offset', () => {
  expect(hexdump(bytes(17)).split('\n')[1]).toMatch(/^00000010 {2}10 {2,}\|\.\|$/)
})

test('more than is wanted is counted', () => {
  expect(hexdump(bytes(40), 16).split('\n')).toEqual([expect.stringMatching(/^00000000/), 'and 24 more bytes'])
})
