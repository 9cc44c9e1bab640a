// History and resume: what was missed comes exactly once and in order, or it is said that it does not.
import { describe, expect, test } from 'vitest'
import type { TopicRules } from '../../src/topics/rules.ts'
import type { Subscribed, SubscribeOptions } from '../../src/topics/subscriber.ts'
import { make, Reading } from './support.ts'

const kept = (some: Partial<NonNullable<TopicRules['history']>> = {}): Partial<TopicRules> => ({
  history: { size: 5, age: Number.POSITIVE_INFINITY, bytes: 1e6, ...some },
})

/** Topics with ten publications in `news`, numbered from 1, each of 356 bytes, of which the last five are kept. */
function ten(rules: Partial<TopicRules> = kept()) {
  const made = make({ '*': rules })
  for (let data = 1; data <= 10; data++) made.topics.publish('news', data)
  return made
}

const resumes: [what: string, options: SubscribeOptions, expected: Partial<Subscribed>, got: number[]][] = [
  ['asks for nothing', {}, { offset: 10 }, []],
  ['asks for the last two', { last: 2 }, { offset: 8 }, [9, 10]],
  ['asks for more than there is', { last: 100 }, { offset: 5 }, [6, 7, 8, 9, 10]],
  ['has all', { since: { epoch: 'epoch 1', offset: 10 } }, { recovered: true, offset: 10 }, []],
  ['missed two', { since: { epoch: 'epoch 1', offset: 8 } }, { recovered: true, offset: 8 }, [9, 10]],
  ['missed two and asks for more', { last: 4, since: { epoch: 'epoch 1', offset: 8 } }, { recovered: true }, [9, 10]],
  ['missed all that is kept', { since: { epoch: 'epoch 1', offset: 5 } }, { recovered: true }, [6, 7, 8, 9, 10]],
  [
    'missed one more',
    { since: { epoch: 'epoch 1', offset: 4 } },
    { recovered: false, code: 'expired', offset: 10 },
    [],
  ],
  ['missed everything', { last: 1, since: { epoch: 'epoch 1', offset: 0 } }, { code: 'expired', offset: 9 }, [10]],
  ['was in the future', { since: { epoch: 'epoch 1', offset: 11 } }, { recovered: false, code: 'future' }, []],
  ['has no offset', { since: { epoch: 'epoch 1', offset: Number.NaN } }, { recovered: false, code: 'future' }, []],
  ['has an offset below all', { since: { epoch: 'epoch 1', offset: -1 } }, { recovered: false, code: 'future' }, []],
  ['has a forged epoch', { last: 1, since: { epoch: 'epoch 2', offset: 9 } }, { code: 'epoch', offset: 9 }, [10]],
]

test.each(resumes)('who %s gets what it can have, and is told the truth', (_what, options, expected, got) => {
  const { topics } = ten()
  const reader = new Reading()
  let first: number | undefined
  const told = (): number => (first = reader.told.length)
  const subscribed = topics.subscribe(reader, 'news', { ...options, told })
  expect(subscribed).toMatchObject({ epoch: 'epoch 1', ...expected, replayed: got.length })
  expect('recovered' in subscribed).toBe(options.since !== undefined)
  if (subscribed.recovered === false) expect(subscribed.reason).not.toBe('')
  expect(first).toBe(0)
  topics.publish('news', 11)
  expect(reader.offsets).toEqual([...got, 11])
  expect(reader.told).toEqual([...got, 11].map(data => `news:${data}`))
})

test('publications of a topic with a history have offsets from 1 on, others have none', () => {
  const { topics } = make({ 'kept/*': kept() })
  expect([topics.publish('kept/1', 0), topics.publish('kept/1', 0)].map(({ offset }) => offset)).toEqual([1, 2])
  expect('offset' in topics.publish('news', 0)).toBe(false)
  expect(topics.subscribe(new Reading(), 'news', { last: 5 })).toEqual({ replayed: 0 })
  const since = { epoch: 'epoch 1', offset: 0 }
  expect(topics.subscribe(new Reading(), 'news', { since })).toMatchObject({ recovered: false, code: 'epoch' })
})

