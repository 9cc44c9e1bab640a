// Who is in a topic: joins at once, leaves after a grace period, names up to a bound and numbers above it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Member, PresenceChange } from '../../src/topics/subscriber.ts'
import { make, Reading } from './support.ts'

const member = (key: string, data: unknown = key.toUpperCase()): Member => ({ key, data })

/** A room, with a grace period of five seconds if nothing else is said, and one that watches it. */
function room(max = 200, grace = 5000) {
  const { topics, clock } = make({ '*': { presence: { grace, max } } })
  const watcher = new Reading()
  const subscribed = topics.subscribe(watcher, 'room', { watch: true })
  const enter = (key: string, data?: unknown): Reading => {
    const reader = new Reading()
    topics.subscribe(reader, 'room', { member: member(key, data) })
    return reader
  }
  /** What the watcher was told since the last look. */
  const told = (): unknown[] => watcher.changes.splice(0).map(readable)
  return { topics, clock, watcher, subscribed, enter, told }
}

function readable({ topic: _topic, join, members, ...rest }: PresenceChange): object {
  return { ...rest, ...(join && { join: Object.fromEntries(join) }), ...(members && { members: [...members.keys()] }) }
}

test('a member that comes is told at once with its data; one that goes, after the grace period', async () => {
  const { topics, clock, subscribed, enter, told } = room()
  expect(subscribed).toEqual({ replayed: 0, presence: { count: 0, members: new Map() } })
  const ada = enter('ada')
  expect(told()).toEqual([{ count: 1, join: { ada: 'ADA' } }])
  await clock.advance(1000)
  topics.remove(ada)
  await clock.advance(4999)
  expect(topics.presence('room')).toEqual({ count: 1, members: new Map([['ada', 'ADA']]) })
  expect(told()).toEqual([])
  await clock.advance(1)
  expect(told()).toEqual([{ count: 0, leave: ['ada'] }])
  expect(topics.presence('room')).toEqual({ count: 0, members: new Map() })
})

test('who comes back within the grace period has not been away', async () => {
  const { topics, clock, enter, told } = room()
  const ada = enter('ada')
  await clock.advance(1000)
  told()
  topics.unsubscribe(ada, 'room')
  await clock.advance(4000)
  enter('ada')
  await clock.advance(60_000)
  expect(told()).toEqual([])
  expect(topics.presence('room').count).toBe(1)
})

test('who comes back with other data is told, and so is data that cannot be compared', async () => {
  const { clock, enter, told } = room()
  enter('ada', { name: 'Ada' })
  await clock.advance(1000)
  told()
  enter('ada', { name: 'Ada' })
  enter('ada', { name: 'Countess' })
  expect(told()).toEqual([{ count: 1, join: { ada: { name: 'Countess' } } }])
  await clock.advance(1000)
  enter('ada', 1n)
  expect(told()).toEqual([{ count: 1, join: { ada: 1n } }])
})

test('several subscribers may be one member, which leaves with the last of them', async () => {
  const { topics, clock, enter, told } = room()
  const [phone, laptop] = [enter('ada'), enter('ada')]
  expect(told()).toEqual([{ count: 1, join: { ada: 'ADA' } }])
  topics.remove(phone)
  await clock.advance(60_000)
  expect([told(), topics.presence('room').count]).toEqual([[], 1])
  topics.remove(laptop)
  await clock.advance(5000)
  expect(told()).toEqual([{ count: 0, leave: ['ada'] }])
})

test('a subscriber that becomes another member is the new one only', async () => {
  const { topics, clock, enter } = room()
  const reader = enter('ada')
  topics.subscribe(reader, 'room', { member: member('grace') })
  await clock.advance(5000)
  expect([...(topics.presence('room').members?.keys() ?? [])]).toEqual(['grace'])
})

test('what happens within 100 ms is told together, and what comes to nothing is not', async () => {
  const { topics, clock, enter, told } = room(3)
  enter('ada')
  const grace = enter('grace')
  enter('mary')
  expect(told()).toEqual([{ count: 1, join: { ada: 'ADA' } }])
  await clock.advance(100)
  expect(told()).toEqual([{ count: 3, join: { grace: 'GRACE', mary: 'MARY' } }])
  topics.remove(grace)
  await clock.advance(60_000)
  expect(told()).toEqual([{ count: 2, leave: ['grace'] }])
  expect(clock.pending).toBe(0)
})

