import { expect, test } from 'vitest'
import { FakeClock, settle, socketPair, transportPair } from '../../../src/testing/index.ts'

test('time stands still until a test moves it, and timers fire in their order', async () => {
  const clock = new FakeClock()
  const order: unknown[] = []
  clock.setTimeout(() => order.push(['b', clock.now()]), 20)
  clock.setTimeout(() => {
    order.push(['a', clock.now()])
    clock.setTimeout(() => order.push(['c', clock.now()]), 15)
  }, 10)
  const never = clock.setTimeout(() => order.push('never'), 5)
  never.clear()
  expect([clock.now(), clock.pending]).toEqual([0, 2])
  await clock.advance(19)
  expect(order).toEqual([['a', 10]])
  await clock.advance(6)
  expect(order).toEqual([
    ['a', 10],
    ['b', 20],
    ['c', 25],
  ])
  expect([clock.now(), clock.pending]).toEqual([25, 0])
})

test('promises between two timers are settled before the second fires', async () => {
  const clock = new FakeClock()
  const order: string[] = []
  clock.setTimeout(() => void Promise.resolve().then(() => order.push('reaction')), 10)
  clock.setTimeout(() => order.push('second'), 10)
  await clock.advance(10)
  expect(order).toEqual(['reaction', 'second'])
})

test('a pair of sockets talks, closes and leaves no timer', async () => {
  const { client, server, clock, wires } = socketPair()
  await client.send('hello')
  await server.send(new Uint8Array([1]))
  expect((await server[Symbol.asyncIterator]().next()).value).toBe('hello')
  expect((await client[Symbol.asyncIterator]().next()).value).toEqual(new Uint8Array([1]))
  expect(await client.close(4000, 'bye')).toMatchObject({ code: 4000, clean: true })
  expect(await server.closed).toMatchObject({ code: 4000, reason: 'bye', clean: true })
  expect(clock.pending).toBe(0)
  expect(wires.map(wire => wire.queued)).toEqual([0, 0])
})

test('a wire that is cut is noticed by both ends', async () => {
  const { client, server, wires, clock } = socketPair()
  wires[0].cut(new Error('pulled out'))
  expect(await server.closed).toMatchObject({ code: 1006, error: { message: 'pulled out' } })
  expect(await client.closed).toMatchObject({ code: 1006, clean: false })
  expect(clock.pending).toBe(0)
})

test('limits of either end can be set, and hold', async () => {
  const { client, server } = socketPair({ server: { maxMessage: 5 } })
  await client.send('123456')
  expect(await server.closed).toMatchObject({ code: 1009 })
})

test('a wire holds so many bytes, and then its writer waits', async () => {
  const [near, far] = transportPair({ capacity: 10 })
  near.write([new Uint8Array(10), new Uint8Array(10)])
  await settle()
  expect(near.queued).toBe(10)
  far.open({ data() {}, written() {}, ended() {}, closed() {} })
  await settle()
  expect(near.queued).toBe(0)
})
