/** The arena on its canvas: what is near, from above. */
import { GRAIN, SHIP_RADIUS, VIEW, WORLD } from '../rules.ts'
import type { Spark } from '../sparks.ts'
import { REACH, type Stick } from './controls.ts'
import { Pops } from './pops.ts'
import type { Place } from './prediction.ts'
import type { Drawn } from './scene.ts'
import { colors, fitted, isCalm } from './surface.ts'

/** All that is on the screen at one moment. */
export interface Picture {
  readonly now: number
  /** What is in the middle, as far as the walls allow. */
  readonly center: Place
  readonly ships: readonly Drawn[]
  readonly sparks: readonly Spark[]
  /** The id of the player's own among the ships, or -1. */
  readonly own: number
  /** 0 to 1: how much of its rest after a dash is over. */
  readonly ready: number
  readonly nameOf: (id: number) => string
  readonly stick: Stick | undefined
}

const GRID = 80
/** Pixels beyond the walls that may be seen. */
const BEYOND = 70
const MAP = 92
const FLASH = 110

type Pen = CanvasRenderingContext2D

export class Painter {
  readonly #canvas: HTMLCanvasElement
  readonly #colors
  readonly #hulls = new Map<number, string>()
  readonly #pops = new Pops()
  #light = ''

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#colors = colors(canvas, ['space', 'grid', 'wall', 'spark', 'own', 'name', 'light', 'raised', 'edge', 'paper'])
  }

  draw(picture: Picture): void {
    const { pen, width, height } = fitted(this.#canvas, false)
    const scale = Math.max(width / VIEW.width, height / VIEW.height)
    const left = camera(picture.center.x, width / scale)
    const top = camera(picture.center.y, height / scale)
    pen.fillStyle = this.#colors().paper
    pen.fillRect(0, 0, width, height)
    pen.save()
    pen.scale(scale, scale)
    pen.translate(-left, -top)
    this.#ground(pen, left, top, width / scale, height / scale)
    for (const spark of picture.sparks) this.#spark(pen, spark, picture.now)
    this.#pops.follow(picture.sparks, picture.ships, picture.now)
    if (!isCalm()) this.#pops.draw(pen, this.#colors().spark, picture.now)
    for (const ship of picture.ships) this.#ship(pen, ship, picture)
    pen.restore()
    this.#map(pen, height, picture)
    if (picture.stick !== undefined) this.#stick(pen, picture.stick)
  }

  #ground(pen: Pen, left: number, top: number, width: number, height: number): void {
    const { grid, wall, space } = this.#colors()
    pen.fillStyle = space
    pen.fillRect(0, 0, WORLD, WORLD)
    pen.strokeStyle = grid
    pen.lineWidth = 1
    pen.beginPath()
    for (let x = Math.max(0, Math.ceil(left / GRID) * GRID); x <= Math.min(WORLD, left + width); x += GRID) {
      pen.moveTo(x, Math.max(0, top))
      pen.lineTo(x, Math.min(WORLD, top + height))
    }
    for (let y = Math.max(0, Math.ceil(top / GRID) * GRID); y <= Math.min(WORLD, top + height); y += GRID) {
      pen.moveTo(Math.max(0, left), y)
      pen.lineTo(Math.min(WORLD, left + width), y)
    }
    pen.stroke()
    pen.strokeStyle = wall
    pen.lineWidth = 3
    pen.strokeRect(0, 0, WORLD, WORLD)
  }

  #spark(pen: Pen, { id, x, y }: Spark, now: number): void {
    const size = isCalm() ? 8 : 7.5 + 1.5 * Math.sin(now / 260 + id)
    const [right, down] = [x / GRAIN, y / GRAIN]
    pen.fillStyle = this.#colors().spark
    pen.globalAlpha = 0.12
    circle(pen, right, down, size + 4)
    pen.fill()
    pen.globalAlpha = 1
    pen.beginPath()
    for (let i = 0; i < 8; i++) {
      const reach = i % 2 === 0 ? size : size * 0.42
      pen.lineTo(right + reach * Math.cos((i * Math.PI) / 4), down + reach * Math.sin((i * Math.PI) / 4))
    }
    pen.fill()
  }

  #ship(pen: Pen, ship: Drawn, { own, ready, nameOf, now }: Picture): void {
    const isOwn = ship.id === own
    const color = isOwn ? this.#colors().own : this.#hull(ship.id)
    pen.save()
    pen.translate(ship.x, ship.y)
    this.#rings(pen, ship, isOwn ? ready : 1, color, now)
    pen.rotate(Math.atan2(ship.fy, ship.fx))
    if (ship.dashing) trail(pen, color)
    dart(pen)
    pen.fillStyle = color
    pen.fill()
    pen.strokeStyle = this.#colors().space
    pen.lineWidth = 2
    pen.stroke()
    pen.restore()
    this.#label(pen, ship, nameOf(ship.id))
  }

  /** Around a ship that was shaken, and around the own one while it rests from a dash. */
  #rings(pen: Pen, { shaken }: Drawn, ready: number, color: string, now: number): void {
    pen.strokeStyle = color
    pen.lineWidth = 3
    if (shaken && (isCalm() || Math.floor(now / FLASH) % 2 === 0)) {
      circle(pen, 0, 0, SHIP_RADIUS + 6)
      pen.stroke()
    }
    if (ready >= 1) return
    pen.globalAlpha = 0.55
    pen.beginPath()
    pen.arc(0, 0, SHIP_RADIUS + 11, -Math.PI / 2, -Math.PI / 2 + ready * 2 * Math.PI)
    pen.stroke()
    pen.globalAlpha = 1
  }

  #label(pen: Pen, { x, y, score }: Drawn, name: string): void {
    const { name: color, space } = this.#colors()
    pen.font = '600 14px system-ui, sans-serif'
    pen.textAlign = 'center'
    pen.textBaseline = 'top'
    pen.lineWidth = 3
    pen.strokeStyle = space
    pen.fillStyle = color
    const text = score > 0 ? `${name} · ${score}` : name
    pen.strokeText(text, x, y + SHIP_RADIUS + 8)
    pen.fillText(text, x, y + SHIP_RADIUS + 8)
  }

  /** Where in the arena one is. */
  #map(pen: Pen, height: number, { ships, own }: Picture): void {
    const { raised, edge, own: color } = this.#colors()
    pen.save()
    pen.translate(12, height - MAP - 12)
    pen.globalAlpha = 0.8
    pen.fillStyle = raised
    pen.strokeStyle = edge
    pen.lineWidth = 1
    pen.beginPath()
    pen.roundRect(0, 0, MAP, MAP, 8)
    pen.fill()
    pen.stroke()
    pen.globalAlpha = 1
    for (const { id, x, y } of ships) {
      pen.fillStyle = id === own ? color : edge
      circle(pen, 4 + (x / WORLD) * (MAP - 8), 4 + (y / WORLD) * (MAP - 8), id === own ? 4 : 2)
      pen.fill()
    }
    pen.restore()
  }

  #stick(pen: Pen, { x, y, toX, toY }: Stick): void {
    const { own, edge } = this.#colors()
    const far = Math.max(Math.hypot(toX - x, toY - y) / REACH, 1)
    pen.strokeStyle = edge
    pen.lineWidth = 2
    circle(pen, x, y, REACH)
    pen.stroke()
    pen.fillStyle = own
    pen.globalAlpha = 0.7
    circle(pen, x + (toX - x) / far, y + (toY - y) / far, 22)
    pen.fill()
    pen.globalAlpha = 1
  }

  /** Colours that are far from each other for ids that are near. */
  #hull(id: number): string {
    const { light } = this.#colors()
    if (light !== this.#light) this.#hulls.clear()
    this.#light = light
    const color = this.#hulls.get(id) ?? `hsl(${Math.round(200 + id * 137.5) % 360} 52% ${light})`
    this.#hulls.set(id, color)
    return color
  }
}

