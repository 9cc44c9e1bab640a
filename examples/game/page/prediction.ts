/**
 * The player's own ship, ahead of the server: each step is done here at once, by the same code, and done again from what
 * the server says as soon as it says so. What differs then is the correction.
 */
import { UNIT } from '../rules.ts'
import { type Ship, type Steer, step } from '../ship.ts'

interface Predicted {
  readonly number: number
  readonly steer: Steer
  /** Where the ship was after it. */
  readonly x: number
  readonly y: number
}

/** Pixels. */
export interface Place {
  readonly x: number
  readonly y: number
}

/** A correction goes from the screen in a few times this, in milliseconds; a larger one than this, in pixels, at once. */
const SOFTNESS = 80
const LEAP = 400
/** Steps without an answer that are kept: more than two seconds. */
const MAX_PENDING = 80

export class Prediction {
  ship: Ship
  /** Pixels between what was shown and what the server said, the last time that it said something. */
  correction = 0
  #before: Ship
  #pending: Predicted[] = []
  #answered: Predicted | undefined
  #number = 0
  #error: Place = { x: 0, y: 0 }

  constructor(ship: Ship) {
    this.ship = { ...ship }
    this.#before = { ...ship }
  }

  /** Steps that the server has not answered yet. */
  get ahead(): number {
    return this.#pending.length
  }

  /** Does a step. Returns its number. */
  step(steer: Steer): number {
    this.#do(steer)
    const predicted = { number: ++this.#number, steer, x: this.ship.x, y: this.ship.y }
    this.#pending.push(predicted)
    if (this.#pending.length > MAX_PENDING) this.#pending.shift()
    return predicted.number
  }

  /** What the server says the ship was after this step. Those that came later are done again. */
  reconcile(ack: number, ship: Ship): void {
    this.#answered = this.#pending.findLast(({ number }) => number <= ack) ?? this.#answered
    const { x, y } = this.#answered ?? ship
    const shown = this.ship
    this.correction = Math.hypot(ship.x - x, ship.y - y) / UNIT
    this.#pending = this.#pending.filter(({ number }) => number > ack)
    this.ship = { ...ship }
    this.#before = { ...ship }
    this.#pending = this.#pending.map(({ number, steer }) => {
      this.#do(steer)
      return { number, steer, x: this.ship.x, y: this.ship.y }
    })
    this.#answered &&= { ...this.#answered, x: ship.x, y: ship.y }
    this.#soften(shown)
  }

  /**
   * Where to draw it.
   * @param part - of a tick that has passed since the last step, 0 to 1
   */
  at(part: number): Place {
    const between = (a: number, b: number) => (a + (b - a) * part) / UNIT
    const { ship, x, y } = { ship: this.ship, ...this.#before }
    return { x: between(x, ship.x) + this.#error.x, y: between(y, ship.y) + this.#error.y }
  }

  /** So many milliseconds have passed. */
  age(milliseconds: number): void {
    const left = Math.exp(-milliseconds / SOFTNESS)
    this.#error = { x: this.#error.x * left, y: this.#error.y * left }
  }

  #do(steer: Steer): void {
    this.#before = { ...this.ship }
    step(this.ship, steer)
  }

  /** What was on the screen stays there, and goes over into what is true. */
  #soften(shown: Ship): void {
    const x = this.#error.x + (shown.x - this.ship.x) / UNIT
    const y = this.#error.y + (shown.y - this.ship.y) / UNIT
    this.#error = Math.hypot(x, y) > LEAP ? { x: 0, y: 0 } : { x, y }
  }
}
