// What is done with a subscriber that reads more slowly than is published: each policy, its bound, and that it is told.
import { describe, expect, test } from 'vitest'
import type { Topics } from '../../src/topics/topics.ts'
import { make, Reading } from './support.ts'

/** A subscriber that has enough. */
function slowReader(topics: Topics, ...names: string[]): Reading {
  const reader = new Reading()
  reader.congested = true
  for (const name of names) topics.subscribe(reader, name)
  return reader
}

const publishAll = (topics: Topics, name: string, ...data: unknown[]): void => {
  for (const one of data) topics.publish(name, one)
}

describe.each(['disconnect', 'drop-oldest', 'latest'] as const)('with %s', slow => {
  test('what fits the bound waits, and comes in its order when there is room', () => {
    const { topics } = make({ '*': { slow, key: data => Number(data), maxPending: 3 } })
    const [slowly, quickly] = [slowReader(topics, 'news'), new Reading()]
    topics.subscribe(quickly, 'news')
    publishAll(topics, 'news', 1, 2, 3)
    expect(slowly.told).toEqual([])
    expect(topics.readerStats(slowly)).toEqual({ pending: 3, pendingBytes: 3 * 164, passedOver: 0 })
    slowly.relieve(topics, 2)
    expect(slowly.told).toEqual(['news:1', 'news:2'])
    topics.publish('news', 4)
    slowly.relieve(topics)
    topics.publish('news', 5)
    expect(slowly.told).toEqual(quickly.told)
    expect(topics.readerStats(slowly)).toEqual({ pending: 0, pendingBytes: 0, passedOver: 0 })
  })

  test('who leaves while something waits gets nothing of it, and its memory is given back', () => {
    const { topics } = make({ '*': { slow, key: data => Number(data) } })
    const reader = slowReader(topics, 'one', 'two', '*')
    publishAll(topics, 'one', 1, 2)
    publishAll(topics, 'two', 3)
    topics.unsubscribe(reader, '*')
    topics.unsubscribe(reader, 'one')
    expect(topics.readerStats(reader)).toMatchObject({ pending: 1, pendingBytes: 164 })
    topics.remove(reader)
    reader.relieve(topics)
    expect(reader.told).toEqual([])
    expect([...topics.names()]).toEqual([])
  })

  test('what waits may take so many bytes for one subscriber, whatever its topics', () => {
    const { topics } = make({ '*': { slow, key: data => Number(data) } }, { pendingBytes: 500 })
    const reader = slowReader(topics, 'one', 'two')
    publishAll(topics, 'one', 1, 2)
    publishAll(topics, 'two', 3)
    expect(topics.readerStats(reader)?.pendingBytes).toBe(492)
    publishAll(topics, 'two', 4, 5)
    if (slow === 'disconnect') expect(reader.told).toEqual(['two:closed (reads two too slowly)'])
    reader.relieve(topics)
    if (slow !== 'disconnect') expect(reader.told).toEqual(['one:1', 'two:passed 2', 'two:5', 'one:2'])
  })
})

test('disconnect: who is above the bound is removed from everything, and told of it once', () => {
  const { topics } = make({ '*': { maxPending: 2 } })
  const [slowly, quickly] = [slowReader(topics, 'news', 'other'), new Reading()]
  topics.subscribe(quickly, 'news')
  publishAll(topics, 'news', 1, 2, 3, 4)
  topics.publish('other', 5)
  slowly.relieve(topics)
  expect(slowly.told).toEqual(['news:closed (reads news too slowly)'])
  expect(quickly.told).toEqual(['news:1', 'news:2', 'news:3', 'news:4'])
  expect(topics.stats('news')).toMatchObject({ subscribers: 1, slow: 0, published: 4, sent: 4, disconnected: 1 })
  expect(topics.countOf(slowly)).toBe(0)
})

test('drop-oldest: the newest ones are kept, and the reader is told how many it has not got before the next one', () => {
  const { topics } = make({ '*': { slow: 'drop-oldest', maxPending: 2 } })
  const reader = slowReader(topics, 'news')
  publishAll(topics, 'news', 1, 2, 3, 4, 5)
  reader.relieve(topics, 1)
  publishAll(topics, 'news', 6, 7)
  reader.relieve(topics)
  publishAll(topics, 'news', 8)
  expect(reader.told).toEqual(['news:passed 3', 'news:4', 'news:passed 1', 'news:6', 'news:7', 'news:8'])
  expect(topics.readerStats(reader)?.passedOver).toBe(4)
  expect(topics.stats('news')).toMatchObject({ published: 8, sent: 4, passedOver: 4, pending: 0 })
})

