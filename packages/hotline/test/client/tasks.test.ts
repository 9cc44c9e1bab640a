/** Tasks on both lanes: with the function of Node that runs what is ready, and with a tick for each task. */
import { describe, expect, test } from 'vitest'
import { Tasks } from '../../src/client/tasks.ts'
import { nodeClock } from '../../src/runtime/node/clock.ts'
import { runReady } from '../../src/runtime/node/lane.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('this Node has the function that runs what is ready', () => {
  expect(runReady).toBeTypeOf('function')
})

describe.each([
  ['reactions run at once', runReady],
  ['each task waits for a tick', undefined],
])('%s', (_, ready) => {
  test('no task begins before all that the one before has set in motion is done, reactions and ticks', async () => {
    const seen: string[] = []
    const tasks = new Tasks<string>(
      nodeClock,
      async task => {
        seen.push(`${task} begins`)
        process.nextTick(() => seen.push(`${task} ticks`))
        for (let i = 0; i < 5; i++) await undefined
        await Promise.all([undefined, undefined])
        seen.push(`${task} ends`)
      },
      ready,
    )
    for (const task of ['1', '2', '3']) tasks.queue(task)
    expect(seen).toEqual([])
    await turn()
    for (const task of ['1', '2', '3']) {
      const own = seen.splice(0, 3)
      expect([own[0], own.slice(1).sort()]).toEqual([`${task} begins`, [`${task} ends`, `${task} ticks`]])
    }
    expect(seen).toEqual([])
  })

  test('what is ready when the first task is queued comes before it', async () => {
    const seen: string[] = []
    const tasks = new Tasks<string>(nodeClock, task => seen.push(task), ready)
    tasks.queue('task')
    Promise.resolve().then(() => Promise.resolve().then(() => seen.push('reaction')))
    process.nextTick(() => seen.push('tick'))
    await turn()
    expect(seen.at(-1)).toBe('task')
    expect(seen).toHaveLength(3)
  })

  test('a task that is queued by another, or by its reactions, comes behind those that wait', async () => {
    const seen: string[] = []
    const tasks = new Tasks<string>(
      nodeClock,
      task => {
        seen.push(task)
        if (task === '1') {
          tasks.queue('by a task')
          Promise.resolve().then(() => tasks.queue('by a reaction'))
        }
      },
      ready,
    )
    tasks.queue('1')
    tasks.queue('2')
    await turn()
    expect(seen).toEqual(['1', '2', 'by a task', 'by a reaction'])
    tasks.queue('3')
    await turn()
    expect(seen.at(-1)).toBe('3')
  })
})
