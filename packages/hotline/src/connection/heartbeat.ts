/** Pings with their round-trip time, and the heartbeat that finds dead peers. RFC 6455 §5.5.2, §5.5.3 */
import { LimitError, TimeoutError, type WebSocketError } from '../errors.ts'
import { CloseCode } from '../protocol/close.ts'
import { type Deferred, deferred } from './deferred.ts'
import type { Heartbeat as HeartbeatLimits } from './limits.ts'
import type { Runtime } from './runtime.ts'
import type { Waiter } from './timeouts.ts'

/** What a heartbeat needs of its connection. */
export interface Pulse {
  sendPing(payload: Uint8Array): void
  /** The peer has answered a ping after so many milliseconds. */
  roundTrip(ms: number): void
  /** True while reading is paused: then a silent peer is our own doing. */
  readonly paused: boolean
  /** The peer did not answer. */
  terminate(error: WebSocketError): void
}

interface Pending {
  readonly id: number
  readonly sentAt: number
  readonly answer: Deferred<number>
}

/** Pings that may be on their way at the same time; the oldest is given up for a further one. */
const MAX_PENDING = 16

export class Heartbeat implements Waiter {
  readonly #runtime: Runtime
  readonly #pulse: Pulse
  readonly #limits: HeartbeatLimits | false
  /** Pings that were not answered yet. */
  #pending: Pending[] | undefined
  #nextId = 1
  /** True while a ping of our own waits for a sign of life. */
  #waiting = false
  #heard = false
  dueAt = 0
  /** Milliseconds of the last ping that was answered. */
  roundTripTime: number | undefined

  constructor(runtime: Runtime, limits: HeartbeatLimits | false, pulse: Pulse) {
    this.#runtime = runtime
    this.#limits = limits
    this.#pulse = pulse
    this.#arm()
  }

  /** Bytes came from the peer, so it lives. */
  heard(): void {
    this.#heard = true
  }

  /** Reading goes on after a pause: the peer gets its time again, since its answer may lie unread. */
  resumed(): void {
    this.#heard = true
  }

  /** Sends a ping; the promise gives the milliseconds until its pong. */
  ping(): Promise<number> {
    const id = this.#nextId++
    const answer = deferred<number>()
    this.#pending ??= []
    if (this.#pending.length === MAX_PENDING) this.#pending.shift()?.answer.reject(tooMany())
    this.#pending.push({ id, sentAt: this.#runtime.clock.now(), answer })
    this.#pulse.sendPing(payloadOf(id))
    return answer.promise
  }

  /** A pong came: it answers its ping and those before, which the peer may have passed over. RFC 6455 §5.5.3 */
  pong(bytes: Uint8Array, start: number, end: number): void {
    const pending = this.#pending
    if (pending === undefined) return
    const id = end - start === 4 ? idOf(bytes, start) : 0
    const index = pending.findIndex(one => one.id === id)
    const now = this.#runtime.clock.now()
    for (const { sentAt, answer } of pending.splice(0, index + 1)) {
      this.roundTripTime = now - sentAt
      answer.resolve(this.roundTripTime)
    }
    if (index >= 0) this.#pulse.roundTrip(this.roundTripTime as number)
    if (pending.length === 0) this.#pending = undefined
  }

  /** The connection is over: pings that wait get the error, which is only made for them. */
  stop(makeError: () => Error): void {
    if (this.#limits !== false) this.#runtime.timeouts.stop(this, this.#wait(this.#limits))
    if (this.#pending === undefined) return
    const error = makeError()
    for (const { answer } of this.#pending) answer.reject(error)
    this.#pending = undefined
  }

  #arm(): void {
    if (this.#limits !== false) this.#runtime.timeouts.start(this, this.#wait(this.#limits))
  }

  #wait({ interval, timeout }: HeartbeatLimits): number {
    return this.#waiting ? timeout : interval
  }

  /** An interval is over, or the time to answer. */
  due(): void {
    const { timeout } = this.#limits as HeartbeatLimits
    const quiet = !this.#heard
    this.#heard = false
    if (quiet && this.#waiting && !this.#pulse.paused) {
      this.#pulse.terminate(
        new TimeoutError('the peer did not answer a ping', { option: 'heartbeat.timeout', value: timeout }),
      )
      return
    }
    this.#waiting = quiet
    if (quiet) this.ping()
    this.#arm()
  }
}

function payloadOf(id: number): Uint8Array {
  return new Uint8Array([id >>> 24, id >>> 16, id >>> 8, id])
}

function idOf(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

const tooMany = (): LimitError =>
  new LimitError(
    'too many pings without an answer',
    { option: 'pendingPings', value: MAX_PENDING },
    CloseCode.policyViolation,
  )
