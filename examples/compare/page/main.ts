/** The page: four lanes at once, what each has come to, and who wins. */
import type { LineState } from 'hotline/client'
import { byId, say } from '../../look/dom.ts'
import { LANES, type Lane } from '../words.ts'
import { type Figures, LaneFigures } from './figures.ts'
import { RUN } from './lanes.ts'
import { Plot } from './plot.ts'
import { Screen } from './screen.ts'
import { Session } from './session.ts'
import { crowd, SettingsForm } from './settings.ts'
import { verdict } from './verdict.ts'

/** Milliseconds between two drawings, and how often the verdict is thought over. */
const DRAW = 500
const THINK = 2000

/** What a server with no room left closes with. */
const FULL = 4503

const screen = new Screen()
const plot = new Plot(byId('plot', HTMLElement))
const figures = new Map(LANES.map(lane => [lane, new LaneFigures()]))
const settings = new SettingsForm(changed, show)
let running = new AbortController()
let connected = false

const url = new URL('/compare/figures', location.href).href.replace(/^http/, 'ws')
const session = new Session(url, settings.rate, {
  visit: begin,
  counted({ published, lanes }) {
    for (const lane of LANES) figures.get(lane)?.count(lanes[lane], published, performance.now())
  },
  status,
})

/** All lanes anew, on a feed that begins. */
function begin(visit: string): void {
  running.abort()
  running = new AbortController()
  const { signal } = running
  for (const lane of LANES) {
    const own = figures.get(lane) as LaneFigures
    own.reset(true)
    screen.state(lane, undefined)
    RUN[lane]({
      visit,
      signal,
      interval: () => settings.interval,
      state: trouble => signal.aborted || screen.state(lane, trouble),
      hear(update) {
        if (signal.aborted) return
        const age = Math.max(0, session.now - update.at)
        if (own.hear(update, age)) plot.add(lane, age)
      },
    })
  }
}

/** Nothing is measured while the server is gone; the line tries again by itself, and a visit begins. */
function status(state: LineState): void {
  const line = byId('line', HTMLElement)
  line.dataset['status'] = state.status
  say('line-word', words(state))
  if (state.status === 'open') connected = true
  if (state.status !== 'waiting' && state.status !== 'closed') return
  running.abort()
  for (const lane of LANES) screen.state(lane, 'Stands still.')
}

function words(state: LineState): string {
  if (state.status === 'open') return 'Measuring'
  if (state.status === 'connecting') return connected ? 'Connecting again…' : 'Connecting…'
  if (state.status === 'closed') return `The server said no: ${state.end.reason || state.end.code}`
  if (state.end.code === FULL) return `The server says: ${state.end.reason}. It is tried again.`
  return connected ? 'The server is gone. It is tried again.' : 'The server does not answer. It is tried again.'
}

/** What is measured is another thing from now on. */
function changed(): void {
  session.rate = settings.rate
  for (const own of figures.values()) own.reset(false)
  show()
  think()
}

function show(): void {
  say('crowd-clients', crowd(settings.clients))
  for (const [lane, own] of figures) screen.show(lane, own.view, settings.clients)
  plot.draw()
}

function think(): void {
  const views = Object.fromEntries([...figures].map(([lane, own]) => [lane, own.view])) as Record<Lane, Figures>
  const { headline, text } = verdict(settings, views)
  say('verdict-title', headline)
  say('verdict-text', text)
}

show()
think()
setInterval(show, DRAW)
setInterval(think, THINK)
