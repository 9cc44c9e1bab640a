/** The deadlines of one connection: to close, to make progress in writing, to say something. */
import { LimitError, type ProtocolError, TimeoutError } from '../errors.ts'
import { CloseCode } from '../protocol/close.ts'
import type { Clock, Timer } from './clock.ts'
import type { Limits } from './limits.ts'

/** What deadlines need of their connection. */
export interface Deadlined {
  /** Bytes that wait for the peer. */
  readonly queued: number
  /** True while reading is paused: then a silent peer is our own doing. */
  readonly paused: boolean
  terminate(error: TimeoutError): void
  fail(error: ProtocolError): void
}

export class Deadlines {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #connection: Deadlined
  #closing: Timer | undefined
  #writing: Timer | undefined
  #idle: Timer | undefined
  #progressed = false
  #active = false
  #stopped = false

  constructor(clock: Clock, limits: Limits, connection: Deadlined) {
    this.#clock = clock
    this.#limits = limits
    this.#connection = connection
    if (limits.idleTimeout > 0) this.#watchIdle()
  }

  /** A message came. */
  active(): void {
    this.#active = true
  }

  /** Some of what waits has left. */
  progressed(): void {
    this.#progressed = true
  }

  /** The closing handshake has begun, or what stands for it: it has so long to end. */
  closing(): void {
    if (this.#closing !== undefined || this.#stopped) return
    const limit = { option: 'closeTimeout', value: this.#limits.closeTimeout }
    this.#closing = this.#clock.setTimeout(() => {
      this.#connection.terminate(new TimeoutError('the closing handshake took too long', limit))
    }, limit.value)
  }

  /** Something waits for the peer. One timer serves for as long as that is so. */
  writing(): void {
    if (this.#writing !== undefined || this.#stopped) return
    const limit = { option: 'writeTimeout', value: this.#limits.writeTimeout }
    this.#progressed = false
    this.#writing = this.#clock.setTimeout(() => {
      this.#writing = undefined
      if (this.#connection.queued === 0) return
      if (this.#progressed) this.writing()
      else this.#connection.terminate(new TimeoutError('the peer stopped reading', limit))
    }, limit.value)
  }

  stop(): void {
    this.#stopped = true
    this.#closing?.clear()
    this.#writing?.clear()
    this.#idle?.clear()
  }

  #watchIdle(): void {
    const limit = { option: 'idleTimeout', value: this.#limits.idleTimeout }
    this.#active = false
    this.#idle = this.#clock.setTimeout(() => {
      if (this.#active || this.#connection.paused) this.#watchIdle()
      else this.#connection.fail(new LimitError('no message for too long', limit, CloseCode.policyViolation))
    }, limit.value)
  }
}
