/** How long a sender in a room waits, on a clock that the test moves. */
import type { ServerSocket } from 'hotline/server'
import { expect, test } from 'vitest'
import { Patience } from '../../src/serve/patience.ts'

/** `behind` is how many are, at each look; the last of them from then on. */
function room(...behind: number[]) {
  const state = { behind, now: 0 }
  const sleep = async (milliseconds: number) => void (state.now += milliseconds)
  const look = () => (state.behind.length > 1 ? state.behind.shift() : state.behind[0]) ?? 0
  return { state, patience: new Patience(look, { now: () => state.now, sleep }) }
}

const [ada, ben] = [{}, {}] as [ServerSocket, ServerSocket]

test('where nobody is behind, nobody waits', () => {
  expect(room(0).patience.wait(ada, 'rooms/a')).toBeUndefined()
})

test('a sender waits until all have caught up', async () => {
  const { state, patience } = room(3, 2, 1, 0)
  await patience.wait(ada, 'rooms/a')
  expect(state.now).toBe(15)
})

test('for one that does not read a sender waits a second, and then no more, but for the others', async () => {
  const { state, patience } = room(1)
  await patience.wait(ada, 'rooms/a')
  expect(state.now).toBe(1_000)
  expect(patience.wait(ada, 'rooms/a')).toBeUndefined()
  state.behind = [3, 2, 1]
  await patience.wait(ada, 'rooms/a')
  expect(state.now).toBe(1_010)
  await patience.wait(ben, 'rooms/a')
  expect(state.now).toBe(2_010)
})

test('for one that has caught up a sender has patience again', async () => {
  const { state, patience } = room(1)
  await patience.wait(ada, 'rooms/a')
  state.behind = [0]
  expect(patience.wait(ada, 'rooms/a')).toBeUndefined()
  state.behind = [1]
  await patience.wait(ada, 'rooms/a')
  expect(state.now).toBe(2_000)
})
