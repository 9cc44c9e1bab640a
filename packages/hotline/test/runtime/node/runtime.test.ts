import { expect, test } from 'vitest'
import { nodeClock } from '../../../src/runtime/node/clock.ts'
import { nodeCrypto, randomKey } from '../../../src/runtime/node/crypto.ts'
import { within } from '../../support/deadline.ts'

test('masking keys are 32 bits, new for every frame', () => {
  const keys = Array.from({ length: 20_000 }, randomKey)
  expect(keys.every(key => key === (key | 0))).toBe(true)
  // Of 20 000 draws out of 2^32, more than five pairs that are alike come once in 10^9 runs.
  expect(new Set(keys).size).toBeGreaterThan(19_994)
  for (let bit = 0; bit < 32; bit++) {
    const ones = keys.filter(key => (key >>> bit) & 1).length
    expect(Math.abs(ones - 10_000)).toBeLessThan(700)
  }
})

test('the digest and the random numbers of the handshake are those of RFC 6455 §1.3 and §4.1', () => {
  expect(nodeCrypto.sha1('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')).toBe(
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  )
  expect(Buffer.from(nodeCrypto.randomBase64(16), 'base64')).toHaveLength(16)
  expect(nodeCrypto.randomBase64(16)).not.toBe(nodeCrypto.randomBase64(16))
})

test('the clock calls back once, in its order, and not when it was told not to', async () => {
  const order: string[] = []
  const cleared = nodeClock.setTimeout(() => order.push('cleared'), 1)
  cleared.clear()
  nodeClock.afterTick(() => order.push('after the tick'))
  nodeClock.soon(() => order.push('soon'))
  Promise.resolve().then(() => order.push('reaction'))
  const start = nodeClock.now()
  // Its timers keep no process alive; this test's own does.
  const alive = setInterval(() => {}, 1000)
  await within('a timer', new Promise<void>(resolve => nodeClock.setTimeout(resolve, 20)))
  clearInterval(alive)
  expect(nodeClock.now() - start).toBeGreaterThanOrEqual(19)
  expect(order).toEqual(['reaction', 'soon', 'after the tick'])
})
