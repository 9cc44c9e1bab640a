/** What a lane has come to, and who wins by it. */
import { describe, expect, test } from 'vitest'
import type { Lane } from '../words.ts'
import { type Figures, LaneFigures } from './figures.ts'
import { verdict } from './verdict.ts'

const told = (id: number) => ({ id, at: 0, price: 1 })

test('what opening takes is told apart, and bytes are those for each update', () => {
  const lane = new LaneFigures()
  lane.count({ requests: 1, bytes: 700 }, 0, 1000)
  lane.hear(told(1), 5)
  lane.hear(told(2), 5)
  lane.count({ requests: 1, bytes: 784 }, 2, 3000)
  expect(lane.view).toMatchObject({ opening: 700, requests: 0, received: 2, bytes: 42, bytesPerSecond: 42 })
})

test('numbers that were passed over are missed, those that come twice count once, what is old is late', () => {
  const lane = new LaneFigures()
  const ages = [10, 100, 101, 900]
  for (const [index, id] of [1, 2, 5, 6].entries()) expect(lane.hear(told(id), ages[index] ?? 0)).toBe(true)
  expect(lane.hear(told(6), 5)).toBe(false)
  expect(lane.view).toMatchObject({ received: 4, missed: 2, late: 2, p50: 100, p99: 101 })
})

test('figures begin anew: on the same feed behind what is known, on a fresh one at 1', () => {
  const lane = new LaneFigures()
  lane.hear(told(7), 5)
  lane.count({ requests: 9, bytes: 900 }, 7, 1000)
  lane.reset(false)
  lane.hear(told(8), 5)
  lane.count({ requests: 10, bytes: 1000 }, 8, 2000)
  expect(lane.view).toMatchObject({ received: 1, missed: 0, requests: 1, bytes: 100 })
  lane.reset(true)
  expect(lane.hear(told(1), 5)).toBe(true)
  expect(lane.view).toMatchObject({ received: 1, missed: 0, requests: 0 })
})

describe('the verdict is fair', () => {
  const of = (bytes: number, p50: number): Figures => ({
    ...{ received: 9, late: 0, missed: 0, requests: 9, opening: 700, p99: p50 },
    ...{ bytes, p50, bytesPerSecond: bytes, requestsPerSecond: 1 },
  })
  const lanes = (polling: number, waiting: number): Record<Lane, Figures> => ({
    polling: of(polling, 500),
    'long-polling': of(waiting, 4),
    sse: of(60, 4),
    websocket: of(42, 4),
  })

  test.each([
    ['one update for each poll', 1, 1000, lanes(760, 760), 'WebSocket leads', 'only the server speaks'],
    ['more than one', 2, 1000, lanes(400, 760), 'WebSocket leads', 'more than polling'],
    ['many', 10, 1000, lanes(112, 760), 'Polling is cheap here, and stale', 'the simpler choice'],
    ['very many', 50, 10_000, lanes(41, 760), 'Polling wins on bytes', 'the better choice here'],
    ['few', 0.2, 1000, lanes(3600, 760), 'Updates are rarer than polls', '5 polls are made for each update'],
  ])('%s', (_, rate, interval, measured, headline, words) => {
    const said = verdict({ rate, interval }, measured)
    expect(said.headline).toContain(headline)
    expect(said.text).toContain(words)
  })

  test('with too little to go by, it says so', () => {
    const few = { ...lanes(760, 760), sse: { ...of(60, 4), received: 2 } }
    expect(verdict({ rate: 1, interval: 1000 }, few).headline).toBe('Gathering figures…')
  })
})
