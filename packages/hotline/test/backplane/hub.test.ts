/** The engine in memory, on a clock that a test moves: what it keeps for how long, and what it forgets. */
import { expect, test } from 'vitest'
import { ATTENDANCE, type Kept } from '../../src/backplane/backplane.ts'
import { Hub } from '../../src/backplane/hub.ts'
import { FakeClock } from '../../src/runtime/memory/clock.ts'
import { HISTORY, text } from './support.ts'

const MINUTE = 60_000

function make(bytes = Number.POSITIVE_INFINITY) {
  const clock = new FakeClock()
  let epochs = 0
  const hub = new Hub({ clock, bytes, random: () => `epoch ${++epochs}` })
  const entry = (sequence: number, body = text(`${sequence}`)) => ({ node: 'node', sequence, body })
  const look = (topic: string, history = HISTORY): [epoch: string, offset: number, kept: number[]] => {
    let seen: [string, number, number[]] = ['', -1, []]
    const state = (place: { epoch: string; offset: number }, entries: readonly Kept[]): void => {
      seen = [place.epoch, place.offset, entries.map(({ offset }) => offset)]
    }
    hub.consume(topic, history, { state, kept() {}, passed() {} })()
    return seen
  }
  return { clock, hub, entry, look }
}

test('what is older than the age is gone at once, for whoever looks', async () => {
  const { clock, hub, entry, look } = make()
  const history = { ...HISTORY, age: 1000 }
  hub.publish('a', history, entry(1))
  await clock.advance(500)
  hub.publish('a', history, entry(2))
  await clock.advance(499)
  expect(look('a', history)).toEqual(['epoch 1', 2, [1, 2]])
  await clock.advance(1)
  expect(look('a', history)).toEqual(['epoch 1', 2, [2]])
  await clock.advance(500)
  expect(look('a', history)).toEqual(['epoch 1', 2, []])
})

test('one that is given again within two minutes is kept once, with its place; later it is another one', async () => {
  const { clock, hub, entry, look } = make()
  const first = hub.publish('a', HISTORY, entry(1))
  await clock.advance(2 * MINUTE - 1)
  expect(hub.publish('a', HISTORY, entry(1))).toEqual(first)
  await clock.advance(1)
  expect(hub.publish('a', HISTORY, entry(1))).toEqual({ epoch: 'epoch 1', offset: 2 })
  expect(look('a')).toEqual(['epoch 1', 2, [1, 2]])
})

test('one that is given again and has gone from the history is known, but not where', () => {
  const { hub, entry, look } = make()
  const history = { ...HISTORY, size: 1 }
  for (const sequence of [1, 2]) hub.publish('a', history, entry(sequence))
  expect(hub.publish('a', history, entry(1))).toBeUndefined()
  expect(look('a', history)).toEqual(['epoch 1', 2, [2]])
})

test('a topic is forgotten when nothing is kept of it and nobody has used it for a while; its next life has another epoch', async () => {
  const { clock, hub, entry, look } = make()
  const history = { ...HISTORY, age: 10 * MINUTE }
  hub.publish('a', history, entry(1))
  const end = hub.consume('b', history, { state() {}, kept() {}, passed() {} })
  const passing = hub.consume('c', undefined, { state() {}, kept() {}, passed() {} })
  await clock.advance(9 * MINUTE)
  expect(hub.size).toBe(3)
  await clock.advance(5 * MINUTE)
  expect(hub.size).toBe(2)
  end()
  passing()
  await clock.advance(9 * MINUTE)
  expect(hub.size).toBe(1)
  await clock.advance(2 * MINUTE)
  expect(hub.size).toBe(0)
  expect(look('a', history)).toEqual(['epoch 3', 0, []])
  hub.close()
  expect(clock.pending).toBe(0)
})

test('a topic without history that nobody consumes leaves nothing behind', () => {
  const { hub, entry } = make()
  for (let at = 0; at < 1000; at++) hub.publish(`a/${at}`, undefined, entry(at))
  expect(hub.size).toBe(0)
})

test('above the budget, the topic that was published to longest ago loses its oldest', () => {
  const { hub, entry, look } = make(10_000)
  const body = new Uint8Array(2000)
  hub.publish('a', HISTORY, entry(1, body))
  hub.publish('b', HISTORY, entry(2, body))
  hub.publish('a', HISTORY, entry(3, body))
  expect([look('a')[2], look('b')[2]]).toEqual([[1, 2], [1]])
  hub.publish('a', HISTORY, entry(4, body))
  expect([look('a')[2], look('b')[2]]).toEqual([[1, 2, 3], []])
  hub.publish('c', HISTORY, entry(5, body))
  expect([look('a')[2], look('c')[2]]).toEqual([[2, 3], [1]])
  expect(hub.bytes).toBeLessThanOrEqual(10_000)
})

test('a word about members counts for so long, from when it was said last', async () => {
  const { clock, hub } = make()
  const told: string[] = []
  hub.attendance('a', (node, word) => told.push(`${node} ${word && Buffer.from(word)}`))
  hub.attend('a', 'one', text('1'))
  hub.attend('a', 'two', text('2'))
  await clock.advance(ATTENDANCE - 1)
  hub.attend('a', 'two', text('2'))
  expect(told).toEqual(['one 1', 'two 2', 'two 2'])
  await clock.advance(1)
  expect(told.at(-1)).toBe('one undefined')
  await clock.advance(ATTENDANCE - 2)
  expect(told).toHaveLength(4)
  await clock.advance(1)
  expect(told.at(-1)).toBe('two undefined')
})

test('a node that is forgotten is nowhere any more', () => {
  const { hub } = make()
  const told: string[] = []
  for (const topic of ['a', 'b']) {
    hub.attendance(topic, (node, word) => told.push(`${topic} ${node} ${word && Buffer.from(word)}`))
    hub.attend(topic, 'one', text('1'))
    hub.attend(topic, 'two', text('2'))
  }
  told.length = 0
  hub.forget('one')
  expect(told.toSorted()).toEqual(['a one undefined', 'b one undefined'])
})

test('a listener that ends another one while it is called keeps it from being called', () => {
  const { hub, entry } = make()
  const told: string[] = []
  let endOther = (): void => {}
  const passed = (): void => {
    told.push('first')
    endOther()
  }
  hub.consume('a', undefined, { state() {}, kept() {}, passed })
  endOther = hub.consume('a', undefined, { state() {}, kept() {}, passed: () => told.push('second') })
  hub.publish('a', undefined, entry(1))
  expect(told).toEqual(['first'])
})
