// The core: who gets what, in which order, and what is left when they are gone.
import { expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { make, Reading } from './support.ts'

test('a publication reaches everybody who has subscribed to its topic, and nobody else', () => {
  const { topics } = make()
  const [a, b, c] = [new Reading(), new Reading(), new Reading()]
  topics.subscribe(a, 'news')
  topics.subscribe(b, 'news')
  topics.subscribe(c, 'other')
  expect(topics.publish('news', 1)).toEqual({ subscribers: 2 })
  expect(topics.publish('nobody', 1)).toEqual({ subscribers: 0 })
  expect([a.told, b.told, c.told]).toEqual([['news:1'], ['news:1'], []])
})

test('all get the same object, so that it is written once', () => {
  const { topics } = make()
  const [a, b] = [new Reading(), new Reading()]
  for (const one of [a, b]) topics.subscribe(one, 'news')
  topics.publish('news', { any: 'thing' })
  expect(a.publications[0]).toBe(b.publications[0])
  let made = 0
  const write = (): number => ++made
  for (const { publications } of [a, b]) expect(publications[0]?.form(write)).toBe(1)
})

test('the publisher may be left out', () => {
  const { topics } = make()
  const [a, b] = [new Reading(), new Reading()]
  for (const one of [a, b]) topics.subscribe(one, 'news')
  expect(topics.publish('news', 1, { except: a })).toEqual({ subscribers: 1 })
  expect(topics.publish('news', 2, { except: new Reading() })).toEqual({ subscribers: 2 })
  expect([a.told, b.told]).toEqual([['news:2'], ['news:1', 'news:2']])
})

test('a pattern gets what is published to its topics, once, however many patterns fit', () => {
  const { topics } = make()
  const a = new Reading()
  for (const name of ['chat/*', 'chat/**', '*/1', 'chat/1', 'chat/1']) topics.subscribe(a, name)
  expect(topics.topicsOf(a)).toEqual(['chat/1', 'chat/*', 'chat/**', '*/1'])
  expect(topics.countOf(a)).toBe(4)
  for (const name of ['chat/1', 'chat/2', 'chat/2/3', 'talk/1', 'talk']) topics.publish(name, 0)
  expect(a.told).toEqual(['chat/1:0', 'chat/2:0', 'chat/2/3:0', 'talk/1:0'])
  expect([topics.unsubscribe(a, 'chat/**'), topics.unsubscribe(a, 'chat/**')]).toEqual([true, false])
  expect(topics.publish('chat/2/3', 1)).toEqual({ subscribers: 0 })
  expect(topics.publish('chat/2', 1)).toEqual({ subscribers: 1 })
})

test('who unsubscribes gets nothing more, and what nobody reads is forgotten', () => {
  const { topics, clock } = make()
  const a = new Reading()
  topics.subscribe(a, 'one')
  topics.subscribe(a, 'two')
  topics.subscribe(a, 'many/*')
  topics.publish('many/1', 0)
  expect([...topics.names()]).toEqual(['one', 'two'])
  expect([topics.unsubscribe(a, 'one'), topics.unsubscribe(a, 'one'), topics.unsubscribe(a, 'none')]).toEqual([
    true,
    false,
    false,
  ])
  topics.publish('one', 1)
  topics.remove(a)
  topics.remove(a)
  for (const name of ['two', 'many/1']) expect(topics.publish(name, 1)).toEqual({ subscribers: 0 })
  expect(a.told).toEqual(['many/1:0'])
  expect([...topics.names(), ...topics.topicsOf(a)]).toEqual([])
  expect([topics.countOf(a), topics.readerStats(a), topics.stats('one')]).toEqual([0, undefined, undefined])
  expect(topics.unsubscribe(a, 'one')).toBe(false)
  expect(clock.pending).toBe(0)
})

test('a subscriber that leaves in the middle of a publication gets nothing more, one that comes gets the next', () => {
  const { topics } = make()
  const [a, b, c, late] = [new Reading(), new Reading(), new Reading(), new Reading()]
  for (const one of [a, b, c]) topics.subscribe(one, 'news')
  a.onSend = () => {
    topics.remove(b)
    topics.subscribe(late, 'news')
    a.onSend = undefined
  }
  topics.publish('news', 1)
  topics.publish('news', 2)
  expect([a.told, b.told, c.told, late.told]).toEqual([['news:1', 'news:2'], [], ['news:1', 'news:2'], ['news:2']])
})

test('who leaves and comes back in the middle of a publication does not get it twice', () => {
  const { topics } = make()
  const [a, b] = [new Reading(), new Reading()]
  topics.subscribe(a, 'news')
  topics.subscribe(b, '*')
  a.onSend = () => {
    topics.remove(a)
    topics.subscribe(a, 'news')
    topics.subscribe(a, '*')
    topics.remove(b)
    topics.subscribe(b, 'news')
  }
  topics.publish('news', 1)
  expect([a.told, b.told]).toEqual([['news:1'], []])
})

test('what is published inside of another publication comes behind it, for all in one order', () => {
  const { topics } = make()
  const [a, b, late] = [new Reading(), new Reading(), new Reading()]
  const counts: number[] = []
  for (const one of [a, b]) topics.subscribe(one, 'news')
  topics.subscribe(b, '*')
  a.onSend = ({ data }) => {
    if (data !== 1) return
    for (const next of [2, 3]) counts.push(topics.publish('news', next).subscribers)
    topics.subscribe(late, 'news')
    counts.push(topics.publish('news', 4, { except: b }).subscribers, topics.publish('aside', 5).subscribers)
  }
  topics.publish('news', 1)
  expect(a.told).toEqual(['news:1', 'news:2', 'news:3', 'news:4'])
  expect(b.told).toEqual(['news:1', 'news:2', 'news:3', 'aside:5'])
  expect(late.told).toEqual(['news:4'])
  expect(counts).toEqual([2, 2, 2, 1])
})

test('the rules of a topic are those of the first pattern that fits', () => {
  const { topics } = make({ 'a/*': { maxPending: 1 }, 'a/1': { maxPending: 2 }, '**': { maxPending: 3 } })
  const bounds = ['a/1', 'a/1/2', 'b'].map(name => topics.rulesOf(name).maxPending)
  expect(bounds).toEqual([1, 3, 3])
  expect(make().topics.rulesOf('b')).toMatchObject({ slow: 'disconnect', maxPending: 256, history: undefined })
})

const wrong: [what: string, call: (topics: ReturnType<typeof make>['topics']) => unknown][] = [
  ['publishes to a pattern', topics => topics.publish('a/*', 1)],
  ['publishes to no name', topics => topics.publish('', 1)],
  ['subscribes to no pattern', topics => topics.subscribe(new Reading(), '**/a')],
  ['asks for the history of a pattern', topics => topics.subscribe(new Reading(), 'a/*', { last: 1 })],
  ['wants to be a member of a pattern', topics => topics.subscribe(new Reading(), '*', { watch: true })],
  ['has rules for no pattern', () => make({ 'a\n': {} })],
]

test.each(wrong)('who %s gets a UsageError, and nothing is kept', (_what, call) => {
  const { topics } = make()
  expect(() => call(topics)).toThrow(UsageError)
  expect([...topics.names()]).toEqual([])
})

test('what the key or the form of a publication throws, its publisher gets, and nobody else', () => {
  const fails = (): never => {
    throw new TypeError('no')
  }
  const a = new Reading()
  for (const { topics } of [make({ '*': { slow: 'latest', key: fails } }), make({}, { seal: fails })]) {
    topics.subscribe(a, 'news')
    expect(() => topics.publish('news', 1)).toThrow(TypeError)
    topics.remove(a)
    expect([...topics.names()]).toEqual([])
  }
  const { topics } = make({ '*': { history: { size: 5, age: Infinity, bytes: 1e6 } } }, { seal: fails })
  expect(() => topics.publish('news', 1)).toThrow(TypeError)
  expect([...topics.names()]).toEqual([])
  expect(a.told).toEqual([])
})

test('closing forgets everything, and leaves no timer', () => {
  const { topics, clock } = make({
    '**': { every: 50, history: { size: 5, age: 1000, bytes: 1e6 }, presence: { grace: 1000, max: 5 } },
  })
  const a = new Reading()
  topics.subscribe(a, 'news', { member: { key: 'a', data: 1 }, watch: true })
  topics.publish('news', 1)
  topics.publish('news', 2)
  expect(clock.pending).toBeGreaterThan(2)
  topics.close()
  expect(clock.pending).toBe(0)
  expect([...topics.names()]).toEqual([])
})
