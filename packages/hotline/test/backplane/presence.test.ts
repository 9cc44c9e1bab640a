// Who is in a topic over several nodes: members go by nodes that say so, and by nodes that say nothing any more.
import { beforeEach, expect, test } from 'vitest'
import { Attending } from '../../src/backplane/attending.ts'
import { ATTENDANCE, type Backplane } from '../../src/backplane/backplane.ts'
import { FakeClock, settle } from '../../src/runtime/memory/clock.ts'
import type { SubscribeOptions } from '../../src/topics/subscriber.ts'
import { Node, Reader } from './nodes.ts'
import { World } from './shaky.ts'

const GRACE = 5000
const topics = { 'room/*': { presence: { grace: GRACE, max: 3 } } }

let clock: FakeClock
let world: World
let nodes: [Node, Node, Node]

/** Everything arrives, for so long. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed <= ms; passed += 50) {
    do await settle()
    while (world.settle())
    await clock.advance(Math.min(50, ms - passed))
  }
}

beforeEach(async () => {
  clock = new FakeClock()
  world = new World(clock)
  const make = (): Node => new Node(world.node(), clock, { topics })
  nodes = [make(), make(), make()]
  await Promise.all(nodes.map(node => node.exchange.open()))
})

function enter(node: Node, key: string, more: SubscribeOptions = {}): Reader {
  const reader = new Reader()
  node.subscribe(reader, 'room/a', { member: { key, data: `data of ${key}` }, ...more })
  return reader
}

/** Who is there, for each node. */
const seen = (name = 'room/a'): unknown[] =>
  nodes.map(({ topics }) => {
    const { count, members } = topics.presence(name)
    return members === undefined ? count : [...members.keys()].sort().join(' ')
  })

test('members of all nodes are seen on all nodes that have the topic, with their data', async () => {
  enter(nodes[0], 'ada')
  enter(nodes[1], 'bob')
  await pass(500)
  expect(seen()).toEqual(['ada bob', 'ada bob', ''])
  enter(nodes[2], 'cy')
  await pass(500)
  expect(seen()).toEqual(['ada bob cy', 'ada bob cy', 'ada bob cy'])
  expect(nodes[0].topics.presence('room/a').members?.get('bob')).toBe('data of bob')
})

test('who comes later is told of those who are there in the answer itself', async () => {
  enter(nodes[0], 'ada')
  await pass(500)
  const reader = enter(nodes[1], 'bob', { watch: true })
  await pass(0)
  expect(reader.told[0]).toMatchObject({ subscribed: { presence: { count: 2 } } })
})

test('a member that leaves is gone from all nodes after its grace, and one that moves never is', async () => {
  const ada = enter(nodes[0], 'ada')
  enter(nodes[1], 'bob')
  await pass(500)
  nodes[0].topics.remove(ada)
  await pass(GRACE - 1000)
  expect(seen()[1]).toBe('ada bob')
  enter(nodes[2], 'ada')
  await pass(3 * GRACE)
  expect(seen().slice(1)).toEqual(['ada bob', 'ada bob'])
})

test('members of a node that is killed leave when its word does not count any more, and their grace is over', async () => {
  enter(nodes[0], 'ada')
  enter(nodes[1], 'bob')
  await pass(2 * ATTENDANCE)
  expect(seen()[1]).toBe('ada bob')
  nodes[0].engine.cut(0)
  await pass(ATTENDANCE - 1000)
  expect(seen()[1]).toBe('ada bob')
  await pass(ATTENDANCE / 3 + 1000 + GRACE)
  expect(seen()[1]).toBe('bob')
})

test('while the engine is away, everybody stays', async () => {
  enter(nodes[0], 'ada')
  enter(nodes[1], 'bob')
  await pass(500)
  for (const { engine } of nodes) engine.cut(0)
  await pass(3 * ATTENDANCE)
  expect(seen().slice(0, 2)).toEqual(['ada bob', 'ada bob'])
  for (const { engine } of nodes) engine.mend()
  await pass(3 * ATTENDANCE)
  expect(seen().slice(0, 2)).toEqual(['ada bob', 'ada bob'])
})

