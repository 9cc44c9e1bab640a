/** The server of the game, with a clock that is told: who plays, what each is sent, and what nobody gets. */
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { Game, type GameOptions } from '../game.ts'
import { SIGHT, TICK, UNIT, WINDOW } from '../rules.ts'
import type { Steer } from '../ship.ts'
import { hello, ping, steering } from '../wire.ts'
import { FakePeer, SlowTime } from './support.ts'

const RIGHT: Steer = { dx: 127, dy: 0, dash: false }

let time: SlowTime
let game: Game
beforeEach(() => {
  time = new SlowTime(0)
  begin({ bots: 0 })
})

function begin(options: GameOptions): void {
  game = new Game({ ...options, time })
}

function join(name = 'somebody'): FakePeer {
  const peer = new FakePeer()
  game.message(peer, hello(name))
  return peer
}

/** So many ticks, each with what is done before it. */
function ticks(count: number, before: (tick: number) => unknown = () => {}): void {
  for (let i = 0; i < count; i++) {
    before(i)
    time.run(TICK)
  }
}

const step = (peer: FakePeer, first: number, steps: readonly Steer[] = [RIGHT], seen = lastOf(peer)?.tick ?? 0): void =>
  game.message(peer, steering({ seen, first, steps }))

const lastOf = (peer: FakePeer) => peer.heard.states.at(-1)

describe('who plays', () => {
  test('bots keep the first two company, and make room for the others', () => {
    begin({ bots: 5, capacity: 8 })
    const seen = Array.from({ length: 8 }, () => {
      join()
      return game.players
    })
    expect(seen.map(({ people, bots }) => [people, bots])).toEqual([
      [1, 5],
      [2, 5],
      [3, 4],
      [4, 3],
      [5, 2],
      [6, 1],
      [7, 0],
      [8, 0],
    ])
  })

  test('bots come back when people go', () => {
    begin({ bots: 5, capacity: 8 })
    const people = Array.from({ length: 6 }, () => join())
    for (const peer of people.slice(1)) game.leave(peer)
    expect(game.players).toEqual({ people: 1, bots: 5 })
  })

  test('one too many is told so, with 1013, and may come when somebody has gone', () => {
    begin({ bots: 9, capacity: 3 })
    const [first] = [join(), join(), join()]
    expect(join().closed).toEqual([1013, 'the arena is full: 3 play'])
    game.leave(first)
    expect(join().closed).toBeUndefined()
    expect(game.players).toEqual({ people: 3, bots: 0 })
  })

  test('all know the names of all, also of those that come later', () => {
    const first = join('Ada')
    join('  Grace \u202e  Hopper ')
    const names = first.heard.all.flatMap(message => (message.kind === 'roster' ? message.pilots : []))
    expect(names.map(({ name }) => name)).toEqual(['Ada', 'Grace Hopper'])
  })

  test('nobody there is nothing done', () => {
    const peer = join()
    ticks(3)
    game.leave(peer)
    const { tick } = game.arena
    ticks(100)
    expect(game.arena.tick).toBe(tick)
  })
})

