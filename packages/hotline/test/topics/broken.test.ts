/** A subscriber that throws, though none should: it is removed, the others get all, and the topics go on. */
import { expect, test } from 'vitest'
import { make, Reading } from './support.ts'

const boom = new Error('boom')

const explode = (): never => {
  throw boom
}

/** Topics with one that works, and one before it that does not. */
function withBroken(patterns: Parameters<typeof make>[0] = {}) {
  const failed: unknown[] = []
  const { topics, clock } = make(patterns, { failed: (error, subscriber) => failed.push([error, subscriber]) })
  const [bad, good] = [new Reading(), new Reading()]
  for (const one of [bad, good]) topics.subscribe(one, 'news')
  return { topics, clock, bad, good, failed }
}

test('one that throws in send is removed and told of, and the others get every publication', () => {
  const { topics, bad, good, failed } = withBroken()
  bad.onSend = explode
  good.onSend = ({ data }) => data === 1 && topics.publish('news', 2)
  expect(topics.publish('news', 1)).toEqual({ subscribers: 2 })
  expect(topics.publish('news', 3)).toEqual({ subscribers: 1 })
  expect(good.told).toEqual(['news:1', 'news:2', 'news:3'])
  expect(failed).toEqual([[boom, bad]])
  expect(topics.topicsOf(bad)).toEqual([])
  topics.remove(good)
  expect([...topics.names()]).toEqual([])
})

test('one that throws in disconnect is removed and told of, and the others get every publication', () => {
  const { topics, bad, good, failed } = withBroken({ news: { maxPending: 1 } })
  bad.congested = true
  bad.disconnect = explode
  for (const n of [1, 2, 3]) topics.publish('news', n)
  expect(good.told).toEqual(['news:1', 'news:2', 'news:3'])
  expect(failed).toEqual([[boom, bad]])
  topics.remove(good)
  expect([...topics.names()]).toEqual([])
})

test('one that throws when a batch is sent does not keep it from the others', async () => {
  const { topics, clock, bad, good, failed } = withBroken({ news: { every: 100 } })
  topics.publish('news', 1)
  bad.onSend = explode
  topics.publish('news', 2)
  await clock.advance(100)
  expect(good.told).toEqual(['news:1', 'news:2'])
  expect(failed).toEqual([[boom, bad]])
})

test('one that throws when it is drained, or when its history is replayed, is the only one that suffers', () => {
  const { topics, bad, good, failed } = withBroken({ news: { history: { size: 9, age: Infinity, bytes: 1e6 } } })
  bad.congested = true
  topics.publish('news', 1)
  bad.onSend = explode
  bad.relieve(topics)
  expect(failed).toHaveLength(1)
  topics.subscribe(bad, 'news', { last: 1 })
  expect(failed).toHaveLength(2)
  topics.publish('news', 2)
  expect(good.told).toEqual(['news:1', 'news:2'])
})

test('one that throws when it is told who is there does not keep it from the others', () => {
  const failed: unknown[] = []
  const { topics } = make(
    { news: { presence: { grace: 0, max: 9 } } },
    { failed: (error, subscriber) => failed.push([error, subscriber]) },
  )
  const [bad, good, third] = [new Reading(), new Reading(), new Reading()]
  topics.subscribe(bad, 'news', { watch: true })
  topics.subscribe(good, 'news', { watch: true })
  bad.presence = explode
  topics.subscribe(third, 'news', { member: { key: 'c', data: 1 } })
  expect(good.changes).toEqual([{ topic: 'news', count: 1, join: new Map([['c', 1]]) }])
  expect(failed).toEqual([[boom, bad]])
})

test('what throws in the middle of a delivery does not hold what waits behind it', () => {
  const { topics } = make()
  const [bad, good] = [new Reading(), new Reading()]
  topics.subscribe(bad, 'bad')
  topics.subscribe(good, 'good')
  bad.onSend = () => {
    topics.publish('good', 1)
    explode()
  }
  expect(() => topics.publish('bad', 1)).toThrow(boom)
  expect(good.told).toEqual(['good:1'])
  topics.publish('good', 2)
  expect(good.told).toEqual(['good:1', 'good:2'])
})
