/** Figures as people read them. */
import { expect, test } from 'vitest'
import { bytes, count, duration, percent, throughput } from '../../src/bench/format.ts'

test.each([
  [0.001, '1 µs'],
  [0.0523, '52.3 µs'],
  [0.9994, '999 µs'],
  [0.9996, '1.00 ms'],
  [1.234, '1.23 ms'],
  [99.99, '100 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [12_345, '12.3 s'],
])('%d ms is %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text))

test.each([
  [0, '0 B/s'],
  [999, '999 B/s'],
  [1000, '1 kB/s'],
  [2_530_000, '2.53 MB/s'],
  [5e12, '5000 GB/s'],
])('%d bytes a second are %s', (perSecond, text) => expect(throughput(perSecond)).toBe(text))

test.each([
  [1, '1 byte'],
  [64, '64 bytes'],
  [1000, '1,000 bytes'],
  [1024, '1 KiB'],
  [1_048_576, '1 MiB'],
])('a size of %d is %s', (size, text) => expect(bytes(size)).toBe(text))

test('counts have commas, and parts are per cent', () => {
  expect([count(1_234_567.4), percent(0.956)]).toEqual(['1,234,567', '96 %'])
})
