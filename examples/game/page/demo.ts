/** Behind the form, bots play by the same rules, in the page alone: the simulation runs wherever it is called. */
import { Arena } from '../arena.ts'
import { Bot, botName } from '../bots.ts'
import { TICK, UNIT } from '../rules.ts'
import type { Picture } from './draw.ts'
import type { Drawn } from './scene.ts'
import { isCalm } from './surface.ts'

const BOTS = 40

export class Demo {
  readonly #arena = new Arena(7)
  readonly #bots = Array.from({ length: BOTS }, (_, i) => new Bot(this.#arena.join(botName(i), { bot: true })!))
  #due = 0

  picture(now: number): Picture {
    if (!isCalm()) this.#play(now)
    const ships = this.#bots.map(({ pilot }) => drawnOf(pilot))
    const { x, y } = ships[0]
    const nameOf = (id: number) => botName(id)
    return { now, center: { x, y }, ships, sparks: this.#arena.sparks.all, own: -1, ready: 1, nameOf, stick: undefined }
  }

  #play(now: number): void {
    if (now - this.#due > 200) this.#due = now
    for (; this.#due <= now; this.#due += TICK) {
      for (const bot of this.#bots) this.#arena.move(bot.pilot, bot.steer(this.#arena))
      this.#arena.settle()
    }
  }
}

const drawnOf = ({ id, score, ship }: Bot['pilot']): Drawn => ({
  id,
  score,
  x: ship.x / UNIT,
  y: ship.y / UNIT,
  fx: ship.fx,
  fy: ship.fy,
  dashing: ship.dash > 0,
  shaken: ship.shaken > 0,
})
