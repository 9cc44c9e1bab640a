/** Keeps a connection up: attempts, waits, and the one place where a line changes its state. */
import { ClosedError, UsageError, WebSocketError } from '../../errors.ts'
import { utf8 } from '../../topics/wire/utf8.ts'
import { Attempt, type AttemptOwner } from './attempt.ts'
import { Delays } from './backoff.ts'
import type { Resolved } from './options.ts'
import { type LineData, Outbox, type Waiting } from './outbox.ts'
import { Pulse, type PulseOwner } from './pulse.ts'
import type { LineEnd, LineState } from './state.ts'
import { judge } from './verdict.ts'
import { Watch, type Watcher } from './watch.ts'

export interface KeeperOwner {
  changed(state: LineState): void
  message(data: LineData): void
  /** The connection is gone; `changed` says what comes of it. */
  lost(end: LineEnd): void
  dropped(data: LineData): void
  /** What asks the peer for a sign of life; undefined when there is nothing. */
  question(): LineData | undefined
}

/** Above this the WebSocket has enough, and the rest waits in the queue: WebSockets of browsers do not say when they drain. */
const HIGH_MARK = 65_536
/** Milliseconds between two looks at one that has enough. */
const PUMP = 20

export class Keeper implements AttemptOwner, PulseOwner, Watcher {
  readonly #options: Resolved
  readonly #owner: KeeperOwner
  readonly #delays: Delays
  readonly #outbox: Outbox
  readonly #watch: Watch
  #pulse: Pulse | undefined
  #state: LineState = { status: 'connecting', attempt: 1 }
  #attempt: Attempt | undefined
  /** Until the next attempt; while open, until the line is stable. */
  #timer: { clear(): void } | undefined
  #pumping: { clear(): void } | undefined
  /** While waiting: when the next attempt is due, and before when the server wants none. */
  #dueAt = 0
  #notBefore = 0
  /** What the server asked for on this connection. */
  #retryAfter: number | undefined
  #closing = Promise.resolve()

  constructor(options: Resolved, owner: KeeperOwner) {
    this.#options = options
    this.#owner = owner
    this.#delays = new Delays(options.backoff, options.random)
    this.#outbox = new Outbox(options.queue, data => owner.dropped(data))
    this.#watch = new Watch(options.clock, options.around, this)
  }

  get state(): LineState {
    return this.#state
  }

  /** Messages that wait to be sent. */
  get pending(): number {
    return this.#outbox.count
  }