test('above the bound only the number is told, once a second; back below, all names anew', async () => {
  const { topics, clock, enter, told } = room(2)
  const all = ['a', 'b', 'c', 'd'].map(key => enter(key))
  await clock.advance(100)
  expect(told()).toEqual([{ count: 1, join: { a: 'A' } }, { count: 4 }])
  expect(topics.presence('room')).toEqual({ count: 4 })
  const late = new Reading()
  expect(topics.subscribe(late, 'room', { watch: true }).presence).toEqual({ count: 4 })
  enter('e')
  await clock.advance(999)
  expect(told()).toEqual([])
  await clock.advance(1)
  expect(told()).toEqual([{ count: 5 }])
  for (const reader of all.slice(1)) topics.remove(reader)
  await clock.advance(10_000)
  expect(told().at(-1)).toEqual({ count: 2, members: ['a', 'e'] })
  expect(topics.presence('room').members?.size).toBe(2)
})

test('of those that have gone, no more are kept than are told: who comes under a thousand names fills nothing', () => {
  const { topics, enter } = room(10)
  for (let n = 0; n < 1000; n++) topics.remove(enter(`name ${n}`))
  expect(topics.presence('room').count).toBe(10)
})

test('who watches and has enough is told the state once it has room', async () => {
  const { topics, clock, watcher, enter, told } = room()
  watcher.congested = true
  for (const key of ['a', 'b', 'c']) enter(key)
  await clock.advance(1000)
  expect(told()).toEqual([])
  watcher.relieve(topics)
  expect(told()).toEqual([{ count: 3, members: ['a', 'b', 'c'] }])
  watcher.congested = true
  enter('d')
  await clock.advance(1000)
  watcher.congested = false
  enter('e')
  await clock.advance(1000)
  expect(told()).toEqual([{ count: 5, members: ['a', 'b', 'c', 'd', 'e'] }])
  topics.unsubscribe(watcher, 'room')
  enter('f')
  expect(told()).toEqual([])
})

test('who subscribes is told who is there, itself among them, before the first publication', () => {
  const { topics, enter } = room()
  enter('ada')
  const reader = new Reading()
  const { presence } = topics.subscribe(reader, 'room', { member: member('grace'), watch: true })
  expect([...(presence?.members ?? [])]).toEqual([
    ['ada', 'ADA'],
    ['grace', 'GRACE'],
  ])
})

test('a topic without presence has no members, and one that all have left is forgotten with its timers', async () => {
  const { topics, clock } = make({ room: { presence: { grace: 5000, max: 5 } } })
  const reader = new Reading()
  topics.subscribe(reader, 'news', { member: member('ada'), watch: true })
  expect(topics.presence('news')).toEqual({ count: 0, members: new Map() })
  topics.subscribe(reader, 'room', { member: member('ada') })
  expect(topics.stats('room')).toMatchObject({ subscribers: 1, present: 1 })
  topics.remove(reader)
  expect([...topics.names()]).toEqual(['room'])
  await clock.advance(5000)
  expect([clock.pending, ...topics.names()]).toEqual([0])
})

/** What one who watches makes of what it is told: undefined where names are not told. */
class Watcher extends Reading {
  known: Map<string, unknown> | undefined = new Map()
  count = 0

  override presence({ count, members, join, leave }: PresenceChange): void {
    this.count = count
    if (members !== undefined) this.known = new Map(members)
    else if (join === undefined && leave === undefined) this.known = undefined
    for (const [key, data] of join ?? []) this.known?.set(key, data)
    for (const key of leave ?? []) this.known?.delete(key)
  }
}

test('whoever comes and goes, who watches knows who is there once it is quiet', async () => {
  const step = fc.record({
    who: fc.nat(11),
    what: fc.constantFrom('enter', 'enter', 'enter', 'leave', 'leave', 'rename', 'wait', 'congest', 'relieve'),
    ms: fc.constantFrom(1, 50, 100, 3000, 5000),
  })
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
    const { topics, clock } = make({ room: { presence: { grace: 5000, max: 6 } } })
    const watcher = new Watcher()
    topics.subscribe(watcher, 'room', { watch: true })
    const readers = Array.from({ length: 12 }, () => new Reading())
    const there = new Map<number, string>()
    for (const [at, { who, what, ms }] of steps.entries()) {
      const reader = readers[who] as Reading
      if (what === 'enter' || what === 'rename') {
        // Two readers are one member.
        const data = what === 'rename' ? `name ${at}` : 'name'
        topics.subscribe(reader, 'room', { member: member(`key ${who >> 1}${who > 9 ? who : ''}`, data) })
        there.set(who, `key ${who >> 1}${who > 9 ? who : ''}`)
      } else if (what === 'leave') {
        topics.unsubscribe(reader, 'room')
        there.delete(who)
      } else if (what === 'wait') await clock.advance(ms)
      else if (what === 'congest') watcher.congested = true
      else watcher.relieve(topics)
    }
    watcher.relieve(topics)
    await clock.advance(20_000)
    const { count, members } = topics.presence('room')
    expect(count).toBe(new Set(there.values()).size)
    expect([...(members?.keys() ?? [])].sort()).toEqual(count > 6 ? [] : [...new Set(there.values())].sort())
    expect(watcher.count).toBe(count)
    expect(watcher.known && [...watcher.known].sort()).toEqual(members && [...members].sort())
    for (const reader of [...readers, watcher]) topics.remove(reader)
    await clock.advance(5000)
    expect([clock.pending, ...topics.names()]).toEqual([0])
  })
  await fc.assert(property, { seed: 5, numRuns: 300 })
})

