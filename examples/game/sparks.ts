/** The sparks that lie about. */
import type { Random } from '../random.ts'
import { GRAIN, MAX_SPARKS, WORLD } from './rules.ts'

/** It never moves. Position in quarters of a pixel. */
export interface Spark {
  readonly id: number
  readonly x: number
  readonly y: number
}

const MARGIN = 40

/** Sorted by id, which only grows: whoever compares two lists reads both once. */
export class Sparks {
  readonly #random: Random
  #all: Spark[] = []
  #last = 0

  constructor(random: Random) {
    this.#random = random
  }

  get all(): readonly Spark[] {
    return this.#all
  }

  /** Adds some anywhere until there are so many. */
  fill(count: number): void {
    while (this.#all.length < count) this.#add(this.#anywhere(), this.#anywhere())
  }

  /** Adds some around a place in pixels, as far as there is room for them. */
  spill(count: number, x: number, y: number): void {
    for (let i = 0; i < count && this.#all.length < MAX_SPARKS; i++) {
      const [right, down] = [this.#random() - 0.5, this.#random() - 0.5]
      this.#add(inside(x + right * 220), inside(y + down * 220))
    }
  }

  /** Takes away those that have been taken. */
  remove(taken: ReadonlySet<number>): void {
    if (taken.size > 0) this.#all = this.#all.filter(({ id }) => !taken.has(id))
  }

  #anywhere(): number {
    return MARGIN + this.#random() * (WORLD - 2 * MARGIN)
  }

  #add(x: number, y: number): void {
    this.#all.push({ id: ++this.#last, x: Math.round(x * GRAIN), y: Math.round(y * GRAIN) })
  }
}

const inside = (at: number): number => Math.min(Math.max(at, MARGIN), WORLD - MARGIN)
