/** The game without a server: the same seed is the same game, and its rules hold whatever players do. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arena, type Pilot } from '../arena.ts'
import { Bot, botName } from '../bots.ts'
import { CAPACITY, DASH_REST, GRAIN, MAX_SPARKS, SHIP_RADIUS, SIDE, SPARKS, TICK_RATE, UNIT } from '../rules.ts'
import { IDLE, type Ship, shipAt, steerOf, step } from '../ship.ts'

const steer = fc
  .tuple(fc.integer({ min: -128, max: 127 }), fc.integer({ min: -128, max: 127 }), fc.boolean())
  .map(([dx, dy, dash]) => steerOf(dx, dy, dash))

/** So many bots for so many ticks. */
function played(seed: number, bots: number, ticks: number): Arena {
  const arena = new Arena(seed)
  const crew = Array.from({ length: bots }, (_, i) => new Bot(arena.join(botName(i), { bot: true })!))
  for (let tick = 0; tick < ticks; tick++) {
    for (const bot of crew) arena.move(bot.pilot, bot.steer(arena))
    arena.settle()
  }
  return arena
}

const outcome = ({ pilots, sparks, tick }: Arena) => ({ pilots, sparks: sparks.all, tick })

const speed = ({ vx, vy }: Ship): number => Math.hypot(vx, vy)

function at(arena: Arena, pilot: Pilot, x: number, y: number): void {
  Object.assign(pilot.ship, shipAt(x * UNIT, y * UNIT))
  expect(arena.pilots).toContain(pilot)
}

describe('the simulation', () => {
  test('is the same for the same seed, tick by tick', () =>
    expect(outcome(played(5, 40, 300))).toEqual(outcome(played(5, 40, 300))))

  test('is another one for another seed', () =>
    expect(outcome(played(5, 40, 30))).not.toEqual(outcome(played(6, 40, 30))))

  test('bots gather, and ram', () => {
    const { pilots } = played(5, 40, 20 * TICK_RATE)
    expect(pilots.reduce((sum, { score }) => sum + score, 0)).toBeGreaterThan(100)
  })

  test('keeps the sparks up, and never has too many', () => {
    const arena = played(5, CAPACITY, 300)
    for (const pilot of arena.pilots) arena.leave(pilot)
    expect(arena.sparks.all.length).toBeGreaterThanOrEqual(SPARKS)
    expect(arena.sparks.all.length).toBeLessThanOrEqual(MAX_SPARKS)
  })

  test('who is to begin beside somebody does, also in a corner', () => {
    const arena = new Arena(1)
    const first = arena.join('first')!
    at(arena, first, SHIP_RADIUS, SHIP_RADIUS)
    for (let i = 0; i < 20; i++) {
      const { ship } = arena.join(`${i}`, { beside: first })!
      expect(Math.hypot(ship.x - first.ship.x, ship.y - first.ship.y)).toBeLessThanOrEqual(6 * SHIP_RADIUS * UNIT + 1)
      expect(Math.min(ship.x, ship.y)).toBeGreaterThanOrEqual(SHIP_RADIUS * UNIT)
    }
  })

  test('takes no more than its places, and gives a place that is left', () => {
    const arena = new Arena(1, 3)
    const [first] = [arena.join('a'), arena.join('b'), arena.join('c')]
    expect(arena.join('d')).toBeUndefined()
    arena.leave(first!)
    expect(arena.join('d')?.id).toBe(first!.id)
  })
})