test('latest: of each key only the newest one waits, in the order of publication', () => {
  const { topics } = make({ '*': { slow: 'latest', key: data => String(data)[0] as string, maxPending: 3 } })
  const reader = slowReader(topics, 'stocks')
  publishAll(topics, 'stocks', 'a1', 'b1', 'a2', 'c1', 'a3', 'b2')
  reader.relieve(topics)
  expect(reader.told).toEqual(['stocks:passed 3', 'stocks:c1', 'stocks:a3', 'stocks:b2'])
  reader.congested = true
  publishAll(topics, 'stocks', 'a4', 'b3', 'c2', 'd1', 'd2')
  reader.relieve(topics)
  expect(reader.told.slice(4)).toEqual(['stocks:passed 2', 'stocks:b3', 'stocks:c2', 'stocks:d2'])
})

test('latest without a key: one waits in all', () => {
  const { topics } = make({ '*': { slow: 'latest' } })
  const reader = slowReader(topics, 'position', 'other')
  publishAll(topics, 'position', 1, 2, 3)
  publishAll(topics, 'other', 4)
  reader.relieve(topics)
  expect(reader.told).toEqual(['position:passed 2', 'position:3', 'other:4'])
})

test('one publication that is larger than all that may wait is passed over, and that is told', () => {
  const { topics } = make({ '*': { slow: 'drop-oldest' } }, { seal: ({ data }) => Number(data), pendingBytes: 1000 })
  const reader = slowReader(topics, 'news')
  publishAll(topics, 'news', 5000, 1, 2)
  reader.relieve(topics)
  expect(reader.told).toEqual(['news:passed 1', 'news:1', 'news:2'])
})

test('what waits of several topics leaves in turns, so that none waits for all of another', () => {
  const { topics } = make()
  const reader = slowReader(topics, 'a', 'b')
  publishAll(topics, 'a', 1, 2, 3)
  publishAll(topics, 'b', 4)
  reader.relieve(topics, 2)
  expect(reader.told).toEqual(['a:1', 'b:4'])
})

test('a reader that has had enough in the middle of what waits goes on there', () => {
  const { topics } = make()
  const reader = slowReader(topics, 'a')
  reader.onSend = () => topics.drained(reader)
  publishAll(topics, 'a', 1, 2, 3)
  for (const expected of [1, 2, 3]) {
    reader.relieve(topics, 1)
    expect(reader.told).toHaveLength(expected)
  }
  expect(reader.told).toEqual(['a:1', 'a:2', 'a:3'])
})

describe('with every', () => {
  test('the first publication comes at once, what follows in one batch for each time', async () => {
    const { topics, clock } = make({ '*': { every: 100 } })
    const reader = new Reading()
    topics.subscribe(reader, 'news')
    publishAll(topics, 'news', 1, 2)
    await clock.advance(99)
    publishAll(topics, 'news', 3)
    expect(reader.told).toEqual(['news:1'])
    await clock.advance(1)
    expect(reader.told).toEqual(['news:1', 'news:2', 'news:3'])
    publishAll(topics, 'news', 4)
    await clock.advance(100)
    expect(reader.told.slice(3)).toEqual(['news:4'])
    await clock.advance(100)
    expect(clock.pending).toBe(0)
    publishAll(topics, 'news', 5)
    expect(reader.told.slice(4)).toEqual(['news:5'])
  })

  test('and latest, a batch has the newest of each key', async () => {
    const { topics, clock } = make({ '*': { every: 100, slow: 'latest', key: data => String(data)[0] as string } })
    const reader = new Reading()
    topics.subscribe(reader, 'stocks')
    publishAll(topics, 'stocks', 'a1', 'a2', 'b1', 'a3')
    await clock.advance(100)
    expect(reader.told).toEqual(['stocks:a1', 'stocks:passed 1', 'stocks:b1', 'stocks:a3'])
  })

  test('a slow reader gets one batch when it has room, and that of the next time not before', async () => {
    const { topics, clock } = make({ '*': { every: 100, slow: 'drop-oldest', maxPending: 2 } })
    const reader = slowReader(topics, 'news')
    publishAll(topics, 'news', 1, 2, 3)
    reader.relieve(topics)
    expect(reader.told).toEqual(['news:passed 1', 'news:2', 'news:3'])
    publishAll(topics, 'news', 4)
    reader.congested = true
    await clock.advance(250)
    publishAll(topics, 'news', 5)
    expect(reader.told).toHaveLength(3)
    reader.relieve(topics)
    expect(reader.told.slice(3)).toEqual(['news:4', 'news:5'])
    publishAll(topics, 'news', 6)
    expect(reader.told).toHaveLength(5)
    await clock.advance(50)
    expect(reader.told.slice(5)).toEqual(['news:6'])
  })

  test('a batch is a batch for who subscribed to a pattern, too', async () => {
    const { topics, clock } = make({ '*': { every: 100 } })
    const reader = new Reading()
    topics.subscribe(reader, '**')
    publishAll(topics, 'news', 1, 2, 3)
    expect(reader.told).toEqual(['news:1'])
    await clock.advance(100)
    expect(reader.told).toEqual(['news:1', 'news:2', 'news:3'])
    await clock.advance(100)
    expect([clock.pending, ...topics.names()]).toEqual([0])
  })

  test('no timer is left when the last one has left', async () => {
    const { topics, clock } = make({ '*': { every: 100 } })
    const reader = new Reading()
    topics.subscribe(reader, 'news')
    publishAll(topics, 'news', 1, 2)
    topics.remove(reader)
    await clock.advance(100)
    expect(reader.told).toEqual(['news:1'])
    expect([clock.pending, ...topics.names()]).toEqual([0])
  })
})

