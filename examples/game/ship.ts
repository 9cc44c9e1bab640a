/**
 * How a ship moves. Server and page run this same code, and all of its results are whole numbers made by operations that
 * IEEE 754 fixes to the last bit, so both ends come to the same place in every engine.
 */
import { DASH, DASH_REST, SHIP_RADIUS, SIDE, UNIT } from './rules.ts'

/** Position in parts of a pixel, speed in sixteenths of those for each tick, the rest in ticks. */
export interface Ship {
  x: number
  y: number
  vx: number
  vy: number
  /** Where it looks, each from -127 to 127. Never both 0. */
  fx: number
  fy: number
  /** Ticks that its dash still takes, until it may dash again, and that it is safe after a bump. */
  dash: number
  rest: number
  shaken: number
}

/** What a player wants for one tick: a direction of a length up to 127, and whether to dash. */
export interface Steer {
  readonly dx: number
  readonly dy: number
  readonly dash: boolean
}

/** The parts of a speed in one unit of position. */
const FINE = 16
const FULL = 127
const THRUST = 0.8 * UNIT * FINE
const DRAG = 0.92
const PUSH = 13 * UNIT * FINE
const BOUNCE = 0.5
/** No ship is faster, whatever bumps into it: it fits the 16 bits that it is sent in. */
const FASTEST = 30 * UNIT * FINE
const EDGE = SHIP_RADIUS * UNIT

export const IDLE: Steer = { dx: 0, dy: 0, dash: false }

export const shipAt = (x: number, y: number): Ship => ({
  x,
  y,
  vx: 0,
  vy: 0,
  fx: 0,
  fy: -FULL,
  dash: 0,
  rest: 0,
  shaken: 0,
})

/** Whatever was asked for, as something that may be: whole numbers, and no faster in the diagonal. */
export function steerOf(dx: number, dy: number, dash: boolean): Steer {
  const length = Math.sqrt(dx * dx + dy * dy)
  const scale = length > FULL ? FULL / length : 1
  return { dx: Math.trunc(dx * scale) || 0, dy: Math.trunc(dy * scale) || 0, dash }
}

/** One tick of one ship. */
export function step(ship: Ship, { dx, dy, dash }: Steer): void {
  if (dx !== 0 || dy !== 0) {
    ship.fx = dx
    ship.fy = dy
  }
  if (ship.dash > 0) ship.dash--
  if (ship.rest > 0) ship.rest--
  if (ship.shaken > 0) ship.shaken--
  if (dash && ship.rest === 0) push(ship)
  ship.vx = Math.trunc((ship.vx + (dx / FULL) * THRUST) * DRAG) || 0
  ship.vy = Math.trunc((ship.vy + (dy / FULL) * THRUST) * DRAG) || 0
  ship.x += Math.round(ship.vx / FINE)
  ship.y += Math.round(ship.vy / FINE)
  keepInside(ship)
}

function push(ship: Ship): void {
  const length = Math.sqrt(ship.fx * ship.fx + ship.fy * ship.fy)
  ship.dash = DASH
  ship.rest = DASH_REST
  setSpeed(ship, ship.vx + (ship.fx / length) * PUSH, ship.vy + (ship.fy / length) * PUSH)
}

/** At the walls it comes back, slower. */
export function keepInside(ship: Ship): void {
  const x = Math.min(Math.max(ship.x, EDGE), SIDE - EDGE)
  const y = Math.min(Math.max(ship.y, EDGE), SIDE - EDGE)
  if (x !== ship.x) ship.vx = Math.round(-ship.vx * BOUNCE) || 0
  if (y !== ship.y) ship.vy = Math.round(-ship.vy * BOUNCE) || 0
  ship.x = x
  ship.y = y
}

export function setSpeed(ship: Ship, vx: number, vy: number): void {
  ship.vx = Math.round(Math.min(Math.max(vx, -FASTEST), FASTEST)) || 0
  ship.vy = Math.round(Math.min(Math.max(vy, -FASTEST), FASTEST)) || 0
}
