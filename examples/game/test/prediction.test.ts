/** What a page shows: its own ship ahead of the server, the others between two states, and both over a bad network. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arena } from '../arena.ts'
import type { Seen } from '../delta.ts'
import { Prediction } from '../page/prediction.ts'
import { Scene } from '../page/scene.ts'
import { Way } from '../page/weather.ts'
import { GRAIN, SIDE, TICK, UNIT, WINDOW } from '../rules.ts'
import { type Ship, type Steer, shipAt, steerOf, step } from '../ship.ts'

const steer = fc
  .tuple(fc.integer({ min: -128, max: 127 }), fc.integer({ min: -128, max: 127 }), fc.boolean())
  .map(([dx, dy, dash]) => steerOf(dx, dy, dash))

describe('prediction', () => {
  // The law of the whole: the same steps are the same ship at both ends.
  test('with the same steps it is where the server says, however late that comes', () =>
    fc.assert(
      fc.property(fc.array(steer, { minLength: 1, maxLength: 120 }), fc.nat(20), (steers, late) => {
        const server = new Arena(3).join('me')!.ship
        const prediction = new Prediction(server)
        const answers: Ship[] = []
        steers.forEach((one, i) => {
          prediction.step(one)
          step(server, one)
          answers.push({ ...server })
          if (i >= late) prediction.reconcile(i + 1 - late, answers[i - late])
          expect(prediction.correction).toBe(0)
        })
        expect(prediction.ship).toEqual(server)
      }),
    ))

  const here = shipAt(SIDE / 2, SIDE / 2)
  const right: Steer = { dx: 127, dy: 0, dash: false }

  test('what the server knows better is taken, and what came after is done again', () => {
    const prediction = new Prediction(here)
    for (let i = 0; i < 4; i++) prediction.step(right)
    const server = { ...here }
    step(server, right)
    server.y += 32 * UNIT
    prediction.reconcile(1, server)
    for (let i = 0; i < 3; i++) step(server, right)
    expect([prediction.correction, prediction.ahead, prediction.ship]).toEqual([32, 3, server])
  })

  test('a correction is not seen as a leap: the screen goes there within a moment', () => {
    const prediction = new Prediction(here)
    prediction.step(right)
    const shown = prediction.at(1)
    const server = { ...here, y: here.y + 32 * UNIT }
    step(server, right)
    prediction.reconcile(1, server)
    expect(prediction.at(1)).toEqual(shown)
    prediction.age(1000)
    expect(prediction.at(1).y).toBeCloseTo(server.y / UNIT, 2)
  })

  test('another place altogether is shown at once', () => {
    const prediction = new Prediction(here)
    prediction.step(right)
    prediction.reconcile(1, shipAt(SIDE / 8, SIDE / 8))
    expect(prediction.at(1)).toEqual({ x: SIDE / 8 / UNIT, y: SIDE / 8 / UNIT })
  })

  test('a server that never answers costs a bounded memory', () => {
    const prediction = new Prediction(here)
    for (let i = 0; i < 1000; i++) prediction.step(right)
    expect(prediction.ahead).toBe(80)
  })
})

describe('the others', () => {
  const ship = (x: number): Seen => ({ id: 3, x: x * GRAIN, y: 0, fx: 127, fy: 0, flags: 0, score: 0 })
  const arrived = (ticks: readonly number[]): Scene => {
    const scene = new Scene()
    for (const tick of ticks) scene.add(tick, { ships: [ship(tick * 6)], sparks: [] }, 1000 + tick * TICK)
    return scene
  }

  test('are between two states, as late as that takes', () => {
    const scene = arrived([1, 2, 3])
    const now = 1000 + 3 * TICK
    expect(scene.at(now)[0].x).toBeCloseTo(((now - scene.delay - 1000) / TICK) * 6, 5)
    expect(scene.delay).toBeLessThan(50)
  })

  test('go on over a state that never came', () => {
    const scene = arrived([1, 2, 5, 6])
    expect(scene.at(1000 + 3.5 * TICK + scene.delay)[0].x).toBeCloseTo(21, 5)
  })

  test('stand still where nothing newer is known', () => expect(arrived([1, 2, 3]).at(60_000)[0].x).toBe(18))

  test('one that is suddenly far away does not fly there', () => {
    const scene = new Scene()
    scene.add(1, { ships: [ship(100)], sparks: [] }, TICK)
    scene.add(2, { ships: [ship(900)], sparks: [] }, 2 * TICK)
    expect(scene.at(1.5 * TICK + scene.delay)[0].x).toBe(900)
  })

  test('more is kept than the server may compare with, and not much more', () => {
    const scene = arrived(Array.from({ length: 500 }, (_, i) => i + 1))
    expect([scene.viewOf(500 - WINDOW) !== undefined, scene.viewOf(500 - 2 * WINDOW)]).toEqual([true, undefined])
  })

  test('the later states come, the later they are shown, but not for ever', () => {
    const scene = new Scene()
    for (let tick = 1; tick < 200; tick++) scene.add(tick, { ships: [], sparks: [] }, tick * TICK + (tick % 9) * 60)
    expect(scene.delay).toBeGreaterThan(150)
    expect(scene.delay).toBeLessThanOrEqual(500)
  })
})

describe('a bad network', () => {
  test('nothing is lost and nothing overtakes, only late', () => {
    const got: number[] = []
    const random = [0.9, 0.5, 0.001, 0.5, 0.5, 0.5] // the second message is lost
    const way = new Way<number>(
      message => got.push(message),
      () => random.shift() ?? 0.5,
    )
    way.weather = { latency: 0, jitter: 0, loss: 0 }
    way.send(1)
    expect(got).toEqual([1])
    way.weather = { latency: 20, jitter: 0, loss: 5 }
    way.send(2)
    way.send(3)
    way.weather = { latency: 0, jitter: 0, loss: 0 }
    way.send(4)
    return expect.poll(() => got).toEqual([1, 2, 3, 4])
  })

  test('what was on its way on a line that is gone never comes', () => {
    const way = new Way<number>(() => expect.fail('it came'))
    way.weather = { latency: 1, jitter: 0, loss: 0 }
    way.send(1)
    way.clear()
  })
})
