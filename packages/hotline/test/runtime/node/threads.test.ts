import { expect, test } from 'vitest'
import { inThread } from '../../../src/runtime/node/threads.ts'
import { publicDeflate } from '../../../src/runtime/node/zlib.ts'

test('eight jobs run at a time, the others wait for their turn, and one that fails does not keep its place', async () => {
  let running = 0
  let most = 0
  const done: number[] = []
  const job = (number: number) => async (): Promise<number> => {
    running++
    most = Math.max(most, running)
    await new Promise(resolve => setImmediate(resolve))
    running--
    done.push(number)
    if (number % 3 === 0) throw new Error('no')
    return number
  }
  const all = await Promise.allSettled(Array.from({ length: 50 }, (_, number) => inThread(job(number))))
  expect(most).toBe(8)
  expect(done).toEqual(Array.from({ length: 50 }, (_, number) => number))
  expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(17)
})

test('a text that many are sent at the same time is deflated once', async () => {
  const form = { windowBits: 15, level: 3 }
  const text = 'a story that is told to many '.repeat(4000)
  const payloads = await Promise.all(Array.from({ length: 100 }, () => publicDeflate.deflateLater(text, form)))
  expect(new Set(payloads).size).toBe(1)
  expect(await publicDeflate.deflateLater(text, form)).toEqual(payloads[0])
  expect(await publicDeflate.deflateLater(text, { windowBits: 9, level: 3 })).not.toEqual(payloads[0])
})
