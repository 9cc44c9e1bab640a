/** The game itself: ships, sparks, and what happens when they meet. No clock, no socket: one call is one tick. */
import { type Random, seeded } from '../random.ts'
import { CAPACITY, GRAIN, MAX_SPILL, SHAKEN, SHIP_RADIUS, SPARK_RADIUS, SPARKS, UNIT, WORLD } from './rules.ts'
import { keepInside, type Ship, type Steer, setSpeed, shipAt, step } from './ship.ts'
import { Sparks } from './sparks.ts'

/** A player or a bot. */
export interface Pilot {
  readonly id: number
  readonly name: string
  readonly bot: boolean
  readonly ship: Ship
  score: number
}

const MAX_SCORE = 65_535
const REACH = ((SHIP_RADIUS + SPARK_RADIUS) * GRAIN) ** 2
const TOUCH = 2 * SHIP_RADIUS * UNIT
const LIVELY = 0.9
const APART = 6 * SHIP_RADIUS * UNIT

export class Arena {
  tick = 0
  readonly random: Random
  readonly sparks: Sparks
  readonly capacity: number
  readonly #pilots: (Pilot | undefined)[] = []

  constructor(seed = 1, capacity = CAPACITY) {
    this.random = seeded(seed)
    this.capacity = Math.min(capacity, CAPACITY)
    this.sparks = new Sparks(this.random)
    this.sparks.fill(SPARKS)
  }

  /** In the order of their ids. */
  get pilots(): Pilot[] {
    return this.#pilots.filter(pilot => pilot !== undefined)
  }

  /**
   * Undefined when the arena is full.
   * @param beside - whom to begin near to
   */
  join(name: string, { bot = false, beside }: { bot?: boolean; beside?: Pilot | undefined } = {}): Pilot | undefined {
    const id = this.#free()
    if (id === undefined) return undefined
    const pilot = { id, name, bot, ship: this.#place(beside?.ship), score: 0 }
    this.#pilots[id] = pilot
    return pilot
  }

  /** What a pilot had gathered stays behind. */
  leave({ id, ship, score }: Pilot): void {
    this.#pilots[id] = undefined
    this.sparks.spill(Math.min(score, MAX_SPILL), ship.x / UNIT, ship.y / UNIT)
  }

  /** One step of one ship, as its pilot wants it. */
  move(pilot: Pilot, steer: Steer): void {
    step(pilot.ship, steer)
  }

  /** Ends the tick, when all who may have moved. */
  settle(): void {
    const pilots = this.pilots
    for (let i = 0; i < pilots.length; i++) for (let j = i + 1; j < pilots.length; j++) this.#meet(pilots[i], pilots[j])
    this.sparks.remove(this.#gather(pilots))
    this.sparks.fill(SPARKS)
    this.tick++
  }

  #free(): number | undefined {
    for (let id = 0; id < this.capacity; id++) if (this.#pilots[id] === undefined) return id
    return undefined
  }

  /** Anywhere but at the walls, or some three ships away from the other one. */
  #place(beside?: Ship): Ship {
    const anywhere = () => (0.1 + 0.8 * this.random()) * WORLD * UNIT
    const angle = this.random() * 2 * Math.PI
    const x = beside === undefined ? anywhere() : beside.x + Math.cos(angle) * APART
    const y = beside === undefined ? anywhere() : beside.y + Math.sin(angle) * APART
    const ship = shipAt(Math.round(x), Math.round(y))
    keepInside(ship)
    return ship
  }

  /** Two ships of the same mass, and what one that dashes shakes out of the other. */
  #meet(one: Pilot, other: Pilot): void {
    const [right, down] = [other.ship.x - one.ship.x, other.ship.y - one.ship.y]
    if (Math.abs(right) >= TOUCH || Math.abs(down) >= TOUCH) return
    const distance = Math.sqrt(right * right + down * down)
    if (distance >= TOUCH) return
    const [nx, ny] = distance === 0 ? [1, 0] : [right / distance, down / distance]
    const [dashing, dashed] = [one.ship.dash > 0, other.ship.dash > 0]
    bounce(one.ship, other.ship, nx, ny, TOUCH - distance)
    if (dashing && !dashed) this.#shake(other)
    if (dashed && !dashing) this.#shake(one)
  }

  #shake(pilot: Pilot): void {
    const { ship, score } = pilot
    if (ship.shaken > 0) return
    const spilled = Math.min(MAX_SPILL, Math.ceil(score / 3))
    ship.shaken = SHAKEN
    pilot.score -= spilled
    this.sparks.spill(spilled, ship.x / UNIT, ship.y / UNIT)
  }

  /** Each spark goes to the first that reaches it. */
  #gather(pilots: readonly Pilot[]): Set<number> {
    const taken = new Set<number>()
    for (const pilot of pilots) {
      const [x, y] = [(pilot.ship.x / UNIT) * GRAIN, (pilot.ship.y / UNIT) * GRAIN]
      for (const spark of this.sparks.all) {
        if ((spark.x - x) ** 2 + (spark.y - y) ** 2 > REACH || taken.has(spark.id)) continue
        taken.add(spark.id)
        pilot.score = Math.min(pilot.score + 1, MAX_SCORE)
      }
    }
    return taken
  }
}

/** Along the line between the two, which (nx, ny) is, they change their speeds; and they let go of each other. */
function bounce(one: Ship, other: Ship, nx: number, ny: number, overlap: number): void {
  const closing = (one.vx - other.vx) * nx + (one.vy - other.vy) * ny
  if (closing > 0) {
    const change = closing * LIVELY
    setSpeed(one, one.vx - change * nx, one.vy - change * ny)
    setSpeed(other, other.vx + change * nx, other.vy + change * ny)
  }
  one.x -= Math.round((overlap / 2) * nx)
  one.y -= Math.round((overlap / 2) * ny)
  other.x += Math.round((overlap / 2) * nx)
  other.y += Math.round((overlap / 2) * ny)
  keepInside(one)
  keepInside(other)
}