describe('the bounds', () => {
  test('a history has so many bytes, with what our own objects take', () => {
    const { topics } = ten(kept({ bytes: 3 * 356 }))
    expect(topics.stats('news')?.history).toEqual({ epoch: 'epoch 1', offset: 10, size: 3, bytes: 1068 })
  })

  test('a publication that is larger than the history is not kept, and the one before is not said to be the last', () => {
    const { topics } = ten(kept({ bytes: 300 }))
    expect(topics.stats('news')?.history?.size).toBeUndefined()
    const reader = new Reading()
    topics.subscribe(reader, 'news')
    const { offset } = topics.publish('news', 1)
    expect(topics.stats('news')?.history).toMatchObject({ offset, size: 0, bytes: 0 })
  })

  test('what is too old is gone, and a topic with nothing left is forgotten with its epoch', async () => {
    const { topics, clock } = make({ '*': kept({ age: 1000 }) })
    topics.publish('news', 1)
    await clock.advance(600)
    topics.publish('news', 2)
    await clock.advance(399)
    expect(topics.stats('news')?.history?.size).toBe(2)
    await clock.advance(1)
    expect(topics.stats('news')?.history?.size).toBe(1)
    await clock.advance(600)
    expect([clock.pending, topics.historyBytes, ...topics.names()]).toEqual([0, 0])
    const since = { epoch: 'epoch 1', offset: 2 }
    expect(topics.subscribe(new Reading(), 'news', { since })).toMatchObject({ epoch: 'epoch 2', recovered: false })
  })

  test('an age that is longer than timers hold is waited for', async () => {
    const { topics, clock } = make({ '*': kept({ age: 2 ** 32 }) })
    topics.publish('news', 1)
    await clock.advance(2 ** 32 - 1)
    expect(topics.stats('news')?.history?.size).toBe(1)
    await clock.advance(1)
    expect([clock.pending, ...topics.names()]).toEqual([0])
  })

  test('a topic that somebody reads keeps its epoch when its history is too old', async () => {
    const { topics, clock } = make({ '*': kept({ age: 1000 }) })
    topics.subscribe(new Reading(), 'news')
    topics.publish('news', 1)
    await clock.advance(5000)
    const since = { epoch: 'epoch 1', offset: 1 }
    expect(topics.subscribe(new Reading(), 'news', { since })).toMatchObject({ recovered: true })
    expect(topics.publish('news', 2).offset).toBe(2)
    expect(topics.subscribe(new Reading(), 'news', { since })).toMatchObject({ recovered: true, replayed: 1 })
  })

  test('one replay may cost so much; what is above is not replayed in part', () => {
    for (const replay of [
      { size: 2, bytes: 1e6 },
      { size: 1000, bytes: 2 * 100 },
    ]) {
      const { topics } = make({ '*': { ...kept(), replay } })
      for (let data = 1; data <= 5; data++) topics.publish('news', data)
      const subscribe = (options: SubscribeOptions) => topics.subscribe(new Reading(), 'news', options)
      const fits = { since: { epoch: 'epoch 1', offset: 3 } }
      const dear = { since: { epoch: 'epoch 1', offset: 2 } }
      if (replay.size === 2) expect(subscribe(fits)).toMatchObject({ recovered: true, replayed: 2 })
      expect(subscribe(dear)).toMatchObject({ recovered: false, code: 'cost', replayed: 0 })
      expect(subscribe({ last: 5 }).replayed).toBe(replay.size === 2 ? 2 : 0)
    }
  })

  test('all histories together have a bound, and the one that was published to longest ago pays', () => {
    const { topics } = make({ '*': kept() }, { historyBytes: 2 * 1024 + 5 * 356 })
    const reader = new Reading()
    topics.subscribe(reader, 'old')
    for (const name of ['older', 'old', 'old', 'old', 'new', 'new', 'new', 'new']) topics.publish(name, 0)
    expect(['older', 'old', 'new'].map(name => topics.stats(name)?.history?.size)).toEqual([undefined, 1, 4])
    expect(topics.historyBytes).toBe(2 * 1024 + 5 * 356)
    const since = { epoch: 'epoch 1', offset: 1 }
    expect(topics.subscribe(new Reading(), 'old', { since })).toMatchObject({ recovered: false, code: 'expired' })
  })

  test('a hundred thousand topics that somebody makes up take no more than the bound', () => {
    const { topics } = make({ '*': kept() }, { historyBytes: 1e6 })
    for (let n = 0; n < 100_000; n++) topics.publish(`topic ${n}`, n)
    expect(topics.historyBytes).toBeLessThanOrEqual(1e6)
    expect([...topics.names()].length).toBeLessThan(1000)
  })
})

test('a slow reader gets its replay as it reads, and then what was published meanwhile', () => {
  const { topics } = ten()
  const reader = new Reading()
  reader.room = 2
  topics.subscribe(reader, 'news', { last: 4 })
  topics.publish('news', 11)
  expect(reader.offsets).toEqual([7, 8])
  reader.relieve(topics, 1)
  topics.publish('news', 12)
  reader.relieve(topics)
  topics.publish('news', 13)
  expect(reader.offsets).toEqual([7, 8, 9, 10, 11, 12, 13])
})

test('of what was published behind a replay that still waits, what was passed over is told behind the replay', () => {
  const { topics } = ten({ ...kept(), slow: 'drop-oldest', maxPending: 1 })
  const reader = new Reading()
  reader.congested = true
  topics.subscribe(reader, 'news', { last: 2 })
  for (const data of [11, 12, 13]) topics.publish('news', data)
  reader.relieve(topics)
  expect(reader.told).toEqual(['news:9', 'news:10', 'news:passed 2', 'news:13'])
})

test('who subscribes again with a position begins anew, without one nothing changes', () => {
  const { topics } = ten()
  const reader = new Reading()
  reader.congested = true
  topics.subscribe(reader, 'news', { last: 1 })
  topics.publish('news', 11)
  expect(topics.subscribe(reader, 'news')).toMatchObject({ replayed: 0 })
  expect(topics.readerStats(reader)?.pending).toBe(2)
  topics.subscribe(reader, 'news', { since: { epoch: 'epoch 1', offset: 9 } })
  reader.relieve(topics)
  expect(reader.offsets).toEqual([10, 11])
})

test('who subscribes in the middle of a publication has it from the history, or live, and not twice', () => {
  const { topics } = ten()
  const [a, late] = [new Reading(), new Reading()]
  topics.subscribe(a, 'news')
  a.onSend = ({ data }) => {
    if (data !== 11) return
    topics.publish('news', 12)
    topics.subscribe(late, 'news', { since: { epoch: 'epoch 1', offset: 10 } })
    topics.publish('news', 13)
  }
  topics.publish('news', 11)
  expect(a.offsets).toEqual([11, 12, 13])
  expect(late.offsets).toEqual([11, 12, 13])
})
