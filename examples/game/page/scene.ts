/** What the server told of the others, and where they are at a moment between two of its states. */
import { Flag, type Seen, type View } from '../delta.ts'
import { GRAIN, TICK, WINDOW } from '../rules.ts'
import type { Spark } from '../sparks.ts'

/** A ship as it is drawn: pixels, and a direction of any length. */
export interface Drawn {
  readonly id: number
  readonly x: number
  readonly y: number
  readonly fx: number
  readonly fy: number
  readonly dashing: boolean
  readonly shaken: boolean
  readonly score: number
}

/** Milliseconds that the others are shown late at least, beside the tick that it takes to have two states. */
const SLACK = 4
const LATEST = 500
/** States until the clock is believed. */
const SETTLED = 12
/** Pixels that no ship makes in a tick: it is another one. */
const LEAP = 160

export class Scene {
  /** Of the last state, 0 when there is none. */
  tick = 0
  readonly #views = new Map<number, View>()
  #origin: number | undefined
  #jitter = 0
  #count = 0

  viewOf(tick: number): View | undefined {
    return this.#views.get(tick)
  }

  get sparks(): readonly Spark[] {
    return this.#views.get(this.tick)?.sparks ?? []
  }

  /** Milliseconds that the others are shown late. */
  get delay(): number {
    return Math.min(TICK + SLACK + 2 * this.#jitter, LATEST)
  }

  /** @param now - when it came */
  add(tick: number, view: View, now: number): void {
    this.tick = tick
    this.#views.set(tick, view)
    for (const old of this.#views.keys()) if (this.#views.size > 2 * WINDOW) this.#views.delete(old)
    this.#keepTime(now - tick * TICK)
  }

  /** The others at this moment, as late as it takes to know. */
  at(now: number): Drawn[] {
    const tick = (now - this.delay - (this.#origin ?? now)) / TICK
    let [before, after]: [number | undefined, number | undefined] = [undefined, undefined]
    for (const known of this.#views.keys()) {
      if (known <= tick) before = known
      else after ??= known
    }
    const [from = this.tick, to = this.tick] = [before, after]
    const part = to === from ? 1 : Math.min(Math.max((tick - from) / (to - from), 0), 1)
    return between(this.#views.get(from)?.ships ?? [], this.#views.get(to)?.ships ?? [], part)
  }

  /** When tick 0 would have come, slowly followed; and how much the states come before or after their time. */
  #keepTime(origin: number): void {
    const off = origin - (this.#origin ?? origin)
    const begins = this.#origin === undefined || Math.abs(off) > 1000
    this.#count = begins ? 1 : this.#count + 1
    this.#origin = begins ? origin : this.#origin! + off * Math.max(0.08, 1 / this.#count)
    if (this.#count < SETTLED) return
    this.#jitter += (Math.abs(off) - this.#jitter) / 16 // RFC 3550 §6.4.1
  }
}

function between(from: readonly Seen[], to: readonly Seen[], part: number): Drawn[] {
  const before = new Map(from.map(ship => [ship.id, ship]))
  return to.map(ship => blend(before.get(ship.id) ?? ship, ship, part))
}

function blend(a: Seen, b: Seen, part: number): Drawn {
  const same = Math.hypot(a.x - b.x, a.y - b.y) < LEAP * GRAIN
  const mix = (from: number, to: number): number => (same ? from + (to - from) * part : to)
  const { id, score, flags } = b
  return {
    id,
    score,
    x: mix(a.x, b.x) / GRAIN,
    y: mix(a.y, b.y) / GRAIN,
    fx: mix(a.fx, b.fx),
    fy: mix(a.fy, b.fy),
    dashing: (flags & Flag.dashing) !== 0,
    shaken: (flags & Flag.shaken) !== 0,
  }
}