describe('a reader with a pace of its own', () => {
  const latest = { slow: 'latest', key: (data: unknown) => String(data)[0] as string } as const

  test('gets the first publication at once and then a batch for each time, and the others get all of it', async () => {
    const { topics, clock } = make({ '*': latest })
    const [reader, other] = [new Reading(), new Reading()]
    topics.subscribe(reader, 'stocks', { every: 100 })
    topics.subscribe(other, 'stocks')
    publishAll(topics, 'stocks', 'a1', 'a2', 'b1', 'a3')
    expect(other.told).toHaveLength(4)
    await clock.advance(99)
    expect(reader.told).toEqual(['stocks:a1'])
    await clock.advance(1)
    expect(reader.told).toEqual(['stocks:a1', 'stocks:passed 1', 'stocks:b1', 'stocks:a3'])
    publishAll(topics, 'stocks', 'a4')
    await clock.advance(100)
    expect(reader.told.slice(4)).toEqual(['stocks:a4'])
    await clock.advance(100)
    expect(clock.pending).toBe(0)
    publishAll(topics, 'stocks', 'a5')
    expect(reader.told.slice(5)).toEqual(['stocks:a5'])
  })

  test('goes with the batches of a topic that gathers, each time that is over', async () => {
    const { topics, clock } = make({ '*': { ...latest, every: 40 } })
    const [reader, other] = [new Reading(), new Reading()]
    topics.subscribe(reader, 'stocks', { every: 100 })
    topics.subscribe(other, 'stocks')
    for (let n = 1; n <= 10; n++) {
      publishAll(topics, 'stocks', `a${n}`)
      await clock.advance(20)
    }
    expect(other.told.filter(one => !one.includes('passed'))).toEqual(['a1', 'a2', 'a4', 'a6', 'a8', 'a10'].map(name))
    expect(reader.told.filter(one => !one.includes('passed'))).toEqual(['a1', 'a6'].map(name))
  })

  const name = (data: string): string => `stocks:${data}`

  test('has none where the topic is slower already', async () => {
    const { topics, clock } = make({ '*': { every: 100 } })
    const reader = new Reading()
    topics.subscribe(reader, 'news', { every: 50 })
    publishAll(topics, 'news', 1, 2)
    await clock.advance(99)
    expect(reader.told).toEqual(['news:1'])
    await clock.advance(1)
    expect(reader.told).toEqual(['news:1', 'news:2'])
  })

  test('that has it no more gets what was gathered at once', async () => {
    const { topics, clock } = make()
    const reader = new Reading()
    topics.subscribe(reader, 'news', { every: 1000 })
    publishAll(topics, 'news', 1, 2, 3)
    topics.subscribe(reader, 'news', { every: 0 })
    expect(reader.told).toEqual(['news:1', 'news:2', 'news:3'])
    expect(clock.pending).toBe(0)
  })

  test('and no room gets its batch when there is some, and the next one not before its time', async () => {
    const { topics, clock } = make({ '*': { slow: 'drop-oldest', maxPending: 2 } })
    const reader = new Reading()
    topics.subscribe(reader, 'news', { every: 100 })
    publishAll(topics, 'news', 1, 2, 3, 4)
    reader.congested = true
    await clock.advance(150)
    reader.relieve(topics)
    expect(reader.told).toEqual(['news:1', 'news:passed 1', 'news:3', 'news:4'])
    publishAll(topics, 'news', 5)
    await clock.advance(99)
    expect(reader.told).toHaveLength(4)
    await clock.advance(1)
    expect(reader.told.slice(4)).toEqual(['news:5'])
  })

  test('that leaves the topic, and has it still by a pattern, gets what was gathered', () => {
    const { topics } = make()
    const reader = new Reading()
    topics.subscribe(reader, '*')
    topics.subscribe(reader, 'news', { every: 100 })
    publishAll(topics, 'news', 1, 2)
    topics.unsubscribe(reader, 'news')
    expect(reader.told).toEqual(['news:1', 'news:2'])
  })

  test('leaves no timer when it goes, and a pattern has no pace', async () => {
    const { topics, clock } = make()
    const reader = new Reading()
    topics.subscribe(reader, 'news', { every: 100 })
    publishAll(topics, 'news', 1, 2)
    topics.remove(reader)
    expect([clock.pending, ...topics.names()]).toEqual([0])
    expect(() => topics.subscribe(reader, 'n/*', { every: 100 })).toThrow('has no history, presence or pace')
  })
})

