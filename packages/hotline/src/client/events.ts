/** The events of the WebSocket class. WebSockets standard §6 */
import type { WebSocketError } from '../errors.ts'
import { asInterface, toScalars, toUint16 } from './convert.ts'

type EventInit = NonNullable<ConstructorParameters<typeof Event>[1]>

/** The fields of a CloseEvent. */
export interface CloseEventInit extends EventInit {
  wasClean?: boolean
  code?: number
  reason?: string
  /** Not in the standard: why the line was lost, or the handshake failed. */
  error?: WebSocketError | undefined
}

/** Fired when the line has ended. WebSockets standard §6 */
export class CloseEvent extends Event {
  readonly #wasClean: boolean
  readonly #code: number
  readonly #reason: string
  readonly #error: WebSocketError | undefined

  constructor(type: string, init: CloseEventInit = {}) {
    super(type, init)
    // biome-ignore lint/complexity/noArguments: without a type it is a TypeError (Web IDL)
    if (arguments.length === 0) throw new TypeError('a CloseEvent needs a type')
    // A dictionary may be null, and its members are read by the alphabet (Web IDL §3.2.17).
    const { code, reason, wasClean, error } = (init as CloseEventInit | null) ?? {}
    this.#code = code === undefined ? 0 : toUint16(code)
    this.#reason = reason === undefined ? '' : toScalars(reason)
    this.#wasClean = Boolean(wasClean)
    this.#error = error
  }

  get wasClean(): boolean {
    return this.#wasClean
  }

  get code(): number {
    return this.#code
  }

  get reason(): string {
    return this.#reason
  }

  /** Beside the standard: why the line was lost, or the handshake failed (`HandshakeError.status`, `.headers`). */
  get error(): WebSocketError | undefined {
    return this.#error
  }
}

/** Fired before the close event of a line that failed. Beside the standard's plain Event, it says why. */
export class ErrorEvent extends Event {
  readonly #error: WebSocketError | undefined

  constructor(type: string, init: EventInit & { error?: WebSocketError | undefined } = {}) {
    super(type, init)
    this.#error = init.error
  }

  get error(): WebSocketError | undefined {
    return this.#error
  }

  get message(): string {
    return this.#error?.message ?? ''
  }
}

/** The events of a WebSocket by their names. */
export interface WebSocketEventMap {
  open: Event
  message: MessageEvent
  error: ErrorEvent
  close: CloseEvent
}

asInterface(CloseEvent, 'CloseEvent', ['wasClean', 'code', 'reason', 'error'])
asInterface(ErrorEvent, 'ErrorEvent', ['error', 'message'])