test('one that came while there were too many for names is told all of them once there are fewer', async () => {
  const { topics, clock, enter } = room(2, 0)
  enter('ada')
  const [bob, eve] = [enter('bob'), enter('eve')]
  const late = new Reading()
  const { presence } = topics.subscribe(late, 'room', { watch: true })
  expect(presence).toEqual({ count: 3 })
  for (const reader of [bob, eve]) topics.remove(reader)
  await clock.advance(60_000)
  const known = new Map<string, unknown>()
  for (const { members, join, leave } of late.changes) {
    if (members !== undefined) known.clear()
    for (const [key, data] of [...(members ?? []), ...(join ?? [])]) known.set(key, data)
    for (const key of leave ?? []) known.delete(key)
  }
  expect(known).toEqual(new Map([['ada', 'ADA']]))
})

test('who comes and goes in endless topics leaves no more of them behind than so many, the last ones', async () => {
  const { topics, clock } = make({ '**': { presence: { grace: 5000, max: 200 } } })
  const reader = new Reading()
  const visit = (name: string): void => {
    topics.subscribe(reader, name, { member: member('ada') })
    topics.unsubscribe(reader, name)
  }
  visit('first')
  for (let at = 0; at < 20_000; at++) visit(`room/${at}`)
  expect([...topics.names()].length).toBe(1000)
  expect(topics.presence('first').count).toBe(0)
  expect(topics.presence('room/19999').count).toBe(1)
  await clock.advance(5000)
  expect([...topics.names()]).toEqual([])
})

test('where somebody reads, members that went stay for their time, whatever happens elsewhere', async () => {
  const { topics, clock, enter, told } = room()
  topics.remove(enter('ada'))
  const eve = new Reading()
  for (let at = 0; at < 5000; at++) {
    topics.subscribe(eve, `room${at}`, { member: member('eve') })
    topics.unsubscribe(eve, `room${at}`)
  }
  told()
  await clock.advance(4999)
  expect([told(), topics.presence('room').count]).toEqual([[], 1])
})

test('one that came between two changes that undo each other is told what is true', async () => {
  const { topics, clock, enter } = room(9, 0)
  const ada = enter('ada', 1)
  await clock.advance(1000)
  enter('bob')
  topics.subscribe(ada, 'room', { member: member('ada', 2) })
  const late = new Reading()
  expect(topics.subscribe(late, 'room', { watch: true }).presence?.members?.get('ada')).toBe(2)
  topics.subscribe(ada, 'room', { member: member('ada', 1) })
  await clock.advance(1000)
  expect(late.changes.map(readable)).toEqual([{ count: 2, join: { ada: 1 } }])
})

test('one that was given the number between two changes that undo each other is told the true one', async () => {
  const { topics, clock, enter } = room(1, 0)
  for (const key of ['a', 'b', 'c']) enter(key)
  await clock.advance(5000)
  enter('d')
  const back = enter('e')
  const late = new Reading()
  expect(topics.subscribe(late, 'room', { watch: true }).presence).toEqual({ count: 5 })
  topics.remove(back)
  await clock.advance(2000)
  expect(late.changes).toEqual([{ topic: 'room', count: 4 }])
})

test('a subscriber that goes while it is told of its subscription leaves nothing behind', async () => {
  const { topics, clock, told } = room()
  const gone = new Reading()
  const leave = (): void => topics.remove(gone)
  topics.subscribe(gone, 'other', { watch: true, member: member('gone'), told: leave })
  await clock.advance(5000)
  expect(topics.stats('other')).toBeUndefined()
  expect(told()).toEqual([])
  topics.close()
})