test('a node that is back before the others gives them time to say again who is there', async () => {
  enter(nodes[0], 'ada')
  enter(nodes[1], 'bob')
  await pass(500)
  for (const { engine } of nodes) engine.cut(0)
  world.restart()
  await pass(2 * ATTENDANCE)
  nodes[0].engine.mend()
  await pass(ATTENDANCE - 1000)
  expect(seen()[0]).toBe('ada bob')
  nodes[1].engine.mend()
  await pass(GRACE + ATTENDANCE)
  expect(seen()[0]).toBe('ada bob')
})

test('an engine that has lost everything is told again who is there', async () => {
  enter(nodes[0], 'ada')
  enter(nodes[1], 'bob')
  await pass(500)
  world.restart()
  for (const { engine } of nodes) engine.mend()
  await pass(3 * ATTENDANCE + GRACE)
  expect(seen().slice(0, 2)).toEqual(['ada bob', 'ada bob'])
})

test('above the number that is told by name, nodes say numbers, and those are added', async () => {
  for (const key of ['a', 'b', 'c', 'd']) enter(nodes[0], key)
  const bob = enter(nodes[1], 'bob', { watch: true })
  await pass(2000)
  expect(seen().slice(0, 2)).toEqual([5, 5])
  nodes[1].topics.remove(bob)
  await pass(GRACE + 1000)
  expect(seen()[0]).toBe(4)
})

test('one key on two nodes is one member, whose data is what was said last', async () => {
  const first = enter(nodes[0], 'ada')
  await pass(500)
  enter(nodes[1], 'ada', { member: { key: 'ada', data: 'new' } })
  await pass(500)
  expect(nodes.slice(0, 2).map(({ topics }) => topics.presence('room/a'))).toEqual(
    Array(2).fill({ count: 1, members: new Map([['ada', 'new']]) }),
  )
  nodes[0].topics.remove(first)
  await pass(2 * GRACE)
  expect(seen()[1]).toBe('ada')
})

test('those who come and go within a moment are not told of, and a thousand changes are one word', async () => {
  enter(nodes[1], 'bob')
  await pass(500)
  let said = 0
  const { attend } = nodes[0].engine
  nodes[0].engine.attend = (...args) => {
    said++
    return attend.apply(nodes[0].engine, args)
  }
  const readers = Array.from({ length: 1000 }, (_, at) => enter(nodes[0], `${at}`))
  await pass(90)
  expect(said).toBe(0)
  for (const reader of readers) nodes[0].topics.remove(reader)
  await pass(60)
  expect(said).toBe(1)
  expect(seen()[1]).toBe('bob')
})

test.each([
  ['no JSON', '{'],
  ['no object', 'null'],
  ['no list', '{"members":{}}'],
  ['members without keys', '{"members":[[1,2]]}'],
  ['a number below none', '{"count":-1}'],
  ['a number that is none', '{"count":"many"}'],
])('a node that says %s is passed over, told of, and does no harm', async (_what, said) => {
  enter(nodes[0], 'ada')
  await pass(500)
  world.hub.attend('room/a', 'evil', Buffer.from(said))
  await pass(500)
  expect(nodes[0].failed).toHaveLength(1)
  expect(seen()[0]).toBe('ada')
})

test('a node with members in endless topics says of each again before its word is over', async () => {
  const TOPICS = 100_000
  const said = new Map<string, number>()
  let longest = 0
  const attending = new Attending({ clock, node: 'a', maxOf: () => 3, failed: () => {} })
  for (let at = 0; at < TOPICS; at++) attending.changed(`room/${at}`, 'ada', { key: 'ada', data: 1 })
  attending.start({
    async attend(topic: string) {
      longest = Math.max(longest, clock.now() - (said.get(topic) ?? clock.now()))
      said.set(topic, clock.now())
    },
  } as unknown as Backplane)
  await clock.advance(2 * ATTENDANCE)
  expect(said.size).toBe(TOPICS)
  expect(Math.min(...said.values())).toBeGreaterThan(ATTENDANCE)
  expect(longest).toBeLessThan(ATTENDANCE / 2)
})

test('a node that is closed takes its members with it', async () => {
  enter(nodes[0], 'ada')
  enter(nodes[1], 'bob')
  await pass(500)
  await nodes[0].exchange.close(Promise.resolve())
  await pass(GRACE + 500)
  expect(seen()[1]).toBe('bob')
})