describe('what each is sent', () => {
  test('a state for each tick, whole at first, and then the difference to what it has acknowledged', () => {
    const peer = join()
    ticks(20, i => step(peer, i + 1))
    expect(peer.heard.states.map(({ tick }) => tick)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    const [first, ...others] = peer.sizes.slice(3)
    expect(first).toBeGreaterThan(100)
    expect(Math.max(...others)).toBeLessThan(60)
  })

  test('of ticks that were caught up the last one only', () => {
    const peer = join()
    ticks(3, i => step(peer, i + 1))
    time.block(5 * TICK)
    ticks(1)
    expect(peer.heard.states.map(({ tick }) => tick)).toEqual([1, 2, 3, 8, 9])
  })

  test('what is near, and nothing of what is not', () => {
    begin({ bots: 60 })
    const peer = join()
    ticks(30, i => step(peer, i + 1))
    const { ship, view } = lastOf(peer)!
    const far = game.arena.pilots.filter(
      ({ ship: other }) => Math.hypot(other.x - ship.x, other.y - ship.y) > SIGHT * UNIT,
    )
    expect(view.ships.length + far.length).toBe(60)
    expect(far.length).toBeGreaterThan(5)
  })

  test('only the newest, to one that reads slowly: what waits is never added to', () => {
    const peer = join()
    ticks(5, i => step(peer, i + 1))
    peer.bufferedAmount = 1
    ticks(50)
    expect(lastOf(peer)?.tick).toBe(5)
    peer.bufferedAmount = 0
    ticks(1)
    expect(lastOf(peer)?.tick).toBe(56)
  })

  test('no more than so many that it has not acknowledged: they would be old when it reads them', () => {
    const peer = join()
    ticks(200)
    expect(peer.heard.states.length).toBe(WINDOW)
    game.message(peer, steering({ seen: WINDOW, first: 1, steps: [] }))
    ticks(1)
    expect(lastOf(peer)?.tick).toBe(201)
  })

  test('the whole again when what it has is too old to name', () => {
    const peer = join()
    ticks(5, i => step(peer, i + 1))
    peer.bufferedAmount = 1
    ticks(400)
    peer.bufferedAmount = 0
    ticks(2)
    expect(lastOf(peer)?.tick).toBe(407)
    expect(peer.sizes.at(-1)).toBeGreaterThan(100)
  })

  test('a forged acknowledgement is none', () => {
    const peer = join()
    ticks(5)
    for (const seen of [4_000_000_000, 6, 7]) game.message(peer, steering({ seen, first: 1, steps: [] }))
    step(peer, 1)
    ticks(5)
    expect(peer.heard.states.length).toBe(10)
    expect(Math.max(...peer.sizes.slice(-5))).toBeLessThan(60)
  })

  test('once a second how the server does, with ticks between 29 and 31', () => {
    const peer = join()
    ticks(95)
    const tables = peer.heard.all.filter(message => message.kind === 'table')
    expect(tables.length).toBe(4)
    for (const { rate } of tables.slice(1)) expect(rate > 29 && rate < 31).toBe(true)
  })

  test('a ping comes back as it was', () => {
    const peer = join()
    game.message(peer, ping(77))
    expect(peer.heard.all.at(-1)).toEqual({ kind: 'pong', stamp: 77 })
  })
})

describe('no faster than time', () => {
  /** Pixels to the right after so many ticks. */
  const distance = (count: number, before: (peer: FakePeer, tick: number) => void): number => {
    begin({ bots: 0, seed: 9 })
    const peer = join()
    const pilot = game.arena.pilots[0]
    pilot.ship.x = 200 * UNIT
    ticks(count, i => before(peer, i))
    return pilot.ship.x / UNIT - 200
  }
  const honest = () => distance(60, (peer, i) => step(peer, i + 1))

  test('twice the steps are not twice as far', () => {
    const greedy = distance(60, (peer, i) => step(peer, 2 * i + 1, [RIGHT, RIGHT]))
    expect(greedy).toBeLessThan(honest() * 1.02)
  })

  test('steps that were saved up are no more than the ticks that have passed', () => {
    const saved = distance(60, (peer, i) => {
      if (i >= 40)
        step(
          peer,
          8 * (i - 40) + 1,
          Array.from({ length: 8 }, () => RIGHT),
        )
    })
    expect(saved).toBeLessThan(honest())
  })

  test('of steps that were not made for long, few may be made up for', () => {
    const distance = (seldom: number): number => {
      begin({ bots: 0, seed: 9 })
      const peer = join()
      const { ship } = game.arena.pilots[0]
      let made = 0
      ticks(seldom, i => i % 5 === 0 && step(peer, ++made, [{ dx: 0, dy: 0, dash: false }]))
      ship.x = 200 * UNIT
      ticks(40, () => {
        step(
          peer,
          made + 1,
          Array.from({ length: 4 }, () => RIGHT),
        )
        made += 4
      })
      return ship.x / UNIT - 200
    }
    // Ten steps at full speed, and no more, for however long it was waited.
    expect(distance(300) - distance(0)).toBeLessThan(110)
    expect(distance(300)).toBe(distance(100))
  })

  test('a line that stalled for a moment makes up for it', () => {
    const stalled = distance(60, (peer, i) => {
      if (i < 30 || i > 35) step(peer, i < 30 ? i + 1 : i - 5)
      if (i === 35) return
    })
    expect(stalled).toBeLessThan(honest())
    const caught = distance(60, (peer, i) => {
      if (i < 30 || i > 35) step(peer, i + 1)
      if (i === 35)
        step(
          peer,
          31,
          Array.from({ length: 6 }, () => RIGHT),
        )
    })
    expect(caught).toBeCloseTo(honest(), 0)
  })

  test('a ship without a word drifts to a stop', () => {
    const peer = join()
    ticks(30, i => step(peer, i + 1))
    ticks(200)
    expect(game.arena.pilots[0].ship).toMatchObject({ vx: 0, vy: 0 })
  })
})

describe('whatever comes, in whatever order', () => {
  const step = fc.tuple(fc.integer({ min: -127, max: 127 }), fc.integer({ min: -127, max: 127 }), fc.boolean())
  const event = fc.oneof(
    fc.record({ what: fc.constant('join' as const) }),
    fc.record({ what: fc.constant('leave' as const), who: fc.nat(30) }),
    fc.record({ what: fc.constant('steps' as const), who: fc.nat(30), steps: fc.array(step, { maxLength: 8 }) }),
    fc.record({ what: fc.constant('bytes' as const), who: fc.nat(30), bytes: fc.uint8Array({ maxLength: 40 }) }),
    fc.record({ what: fc.constant('slow' as const), who: fc.nat(30), waits: fc.boolean() }),
    fc.record({ what: fc.constant('ticks' as const), count: fc.nat(70) }),
  )

  test('the server never throws, nobody is one too many, and what it sends can be read', () =>
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), events => {
        begin({ bots: 6, capacity: 12 })
        const peers: { peer: FakePeer; first: number }[] = []
        for (const one of events) {
          const chosen = 'who' in one ? peers[one.who % Math.max(peers.length, 1)] : undefined
          if (one.what === 'join') peers.push({ peer: join(), first: 1 })
          else if (one.what === 'ticks') ticks(one.count)
          else if (chosen === undefined) continue
          else if (one.what === 'leave') game.leave(chosen.peer)
          else if (one.what === 'slow') chosen.peer.bufferedAmount = one.waits ? 1 : 0
          else if (one.what === 'bytes') game.message(chosen.peer, one.bytes)
          else {
            const steps = one.steps.map(([dx, dy, dash]) => ({ dx, dy, dash }))
            game.message(chosen.peer, steering({ seen: lastOf(chosen.peer)?.tick ?? 0, first: chosen.first, steps }))
            chosen.first += steps.length
          }
          const { people, bots } = game.players
          expect(people + bots).toBe(game.arena.pilots.length)
          expect(people + bots).toBeLessThanOrEqual(12)
        }
      }),
      { numRuns: 60 },
    ))
})

