/** A ring that opens where a spark was taken. */
import { GRAIN, SHIP_RADIUS, SPARK_RADIUS } from '../rules.ts'
import type { Spark } from '../sparks.ts'
import type { Drawn } from './scene.ts'

interface Pop {
  readonly x: number
  readonly y: number
  readonly at: number
}

/** Milliseconds. */
const LASTS = 320
/** Pixels between a ship and a spark that it must have taken. */
const REACH = 2 * (SHIP_RADIUS + SPARK_RADIUS)

export class Pops {
  #sparks: readonly Spark[] = []
  #pops: Pop[] = []

  /** Looks which sparks are gone since the last frame. One that only went out of sight has no ship beside it. */
  follow(sparks: readonly Spark[], ships: readonly Drawn[], now: number): void {
    const left = new Set(sparks.map(({ id }) => id))
    for (const { id, x, y } of this.#sparks) {
      const place = { x: x / GRAIN, y: y / GRAIN, at: now }
      if (!left.has(id) && ships.some(ship => Math.hypot(ship.x - place.x, ship.y - place.y) < REACH))
        this.#pops.push(place)
    }
    this.#sparks = sparks
    this.#pops = this.#pops.filter(({ at }) => now - at < LASTS)
  }

  draw(pen: CanvasRenderingContext2D, color: string, now: number): void {
    pen.strokeStyle = color
    pen.lineWidth = 3
    for (const { x, y, at } of this.#pops) {
      const part = (now - at) / LASTS
      pen.globalAlpha = 1 - part
      pen.beginPath()
      pen.arc(x, y, 6 + 20 * part, 0, 2 * Math.PI)
      pen.stroke()
    }
    pen.globalAlpha = 1
  }
}