describe('a reader that can give a sign that it has read', () => {
  class Probed extends Reading {
    probes = 0
    probe(): void {
      this.probes++
    }
  }

  test('gets the next of a latest topic when it has read the one before: what the network holds is never old', async () => {
    const { topics, clock } = make({ '*': { slow: 'latest', every: 10, key: data => String(data)[0] as string } })
    const reader = new Probed()
    topics.subscribe(reader, 'stocks')
    publishAll(topics, 'stocks', 'a1', 'a2')
    expect(reader.probes).toBe(1)
    await clock.advance(500)
    publishAll(topics, 'stocks', 'a3', 'b1')
    expect(reader.told).toEqual(['stocks:a1'])
    topics.heard(reader)
    expect(reader.told).toEqual(['stocks:a1', 'stocks:passed 1', 'stocks:a3', 'stocks:b1'])
    expect(reader.probes).toBe(2)
  })

  test('late in one batch gets the next at its time, and not before', async () => {
    const { topics, clock } = make({ '*': { slow: 'latest', every: 100 } })
    const reader = new Probed()
    topics.subscribe(reader, 'news')
    publishAll(topics, 'news', 1, 2)
    await clock.advance(150)
    topics.heard(reader)
    expect(reader.told).toEqual(['news:1', 'news:2'])
    publishAll(topics, 'news', 3)
    topics.heard(reader)
    expect(reader.told).toHaveLength(2)
    await clock.advance(50)
    expect(reader.told).toEqual(['news:1', 'news:2', 'news:3'])
  })

  test('that gives none for half a minute is sent to again, as far as it has room', async () => {
    const { topics, clock } = make({ '*': { slow: 'latest' } })
    const reader = new Probed()
    topics.subscribe(reader, 'news')
    publishAll(topics, 'news', 1, 2)
    await clock.advance(29_999)
    publishAll(topics, 'news', 3)
    expect(reader.told).toEqual(['news:1'])
    await clock.advance(1)
    publishAll(topics, 'news', 4)
    expect(reader.told).toEqual(['news:1', 'news:passed 2', 'news:4'])
    expect(reader.probes).toBe(2)
  })

  test('is asked no more often than each 25 ms where no every says more, and not for other topics', async () => {
    const { topics, clock } = make({ latest: { slow: 'latest' } })
    const reader = new Probed()
    for (const name of ['latest', 'other']) topics.subscribe(reader, name)
    publishAll(topics, 'latest', 1, 2)
    publishAll(topics, 'other', 3)
    topics.heard(reader)
    publishAll(topics, 'latest', 4, 5)
    expect(reader.told).toEqual(['latest:1', 'other:3', 'latest:2', 'latest:4', 'latest:5'])
    expect(reader.probes).toBe(1)
    await clock.advance(25)
    publishAll(topics, 'latest', 6, 7)
    expect([reader.told.at(-1), reader.probes]).toEqual(['latest:6', 2])
    topics.heard(reader)
    topics.heard(new Reading())
    expect(reader.told.at(-1)).toBe('latest:7')
  })
})