describe('what is not the game', () => {
  test.each<readonly [what: string, messages: readonly (string | Uint8Array)[], code: number, reason: string]>([
    ['text', ['{"x":NaN}'], 1003, 'this game takes binary messages only'],
    ['text after the hello', [hello('a'), 'hi'], 1003, 'this game takes binary messages only'],
    ['steps before the hello', [steering({ seen: 0, first: 1, steps: [RIGHT] })], 1008, 'say hello first'],
    ['a second hello', [hello('a'), hello('b')], 1008, 'hello is said once'],
    ['a name of 60 characters', [hello('n'.repeat(60))], 1008, 'a name has at most 20 characters'],
    [
      'steps of tomorrow',
      [hello('a'), steering({ seen: 0, first: 9, steps: [RIGHT] })],
      1008,
      'steps are numbered one after the other',
    ],
    ['random bytes', [hello('a'), Uint8Array.of(7, 7, 7)], 1008, 'no client says this'],
    ['an empty message', [new Uint8Array()], 1008, 'the message is cut short'],
    [
      'a flood',
      [hello('a'), ...Array.from({ length: 200 }, (_, i) => ping(i))],
      1008,
      'too many messages: 60 a second are enough',
    ],
  ])('%s ends the line, with a word', (_, messages, code, reason) => {
    const peer = new FakePeer()
    for (const message of messages) game.message(peer, message)
    expect(peer.closed).toEqual([code, reason])
    expect(game.players.people).toBe(0)
    game.message(peer, hello('me again'))
    expect(game.players.people).toBe(0)
  })

  test('a page at its usual pace is no flood, for however long', () => {
    const peer = join()
    ticks(1000, i => {
      step(peer, i + 1)
      if (i % 30 === 0) game.message(peer, ping(i))
    })
    expect(peer.closed).toBeUndefined()
  })
})
