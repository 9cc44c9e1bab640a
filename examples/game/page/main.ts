/** The game's page: a form, the arena, and what is said when the line is away. */
import type { LineState } from 'hotline/client'
import { byId, say } from '../../look/dom.ts'
import { cut, lengthOf, tidy } from '../names.ts'
import { DASH_REST, GRAIN, MAX_NAME, SHIP_RADIUS, SPARK_RADIUS, TICK } from '../rules.ts'
import { Controls } from './controls.ts'
import { Demo } from './demo.ts'
import { Painter, type Picture } from './draw.ts'
import { Figures } from './figures.ts'
import type { Place } from './prediction.ts'
import type { Drawn } from './scene.ts'
import { Session } from './session.ts'
import { Sliders } from './sliders.ts'
import { saying } from './words.ts'

/** `lobby` before a game, `away` while there is none to see, `playing`. */
type Phase = 'lobby' | 'away' | 'playing'

const stage = byId('stage', HTMLElement)
const canvas = byId('canvas', HTMLCanvasElement)
const arena = byId('arena', HTMLElement)
const name = byId('name', HTMLInputElement)
const dash = byId('dash', HTMLButtonElement)
const notice = byId('notice', HTMLElement)

const painter = new Painter(canvas)
const controls = new Controls(arena, dash)
const figures = new Figures()
const demo = new Demo()
const sliders = new Sliders(weather => {
  if (session !== undefined) session.weather = weather
})
let session: Session | undefined
let last = performance.now()

/** Milliseconds without a state after which the page says so, and after which it tries another line. */
const SILENT = 1_500
const DEAD = 10_000

function enter(phase: Phase): void {
  stage.dataset['phase'] = phase
  byId('join', HTMLElement).hidden = phase !== 'lobby'
  byId('leave', HTMLElement).hidden = phase === 'lobby'
  byId('me', HTMLElement).hidden = phase !== 'playing'
  byId('best', HTMLElement).hidden = phase !== 'playing'
  dash.hidden = phase !== 'playing' || !matchMedia('(pointer: coarse)').matches
  notice.hidden = phase !== 'away'
}

/** Shown in the middle of the arena, and read out. */
function tell(text: string): void {
  say('notice-text', text)
  say('told', text)
}

function play(player: string): void {
  const url = new URL('/game', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  session = new Session(url, player, {
    steer: () => controls.steer,
    status: changed,
    welcomed: () => {
      enter('playing')
      say('told', 'You are in. The arena has the keys.')
      arena.focus({ preventScroll: true })
      stage.scrollIntoView({ block: 'nearest' })
    },
    measured: (_, bytes) => figures.measured(bytes, session?.prediction?.correction ?? 0),
    table: table => session && figures.table(session, table),
  })
  session.weather = sliders.weather
  enter('away')
  tell('Opening the line …')
}

/** A line that is open may be dead: nothing comes, and nobody said that it was over. */
function mind({ heard }: Session, now: number): void {
  const silent = stage.dataset['phase'] === 'playing' && now - heard > SILENT
  if (silent) tell('Nothing comes any more. Waiting for the server …')
  notice.hidden = stage.dataset['phase'] !== 'away' && !silent
  if (now - heard < DEAD || stage.dataset['phase'] !== 'playing') return
  session?.close()
  play(tidied())
}

function changed(state: LineState): void {
  const text = saying(state)
  if (text === undefined) return
  figures.forget()
  tell(text)
  enter('away')
  if (state.status === 'closed') leave(text)
}

/** Back to the form, with a word why when it was not the player's own wish. */
function leave(why = `Up to ${MAX_NAME} characters.`): void {
  session?.close()
  session = undefined
  figures.forget()
  enter('lobby')
  say('name-note', why)
  name.focus({ preventScroll: true })
}

/** One frame of the game. */
function picture({ scene, prediction, names, id, score, stepped }: Session, now: number): Picture | undefined {
  if (prediction === undefined) return undefined
  prediction.age(now - last)
  const at = prediction.at(Math.min((now - stepped) / TICK, 1))
  const { fx, fy, dash, rest, shaken } = prediction.ship
  const own: Drawn = { id, score, ...at, fx, fy, dashing: dash > 0, shaken: shaken > 0 }
  return {
    now,
    center: at,
    ships: [...scene.at(now), own],
    sparks: scene.sparks.filter(spark => !isReached(spark, at)),
    own: id,
    ready: 1 - rest / DASH_REST,
    nameOf: other => names.get(other)?.name ?? '',
    stick: controls.stick,
  }
}

/** The server will say so in a moment: it is not drawn any more. */
const isReached = (spark: Place, { x, y }: Place): boolean =>
  Math.hypot(spark.x / GRAIN - x, spark.y / GRAIN - y) < SHIP_RADIUS + SPARK_RADIUS - 2

function frame(now: number): void {
  const playing = session && picture(session, now)
  const shown = playing ?? (session === undefined ? demo.picture(now) : undefined)
  if (shown !== undefined) painter.draw(shown)
  if (session !== undefined) mind(session, now)
  if (session !== undefined && playing !== undefined) figures.frame(session, playing.ships, now)
  if (playing !== undefined) canvas.dispatchEvent(new CustomEvent('drawn', { detail: playing }))
  last = now
  requestAnimationFrame(frame)
}

/** A name is what is seen of it, and no longer than it may be; the page says so when it had to cut. */
function tidied(): string {
  const tidied = tidy(name.value)
  const long = lengthOf(tidied) > MAX_NAME
  if (long) {
    name.value = cut(tidied)
    say(
      'name-note',
      `That was ${lengthOf(tidied).toLocaleString('en')} characters; a name has ${MAX_NAME}, so it was cut.`,
    )
  }
  return cut(tidied)
}

name.addEventListener('input', () => void tidied())
byId('join', HTMLFormElement).addEventListener('submit', event => {
  event.preventDefault()
  play(tidied())
})
byId('leave', HTMLButtonElement).addEventListener('click', () => leave())
enter('lobby')
requestAnimationFrame(frame)