  /** Hands a message to the WebSocket, or has it wait. `message` is told what becomes of it. */
  send(message: Waiting): void {
    if (this.#state.status === 'closed') {
      message.failed(closedError(this.#state.end))
      return
    }
    if (this.#outbox.count === 0 && this.#takes(HIGH_MARK)) {
      this.#attempt?.send(message.data)
      message.sent()
    } else {
      this.#outbox.add(message)
      this.#pump()
    }
  }

  /** Takes a message back; false when it is on its way already. */
  unsend(message: Waiting): boolean {
    return this.#outbox.remove(message)
  }

  /** Sends before all that waits. Without effect while the line is not open; lost when 16 MiB of it lie unread. */
  tell(data: LineData): void {
    if (this.#takes(16_777_216)) this.#attempt?.send(data)
    else if (this.#takes(Infinity)) this.fail(new WebSocketError('ERR_CONNECTION', 'the server reads nothing'))
  }

  /** The server said how long it may be silent; 0 is for ever. */
  quietAtMost(ms: number): void {
    if (ms > 0) this.#pulse?.atMost(ms)
  }

  /** The server said how long to stay away after this connection. */
  retryAfter(ms: number): void {
    this.#retryAfter = ms
  }

  /** The connection is of no use: it is closed with this code, and what follows is as for any other end. */
  fail(error: Error, code?: number, reason?: string): void {
    this.#attempt?.fail(error, code, reason)
  }

  /** Closes for good. What waits is sent when the line is open; fulfilled when the closing handshake is over. */
  close(code = 1000, reason = '', error?: Error): Promise<void> {
    // RFC 6455 §5.5, §7.4; browsers throw something else, and only when there is a WebSocket.
    if (!(code === 1000 || (code >= 3000 && code <= 4999)) || utf8(reason).length > 123)
      throw new UsageError('close with 1000 or 3000 to 4999, in 123 bytes', 'code')
    if (this.#state.status === 'closed') return this.#closing
    const attempt = this.#attempt
    const opened = this.#state.status === 'open'
    if (opened && error === undefined) this.#drain(Infinity)
    this.#closing = attempt?.close(code, reason) ?? this.#closing
    this.#attempt = undefined
    this.#finish({ by: 'caller', code, reason, opened, error })
    return this.#closing
  }

  // AttemptOwner

  opened(protocol: string): void {
    const { clock, backoff, heartbeat } = this.#options
    this.#timer = clock.setTimeout(() => this.#delays.reset(), backoff.stable)
    this.#become({ status: 'open', protocol })
    if (this.#state.status !== 'open') return
    if (heartbeat !== undefined) this.#pulse = new Pulse(heartbeat, this)
    this.#pump()
  }

  message(data: LineData): void {
    this.#pulse?.heard()
    this.#owner.message(data)
  }

  ended(told: LineEnd): void {
    const end = { ...told, retryAfter: this.#retryAfter ?? told.retryAfter }
    this.#attempt = this.#pulse = undefined
    this.#timer?.clear()
    this.#pumping?.clear()
    this.#owner.lost(end)
    const after = this.#judge(end)
    // Whoever is told may have closed the line.
    if (this.#state.status === 'closed') return
    if (after === false) this.#finish(end)
    else this.#wait(end, after)
  }

  // PulseOwner, Watcher

  ask(): boolean {
    const question = this.#owner.question()
    if (question === undefined) return false
    this.tell(question)
    this.#watch.hasten()
    return true
  }

  isUrgent(): boolean {
    return this.#pulse?.asked === true
  }

  tick(elapsed: number): void {
    this.#pulse?.tick(elapsed)
  }

  /** Sleep is over, or the network or the page came back: what waits need not, and what is open may be no more. */
  woke(): void {
    this.#pulse?.probe()
    if (this.#state.status !== 'waiting') return
    this.#delays.reset()
    const now = this.#options.clock.now()
    const delay = this.#delays.next() + Math.max(0, this.#notBefore - now)
    const left = this.#dueAt - now
    // A timer that should have run already has slept too, and goes on with what was left of it then.
    if (left >= 0 && delay >= left) return
    this.#timer?.clear()
    this.#arm(delay)
  }

  connect(): void {
    const { attempt } = this.#delays
    this.#become({ status: 'connecting', attempt })
    if (this.#state.status !== 'connecting') return
    this.#retryAfter = undefined
    this.#attempt = new Attempt(this.#options, attempt, this)
  }

  #judge(end: LineEnd): false | number {
    try {
      return judge(end, this.#options.retry)
    } catch (error) {
      this.#options.report(error)
      return judge(end)
    }
  }

  #wait(end: LineEnd, after: number): void {
    // A server that goes in order is no failure, however young the line was.
    if (end.code === 1012) this.#delays.reset()
    const now = this.#options.clock.now()
    const { attempt } = this.#delays
    const delay = this.#delays.next(after)
    this.#notBefore = now + after
    this.#arm(delay)
    this.#become({ status: 'waiting', attempt, delay, end })
  }

  #arm(delay: number): void {
    this.#dueAt = this.#options.clock.now() + delay
    this.#timer = this.#options.clock.setTimeout(() => this.connect(), delay)
  }

  #takes(most: number): boolean {
    return this.#state.status === 'open' && this.#attempt?.takes(most) === true
  }

  #drain(most: number): boolean {
    return this.#outbox.drain(
      () => this.#takes(most),
      data => this.#attempt?.send(data),
    )
  }

  #pump(): void {
    this.#pumping?.clear()
    if (this.#state.status !== 'open' || this.#drain(HIGH_MARK)) return
    this.#pumping = this.#options.clock.setTimeout(() => this.#pump(), PUMP)
  }

  #finish(end: LineEnd): void {
    this.#timer?.clear()
    this.#pumping?.clear()
    this.#watch.stop()
    this.#pulse = undefined
    this.#become({ status: 'closed', end })
    this.#outbox.fail(closedError(end))
  }

  #become(state: LineState): void {
    this.#state = state
    this.#owner.changed(state)
  }
}

/** What everything gets that comes after the end. */
export const closedError = ({ code, reason, error }: LineEnd): WebSocketError =>
  error instanceof WebSocketError && error.code === 'ERR_ABORTED'
    ? error
    : new ClosedError(code, reason, { cause: error })
