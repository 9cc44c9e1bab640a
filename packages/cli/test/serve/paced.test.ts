/** A look that takes long is not taken often. */
import { expect, test } from 'vitest'
import { Paced } from '../../src/serve/status/paced.ts'

function paced(took: number) {
  const state = { now: 0, looks: 0 }
  const look = () => {
    state.now += took
    return ++state.looks
  }
  return { state, paced: new Paced(look, () => state.now) }
}

test('a quick look is taken once a second', () => {
  const { state, paced: seen } = paced(1)
  expect([seen.value, seen.value]).toEqual([1, 1])
  state.now = 900
  expect(seen.value).toBe(1)
  state.now = 901
  expect(seen.value).toBe(2)
})

test('one of half a second is taken every ten', () => {
  const { state, paced: seen } = paced(500)
  expect(seen.value).toBe(1)
  state.now = 10_499
  expect(seen.value).toBe(1)
  state.now = 10_500
  expect(seen.value).toBe(2)
})

test('what is forgotten is looked at anew', () => {
  const { paced: seen } = paced(1)
  expect(seen.value).toBe(1)
  seen.forget()
  expect(seen.value).toBe(2)
})
