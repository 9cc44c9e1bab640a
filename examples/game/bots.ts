/** Pilots that are none: they gather, wander, and sometimes ram who has more. */
import type { Arena, Pilot } from './arena.ts'
import { GRAIN, UNIT, WORLD } from './rules.ts'
import { IDLE, type Steer, steerOf } from './ship.ts'

/** Ticks between two looks around. */
const THINKS = 9
const RAM_WITHIN = 260
const RAM_CHANCE = 0.12
const LAZY = 0.8

/** In pixels. */
interface Place {
  readonly x: number
  readonly y: number
}

const NAMES = [
  'Ada',
  'Brahe',
  'Curie',
  'Dirac',
  'Euler',
  'Fermi',
  'Gauss',
  'Hertz',
  'Ising',
  'Joule',
  'Kepler',
  'Lovelace',
]
const MORE = [
  'Maxwell',
  'Noether',
  'Ohm',
  'Pascal',
  'Quetelet',
  'Rubin',
  'Shannon',
  'Turing',
  'Ulam',
  'Volta',
  'Watt',
  'Yukawa',
]
const ALL = [...NAMES, ...MORE]

/** A name for the bot at this place. */
export const botName = (id: number): string => {
  const round = Math.floor(id / ALL.length)
  return `${ALL[id % ALL.length]}${round === 0 ? '' : ` ${round + 1}`}`
}

export class Bot {
  readonly pilot: Pilot
  #steer: Steer = IDLE
  #goal: Place | undefined

  constructor(pilot: Pilot) {
    this.pilot = pilot
  }

  /** What it wants for this tick. It looks around now and then only, so bots are cheap and not too good. */
  steer(arena: Arena): Steer {
    if ((arena.tick + this.pilot.id) % THINKS !== 0)
      return this.#steer.dash ? { ...this.#steer, dash: false } : this.#steer
    const at = placeOf(this.pilot)
    const prey = arena.random() < RAM_CHANCE ? this.#prey(arena, at) : undefined
    if (prey !== undefined) this.#steer = toward(at, prey, 127, true)
    else this.#steer = toward(at, this.#spark(arena, at) ?? this.#wander(arena, at), LAZY * 127, false)
    return this.#steer
  }

  #prey(arena: Arena, at: Place): Place | undefined {
    const richer = arena.pilots.filter(({ id, score }) => id !== this.pilot.id && score > this.pilot.score)
    return nearest(at, richer.map(placeOf), RAM_WITHIN)
  }

  #spark(arena: Arena, at: Place): Place | undefined {
    const sparks = arena.sparks.all.map(({ x, y }) => ({ x: x / GRAIN, y: y / GRAIN }))
    return nearest(at, sparks, 500)
  }

  #wander({ random }: Arena, at: Place): Place {
    if (this.#goal === undefined || distance(at, this.#goal) < 200)
      this.#goal = { x: random() * WORLD, y: random() * WORLD }
    return this.#goal
  }
}

const placeOf = ({ ship }: Pilot): Place => ({ x: ship.x / UNIT, y: ship.y / UNIT })

const distance = (a: Place, b: Place): number => Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2)

function nearest(at: Place, places: readonly Place[], within: number): Place | undefined {
  let [best, found]: [number, Place | undefined] = [within, undefined]
  for (const place of places) {
    const far = distance(at, place)
    if (far < best) [best, found] = [far, place]
  }
  return found
}

function toward(at: Place, to: Place, strength: number, dash: boolean): Steer {
  const far = distance(at, to) || 1
  return steerOf(((to.x - at.x) / far) * strength, ((to.y - at.y) / far) * strength, dash)
}
