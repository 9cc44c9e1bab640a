/** One player's line to the server: it comes back by itself, and what comes over it is the scene and the prediction. */
import { connect, type Line, type LineState } from 'hotline/client'
import { Metronome } from '../metronome.ts'
import { TICK } from '../rules.ts'
import type { Steer } from '../ship.ts'
import { type FromServer, hello, type Named, ping, readFromServer, type State, steering, type Table } from '../wire.ts'
import { Prediction } from './prediction.ts'
import { Scene } from './scene.ts'
import { Way, type Weather } from './weather.ts'

/** What the page is told. */
export interface Watcher {
  steer(): Steer
  status(state: LineState): void
  welcomed(): void
  measured(state: State, bytes: number): void
  table(table: Table): void
}

/** Steps that wait at the server for so many states on end are one too many: a step is left out. */
const CROWD = 2
const PATIENCE = 40

export class Session {
  scene = new Scene()
  prediction: Prediction | undefined
  readonly names = new Map<number, Named>()
  id = -1
  score = 0
  /** Milliseconds, of the last ping. */
  roundTrip = 0
  /** When the last state came. */
  heard = 0
  /** When the last step was done. */
  stepped = 0
  readonly #watcher: Watcher
  readonly #name: string
  readonly #line: Line
  readonly #out = new Way<Uint8Array>(bytes => this.#send(bytes))
  readonly #in = new Way<Uint8Array>(bytes => this.#receive(bytes))
  readonly #steps = new Metronome(() => this.#step(), TICK)
  readonly #pings = new Metronome(() => this.#out.send(ping(performance.now() >>> 0)), 1000)
  #crowded = 0

  constructor(url: URL, name: string, watcher: Watcher) {
    this.#watcher = watcher
    this.#name = name
    // excerpt
    this.#line = connect(url, { protocols: [], backoff: { base: 500, cap: 4_000, stable: 5_000 } })
    this.#line.on('status', state => this.#changed(state))
    this.#line.on('message', message => {
      if (typeof message !== 'string') this.#in.send(message)
    })
    // end of excerpt
  }

  set weather(weather: Weather) {
    this.#out.weather = weather
    this.#in.weather = weather
  }

  /** Leaves the game. */
  close(): void {
    this.#rest()
    void this.#line.close()
  }

  #changed(state: LineState): void {
    this.#rest()
    if (state.status === 'open') this.#out.send(hello(this.#name))
    this.#watcher.status(state)
  }

  /** Nothing of an old line is worth anything on the next one. */
  #rest(): void {
    this.#steps.stop()
    this.#pings.stop()
    this.#out.clear()
    this.#in.clear()
  }

  #send(bytes: Uint8Array): void {
    if (this.#line.status === 'open') this.#line.send(bytes).catch(() => {})
  }

  #receive(bytes: Uint8Array): void {
    const message = readFromServer(bytes, tick => this.scene.viewOf(tick))
    if (message.kind === 'unreadable') return void this.#line.close(4000, message.reason)
    this.#heard(message, bytes.length)
  }

  #heard(message: FromServer, bytes: number): void {
    if (message.kind === 'state') this.#state(message, bytes)
    else if (message.kind === 'roster') for (const named of message.pilots) this.names.set(named.id, named)
    else if (message.kind === 'table') this.#watcher.table(message)
    else if (message.kind === 'welcome') this.#begin(message.id)
    else this.roundTrip = (performance.now() >>> 0) - message.stamp
  }

  #begin(id: number): void {
    this.id = id
    this.scene = new Scene()
    this.prediction = undefined
    this.heard = performance.now()
    this.names.clear()
    this.#steps.start()
    this.#pings.start()
    this.#watcher.welcomed()
  }

  #state(state: State, bytes: number): void {
    this.heard = performance.now()
    this.scene.add(state.tick, state.view, this.heard)
    this.score = state.score
    this.prediction ??= new Prediction(state.ship)
    this.prediction.reconcile(state.ack, state.ship)
    this.#crowded = state.waiting >= CROWD ? this.#crowded + 1 : 0
    this.#watcher.measured(state, bytes)
  }

  /** One tick here: a step is done at once, and told. */
  #step(): void {
    if (this.prediction === undefined) return
    if (this.#crowded > PATIENCE) {
      this.#crowded = 0
      return
    }
    const steer = this.#watcher.steer()
    const first = this.prediction.step(steer)
    this.stepped = performance.now()
    this.#out.send(steering({ seen: this.scene.tick, first, steps: [steer] }))
  }
}
