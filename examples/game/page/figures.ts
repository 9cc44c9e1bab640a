/** What stands beside the arena: the best, the figures of the line, and now and then a sentence for who does not see it. */
import { byId, say } from '../../look/dom.ts'
import { GRAIN } from '../rules.ts'
import type { Table } from '../wire.ts'
import type { Drawn } from './scene.ts'
import type { Session } from './session.ts'
import { Strip } from './strip.ts'

/** Milliseconds between two looks at the figures, and between two sentences. */
const REFRESH = 250
const SENTENCE = 10_000

export class Figures {
  readonly #strip = new Strip(byId('strip', HTMLCanvasElement))
  #refreshed = 0
  #spoken = 0
  #table: Table | undefined

  /** A state came. */
  measured(bytes: number, correction: number): void {
    this.#strip.add({ bytes, correction })
  }

  table(session: Session, table: Table): void {
    this.#table = table
    const { rate, cpu, people, bots, skipped, rank } = table
    say('rate', rate === 0 ? '–' : rate.toFixed(1))
    say('cpu', rate === 0 ? '–' : `${cpu.toFixed(1)} %`)
    say('playing', `${people} + ${bots} bots`)
    say('skipped', String(skipped))
    say('rank', `${rank} of ${people + bots}`)
    this.#best(session, table)
  }

  /** Each frame; most of the time there is nothing to do. */
  frame(session: Session, ships: readonly Drawn[], now: number): void {
    if (now - this.#refreshed < REFRESH) return
    this.#refreshed = now
    const { bytes, correction } = this.#strip.recent
    say('bytes', `${Math.round(bytes)} bytes`)
    say('correction', `${correction.toFixed(1)} px`)
    say('trip', `${session.roundTrip} ms`)
    say('ahead', String(session.prediction?.ahead ?? 0))
    say('delay', `${Math.round(session.scene.delay)} ms`)
    say('sight', String(ships.length))
    say('score', String(session.score))
    say('unit', session.score === 1 ? 'spark' : 'sparks')
    this.#strip.draw()
    this.#speak(session, now)
  }

  /** Nothing that is said was true of the next game. */
  forget(): void {
    this.#spoken = 0
    this.#table = undefined
    say('summary', '')
  }

  #best({ id, names }: Session, { best }: Table): void {
    const rows = best.map(one => {
      const [row, who, score] = [
        document.createElement('li'),
        document.createElement('span'),
        document.createElement('b'),
      ]
      who.className = one.id === id ? 'who own' : 'who'
      who.textContent = names.get(one.id)?.name ?? '…'
      score.textContent = String(one.score)
      row.append(who, score)
      return row
    })
    byId('ranking', HTMLElement).replaceChildren(...rows)
  }

  #speak(session: Session, now: number): void {
    if (this.#table === undefined || now - this.#spoken < SENTENCE) return
    this.#spoken = now
    const { rank, people, bots } = this.#table
    say('summary', `Place ${rank} of ${people + bots}, ${session.score} sparks. ${nearest(session)}`)
  }
}

/** Which way the nearest spark is. */
function nearest({ prediction, scene }: Session): string {
  if (prediction === undefined) return ''
  const { x, y } = prediction.at(1)
  const away = scene.sparks.map(spark => [spark.x / GRAIN - x, spark.y / GRAIN - y] as const)
  const [right, down] = away.sort((a, b) => Math.hypot(...a) - Math.hypot(...b))[0] ?? [0, 0]
  if (right === 0 && down === 0) return 'No spark is near.'
  const words = [
    Math.abs(down) > Math.abs(right) / 2 ? (down < 0 ? 'up' : 'down') : '',
    Math.abs(right) > Math.abs(down) / 2 ? (right < 0 ? 'left' : 'right') : '',
  ]
  return `The nearest spark is ${words.filter(Boolean).join(' and ')}.`
}
