/** The protocol of the game: what is written is read, and what is anything else is refused with a word. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOTHING, type Seen, type View } from '../delta.ts'
import { type Ship, type Steer, steerOf } from '../ship.ts'
import type { Spark } from '../sparks.ts'
import * as wire from '../wire.ts'

const u8 = fc.nat(255)
const u16 = fc.nat(65_535)
const u32 = fc.nat(0xffff_ffff)
const i8 = fc.integer({ min: -128, max: 127 })
const i16 = fc.integer({ min: -32_768, max: 32_767 })
const name = fc.string({ unit: 'grapheme', maxLength: 20 }).filter(text => new TextEncoder().encode(text).length < 200)
const steer: fc.Arbitrary<Steer> = fc.tuple(i8, i8, fc.boolean()).map(([dx, dy, dash]) => steerOf(dx, dy, dash))
const ship: fc.Arbitrary<Ship> = fc.record({
  x: u16,
  y: u16,
  vx: i16,
  vy: i16,
  fx: i8,
  fy: i8,
  dash: u8,
  rest: u8,
  shaken: u8,
})
const seen: fc.Arbitrary<Seen> = fc.record({ id: u8, x: u16, y: u16, fx: i8, fy: i8, flags: u8, score: u16 })
/** It never moves, so its place follows from its id. */
const spark: fc.Arbitrary<Spark> = u32.map(id => ({ id, x: id % 65_521, y: id % 9_973 }))

const sorted = <T extends { readonly id: number }>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 40 }).map(list => list.sort((a, b) => a.id - b.id))
const view: fc.Arbitrary<View> = fc.record({ ships: sorted(seen), sparks: sorted(spark) })

/** Of whatever this makes, the claim holds: it throws otherwise. */
function holds<T>(made: fc.Arbitrary<T>, claim: (value: T) => unknown, runs = 200): void {
  fc.assert(
    fc.property(made, value => void claim(value)),
    { numRuns: runs },
  )
}

/** What comes next looks much like what was: some of it is gone, some moved, some is new. */
const sequel = ({ ships, sparks }: View): fc.Arbitrary<View> =>
  fc
    .record({ keep: fc.infiniteStream(fc.boolean()), nudge: fc.integer({ min: -40, max: 40 }), news: view })
    .map(({ keep, nudge, news }) => ({
      ships: merged(
        ships.filter(() => keep.next().value).map(one => ({ ...one, x: Math.max(one.x + nudge, 0) })),
        news.ships,
      ),
      sparks: merged(
        sparks.filter(() => keep.next().value),
        news.sparks,
      ),
    }))

function merged<T extends { readonly id: number }>(list: readonly T[], news: readonly T[]): T[] {
  const known = new Set(list.map(({ id }) => id))
  return [...list, ...news.filter(({ id }) => !known.has(id))].sort((a, b) => a.id - b.id)
}

describe('what a client writes, the server reads', () => {
  test('a hello', () =>
    holds(name, text => expect(wire.readFromClient(wire.hello(text))).toEqual({ kind: 'hello', name: text })))

  test('steps', () => {
    const steering = fc.record({ seen: u32, first: u32, steps: fc.array(steer, { maxLength: wire.MAX_STEPS }) })
    holds(steering, message =>
      expect(wire.readFromClient(wire.steering(message))).toEqual({ kind: 'steer', ...message }),
    )
  })

  test('a ping', () =>
    holds(u32, stamp => expect(wire.readFromClient(wire.ping(stamp))).toEqual({ kind: 'ping', stamp })))
})

describe('what the server writes, a client reads', () => {
  const read = (bytes: Uint8Array) => wire.readFromServer(bytes, () => undefined)

  test('a welcome and a pong', () => {
    const welcome = fc.record({ id: u8, tick: u32, capacity: u8 })
    holds(welcome, message => expect(read(wire.welcome(message))).toEqual({ kind: 'welcome', ...message }))
    holds(u32, stamp => expect(read(wire.pong(stamp))).toEqual({ kind: 'pong', stamp }))
  })

  test('a roster', () => {
    const pilots = fc.array(fc.record({ id: u8, bot: fc.boolean(), name }), { maxLength: 100 })
    holds(pilots, list => expect(read(wire.roster(list))).toEqual({ kind: 'roster', pilots: list }))
  })

  test('a table', () => {
    const table = fc.record({
      rate: u16.map(value => value / 100),
      cpu: u16.map(value => value / 10),
      people: u8,
      bots: u8,
      skipped: u32,
      rank: u8,
      best: fc.array(fc.record({ id: u8, score: u16 }), { maxLength: 10 }),
    })
    holds(table, message => expect(read(wire.table(message))).toEqual({ kind: 'table', ...message }))
  })

  test('a state, as the difference from any state before it', () => {
    const pair = view.chain(base => fc.tuple(fc.constant(base), fc.oneof(view, sequel(base))))
    const head = fc.record({
      tick: fc.integer({ min: 256, max: 0xffff_ffff }),
      ack: u32,
      waiting: u8,
      ship,
      score: u16,
    })
    fc.assert(
      fc.property(pair, head, fc.integer({ min: 1, max: 255 }), ([base, now], own, age) => {
        const bytes = wire.state({ ...own, view: now }, { tick: own.tick - age, view: base })
        const known = (tick: number) => (tick === own.tick - age ? base : undefined)
        expect(wire.readFromServer(bytes, known)).toEqual({ kind: 'state', ...own, view: now })
      }),
    )
  })

  test('a state that nothing is known before', () =>
    fc.assert(
      fc.property(view, u32, ship, (now, tick, own) => {
        const state = { tick, ack: 0, waiting: 0, ship: own, score: 0, view: now }
        expect(read(wire.state(state))).toEqual({ kind: 'state', ...state })
      }),
    ))
})