/** The first pixel to be seen: the ship in the middle, unless a wall is near. */
function camera(at: number, size: number): number {
  if (size >= WORLD + 2 * BEYOND) return (WORLD - size) / 2
  return Math.min(Math.max(at - size / 2, -BEYOND), WORLD + BEYOND - size)
}

function circle(pen: Pen, x: number, y: number, radius: number): void {
  pen.beginPath()
  pen.arc(x, y, radius, 0, 2 * Math.PI)
}

/** A ship that looks to the right. */
function dart(pen: Pen): void {
  pen.beginPath()
  pen.moveTo(SHIP_RADIUS + 4, 0)
  pen.quadraticCurveTo(2, -6, -SHIP_RADIUS + 2, -SHIP_RADIUS + 3)
  pen.quadraticCurveTo(-7, 0, -SHIP_RADIUS + 2, SHIP_RADIUS - 3)
  pen.quadraticCurveTo(2, 6, SHIP_RADIUS + 4, 0)
  pen.closePath()
}

function trail(pen: Pen, color: string): void {
  const fade = pen.createLinearGradient(-SHIP_RADIUS, 0, -SHIP_RADIUS * 4.5, 0)
  fade.addColorStop(0, color)
  fade.addColorStop(1, 'transparent')
  pen.fillStyle = fade
  pen.beginPath()
  pen.moveTo(-6, -10)
  pen.lineTo(-SHIP_RADIUS * 4.5, 0)
  pen.lineTo(-6, 10)
  pen.fill()
}
