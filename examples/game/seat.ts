/** One player's place at the server: what it asked for and may have, what it has been sent and is known to have. */
import type { Arena, Pilot } from './arena.ts'
import type { View } from './delta.ts'
import { WINDOW } from './rules.ts'
import { IDLE, type Steer } from './ship.ts'
import { type Steering, state } from './wire.ts'

/** The other end of a line, as ServerSocket has it. */
export interface Peer {
  readonly state: 'open' | 'closing' | 'closed'
  /** What was sent and is still here. */
  readonly bufferedAmount: number
  send(data: Uint8Array): Promise<void>
  close(code: number, reason: string): unknown
}

/** Steps that may wait for their tick; more than that is late anyhow, and the oldest go. */
const MAX_WAITING = 16
/** Steps that a line that stalled may make up for. Over time nobody makes more steps than there are ticks. */
const SAVED = 10
/** Ticks without a word after which a ship drifts on. */
const PATIENCE = 6
/** Messages: at once, and then for each tick. A page sends one a tick and a ping a second. */
const BURST = 120
const PER_TICK = 2

/** The age of a base in ticks is sent as a byte; what is older is told whole again. */
const OLDEST = 255

export class Seat {
  readonly peer: Peer
  readonly pilot: Pilot
  /** States that were not sent, since the player reads too slowly. */
  skipped = 0
  #waiting: { readonly number: number; readonly steer: Steer }[] = []
  #last = 0
  #ack = 0
  #credit = 0
  #quiet = 0
  #allowance = BURST
  #seen = 0
  readonly #sent = new Map<number, View>()

  constructor(peer: Peer, pilot: Pilot) {
    this.peer = peer
    this.pilot = pilot
  }

  /** Counts a message. False when that is one too many. */
  admit(): boolean {
    return --this.#allowance >= 0
  }

  /** Keeps what is to be done. Returns what is wrong with it. */
  take({ seen, first, steps }: Steering): string | undefined {
    this.#acknowledge(seen)
    if (steps.length > 0 && first !== this.#last + 1) return 'steps are numbered one after the other'
    for (const steer of steps) this.#waiting.push({ number: ++this.#last, steer })
    if (this.#waiting.length > MAX_WAITING) this.#waiting = this.#waiting.slice(-MAX_WAITING)
    return undefined
  }

  /** One tick: a step, or one more where the line stalled before. */
  move(arena: Arena): void {
    this.#allowance = Math.min(this.#allowance + PER_TICK, BURST)
    this.#credit = Math.min(this.#credit + 1, SAVED)
    this.#quiet = this.#waiting.length > 0 ? 0 : this.#quiet + 1
    const steps = Math.min(this.#waiting.length, this.#credit, 2)
    for (const { number, steer } of this.#waiting.splice(0, steps)) {
      arena.move(this.pilot, steer)
      this.#ack = number
    }
    this.#credit -= steps
    if (this.#quiet > PATIENCE) this.#drift(arena)
  }

  /**
   * Sends what the player sees now, as the difference from what it is known to have seen. Only the newest is worth
   * anything: while an older one is still here, or too many are on their way, this one is not sent at all.
   */
  show(tick: number, view: View): void {
    if (this.peer.bufferedAmount > 0 || this.#sent.size >= WINDOW) {
      this.skipped++
      return
    }
    const known = tick - this.#seen > OLDEST ? undefined : this.#sent.get(this.#seen)
    const base = known === undefined ? undefined : { tick: this.#seen, view: known }
    const { ship, score } = this.pilot
    this.tell(state({ tick, ack: this.#ack, waiting: this.#waiting.length, ship, score, view }, base))
    this.#sent.set(tick, view)
  }

  /** A line that is lost tells so by itself. */
  tell(message: Uint8Array): void {
    this.peer.send(message).catch(() => {})
  }

  /** The state that came is what differences are taken from now; older ones need not be kept. */
  #acknowledge(seen: number): void {
    if (seen <= this.#seen || !this.#sent.has(seen)) return
    this.#seen = seen
    for (const tick of this.#sent.keys()) if (tick < seen) this.#sent.delete(tick)
  }

  #drift(arena: Arena): void {
    arena.move(this.pilot, IDLE)
    this.#credit = Math.max(this.#credit - 1, 0)
  }
}