describe('a ship', () => {
  test('stays in the arena, counts in whole numbers and fits its bytes, whatever is asked of it', () =>
    fc.assert(
      fc.property(fc.array(steer, { minLength: 1, maxLength: 200 }), steers => {
        const ship = shipAt(SIDE / 2, SHIP_RADIUS * UNIT)
        for (const one of steers) step(ship, one)
        for (const value of Object.values(ship)) expect(Number.isInteger(value) && !Object.is(value, -0)).toBe(true)
        for (const place of [ship.x, ship.y])
          expect(place >= SHIP_RADIUS * UNIT && place <= SIDE - SHIP_RADIUS * UNIT).toBe(true)
        expect(Math.max(Math.abs(ship.vx), Math.abs(ship.vy))).toBeLessThan(32_768)
      }),
    ))

  test('is no faster in the diagonal', () => {
    const run = (dx: number, dy: number): number => {
      const ship = shipAt(SIDE / 4, SIDE / 4)
      for (let i = 0; i < 60; i++) step(ship, steerOf(dx, dy, false))
      return speed(ship)
    }
    expect(Math.abs(run(127, 127) - run(127, 0)) / run(127, 0)).toBeLessThan(0.02)
  })

  test('dashes once, and again after its rest only', () => {
    const ship = shipAt(SIDE / 2, SIDE / 2)
    const starts: number[] = []
    for (let i = 0; i < 2 * DASH_REST + 1; i++) {
      const before = ship.rest
      step(ship, steerOf(0, 0, true))
      if (ship.rest > before) starts.push(i)
    }
    expect(starts).toEqual([0, DASH_REST, 2 * DASH_REST])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a direction of %d is none', wrong =>
    expect(steerOf(wrong, wrong, false)).toEqual(IDLE),
  )
})

describe('two ships that meet', () => {
  test('bounce: what the one loses in speed, the other has', () => {
    const arena = new Arena(1)
    const [one, other] = [arena.join('one')!, arena.join('other')!]
    at(arena, one, 1000, 1000)
    at(arena, other, 1000 + 2 * SHIP_RADIUS - 1, 1000)
    one.ship.vx = 2000
    arena.settle()
    expect([one.ship.vx + other.ship.vx, other.ship.vx > one.ship.vx]).toEqual([2000, true])
    expect(other.ship.x - one.ship.x).toBeGreaterThanOrEqual(2 * SHIP_RADIUS * UNIT - 1)
  })

  test('one that dashes shakes a third of its sparks out of the other, once', () => {
    const arena = new Arena(1)
    const [one, other] = [arena.join('one')!, arena.join('other')!]
    at(arena, one, 1000, 1000)
    at(arena, other, 1000 + 2 * SHIP_RADIUS - 1, 1000)
    other.score = 12
    arena.sparks.remove(new Set(arena.sparks.all.map(({ id }) => id)))
    step(one.ship, steerOf(127, 0, true))
    arena.settle()
    const after = other.score
    expect(after + one.score).toBeGreaterThanOrEqual(8)
    expect(other.ship.shaken).toBeGreaterThan(0)
    at(arena, one, other.ship.x / UNIT - 2 * SHIP_RADIUS + 1, other.ship.y / UNIT)
    one.ship.dash = 5
    arena.settle()
    expect(other.score).toBeGreaterThanOrEqual(after)
  })

  test('a spark between them goes to one of them', () => {
    const arena = new Arena(1)
    const [one, other] = [arena.join('one')!, arena.join('other')!]
    const [spark] = arena.sparks.all
    arena.sparks.remove(new Set(arena.sparks.all.slice(1).map(({ id }) => id)))
    at(arena, one, spark.x / GRAIN - SHIP_RADIUS - 1, spark.y / GRAIN)
    at(arena, other, spark.x / GRAIN + SHIP_RADIUS + 1, spark.y / GRAIN)
    arena.settle()
    expect([one.score, other.score]).toEqual([1, 0])
  })

  test('two in the same place come apart', () => {
    const arena = new Arena(1)
    const [one, other] = [arena.join('one')!, arena.join('other')!]
    at(arena, one, 1000, 1000)
    at(arena, other, 1000, 1000)
    arena.settle()
    expect(Math.abs(other.ship.x - one.ship.x)).toBe(2 * SHIP_RADIUS * UNIT)
  })
})