describe('what differs is all that is sent', () => {
  const own = {
    ack: 1,
    waiting: 0,
    score: 3,
    ship: { x: 1, y: 2, vx: 3, vy: 4, fx: 5, fy: 6, dash: 0, rest: 0, shaken: 0 },
  }
  const ships = Array.from({ length: 30 }, (_, id) => ({
    id,
    x: 5000 + id,
    y: 6000,
    fx: 127,
    fy: 0,
    flags: 0,
    score: id,
  }))
  const sparks = Array.from({ length: 60 }, (_, id) => ({ id: id + 1, x: 100 * id, y: 50 * id }))
  const now = { ships, sparks }
  const size = (view: View, base?: View) =>
    wire.state({ tick: 9, view, ...own }, base && { tick: 8, view: base }).length

  test('nothing of a view that is as it was', () => expect(size(now, now) - size(NOTHING)).toBe(0))

  test('four bytes of a ship that moves on', () => {
    const moved = { sparks, ships: ships.map(one => ({ ...one, x: one.x + 30, y: one.y - 30 })) }
    expect((size(moved, now) - size(now, now)) / ships.length).toBe(4)
  })

  test('a byte or two of a spark that was taken', () =>
    expect(size({ ships, sparks: sparks.slice(1) }, now) - size(now, now)).toBe(1))
})

describe('bytes that are anything', () => {
  const kinds = fc.constantFrom(...Object.values(wire.Kind))
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(kinds, fc.uint8Array({ maxLength: 300 })).map(([kind, rest]) => Uint8Array.of(kind, ...rest)),
    // Counts that are small, so that what follows them is reached.
    fc.tuple(kinds, fc.array(fc.nat(3), { maxLength: 80 })).map(([kind, rest]) => Uint8Array.of(kind, ...rest)),
  )

  test('from a client are read or refused with a word', () =>
    fc.assert(
      fc.property(anything, bytes => isAnswer(wire.readFromClient(bytes))),
      { numRuns: 3000 },
    ))

  test('from a server too, whatever was known before', () =>
    fc.assert(
      fc.property(anything, view, (bytes, known) => isAnswer(wire.readFromServer(bytes, () => known))),
      { numRuns: 3000 },
    ))

  test.each([
    ['nothing', [], 'the message is cut short'],
    ['a kind that is none', [99], 'no client says this'],
    ['what only servers say', [wire.Kind.state], 'no client says this'],
    ['another version', [wire.Kind.hello, 9, 0], 'this server speaks version 1'],
    ['a name that is not UTF-8', [wire.Kind.hello, 1, 2, 0xc3, 0x28], 'a text is not UTF-8'],
    ['a name that is cut short', [wire.Kind.hello, 1, 9, 65], 'the message is cut short'],
    ['more than a message', [wire.Kind.ping, 0, 0, 0, 1, 7], 'there is more than a message'],
    ['too many steps', [wire.Kind.steer, 0, 0, 0, 0, 0, 0, 0, 1, 9], 'at most 8 steps in a message'],
    ['a second button', [wire.Kind.steer, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 2], 'there is one button'],
  ])('%s is refused: %j', (_, bytes, reason) =>
    expect(wire.readFromClient(Uint8Array.from(bytes))).toEqual({ kind: 'unreadable', reason }),
  )

  test('a difference to what is not there is refused', () => {
    const spark = { id: 5, x: 1, y: 1 }
    const ship = { x: 1, y: 1, vx: 0, vy: 0, fx: 1, fy: 0, dash: 0, rest: 0, shaken: 0 }
    const own = { tick: 300, ack: 0, waiting: 0, score: 0, ship }
    const bytes = wire.state({ ...own, view: NOTHING }, { tick: 299, view: { ships: [], sparks: [spark] } })
    expect(wire.readFromServer(bytes, () => NOTHING)).toEqual({
      kind: 'unreadable',
      reason: 'what was not there is gone',
    })
    expect(wire.readFromServer(bytes, () => undefined)).toMatchObject({
      reason: 'the state to compare with is not kept',
    })
  })

  test('a direction that is too long is cut to what all have', () => {
    const bytes = [wire.Kind.steer, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0x80, 0x80, 0]
    expect(wire.readFromClient(Uint8Array.from(bytes))).toMatchObject({ steps: [{ dx: -89, dy: -89, dash: false }] })
  })
})

function isAnswer(answer: { readonly kind: string; readonly reason?: string }): void {
  if (answer.kind === 'unreadable') expect(answer.reason).toMatch(/\w/)
}
