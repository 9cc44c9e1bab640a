/** Time that stands still until it is told to pass, and a player without a page. */
import { WebSocket } from 'hotline/client'
import { NOTHING, type View } from '../delta.ts'
import type { Time } from '../metronome.ts'
import type { Peer } from '../seat.ts'
import type { Steer } from '../ship.ts'
import { type FromServer, hello, readFromServer, type State, steering } from '../wire.ts'

/** Its timers ring so many milliseconds after they should. */
export class SlowTime implements Time {
  #now = 1000
  readonly #late: number
  #timers: { at: number; call: () => void }[] = []

  constructor(late: number) {
    this.#late = late
  }

  now(): number {
    return this.#now
  }

  later(call: () => void, milliseconds: number): () => void {
    const timer = { at: this.#now + milliseconds + this.#late, call }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  run(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(next.at, this.#now)
      this.#timers = this.#timers.filter(other => other !== next)
      next.call()
    }
    this.#now = end
  }

  /** Time passes, and nothing rings. */
  block(milliseconds: number): void {
    this.#now += milliseconds
  }

  #next(end: number): { at: number; call: () => void } | undefined {
    return this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  }
}

/** What was read of what the server said. */
class Heard {
  readonly all: FromServer[] = []
  #views = new Map<number, View>([[0, NOTHING]])

  add(bytes: Uint8Array): FromServer {
    const message = readFromServer(bytes, tick => this.#views.get(tick))
    if (message.kind === 'unreadable') throw new Error(message.reason)
    if (message.kind === 'state') this.#views.set(message.tick, message.view)
    this.all.push(message)
    return message
  }

  get states(): State[] {
    return this.all.filter(message => message.kind === 'state')
  }
}

/** A line of which the test is the other end. */
export class FakePeer implements Peer {
  state: Peer['state'] = 'open'
  bufferedAmount = 0
  readonly heard = new Heard()
  readonly sizes: number[] = []
  closed: readonly [code: number, reason: string] | undefined

  /** Throws what it cannot read: that is a fault of the server. */
  send(data: Uint8Array): Promise<void> {
    this.sizes.push(data.length)
    this.heard.add(data)
    return Promise.resolve()
  }

  close(code: number, reason: string): void {
    this.state = 'closing'
    this.closed = [code, reason]
  }
}

/** A player over a real line. */
export class Player implements AsyncDisposable {
  readonly socket: WebSocket
  readonly heard = new Heard()
  readonly closed: Promise<readonly [code: number, reason: string]>
  readonly opened: Promise<unknown>
  #number = 0

  constructor(url: string) {
    this.socket = new WebSocket(url)
    this.socket.binaryType = 'arraybuffer'
    this.opened = new Promise(resolve => this.socket.addEventListener('open', resolve))
    this.closed = new Promise(resolve =>
      this.socket.addEventListener('close', ({ code, reason }) => resolve([code, reason])),
    )
    this.socket.addEventListener('message', ({ data }) => this.heard.add(new Uint8Array(data as ArrayBuffer)))
  }

  static async join(url: string, name: string): Promise<Player> {
    const player = new Player(url)
    await player.opened
    player.socket.send(hello(name))
    return player
  }

  steer(...steps: readonly Steer[]): void {
    const seen = this.heard.states.at(-1)?.tick ?? 0
    this.socket.send(steering({ seen, first: this.#number + 1, steps }))
    this.#number += steps.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close()
    await this.closed
  }
}
