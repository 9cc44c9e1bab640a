/** The events of the WebSocket class, and event handler attributes as HTML defines them. WebSockets standard §5, §6 */
import type { WebSocketError } from '../errors.ts'
import { asInterface, toText, toUint16 } from './convert.ts'

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
    this.#wasClean = Boolean(init.wasClean)
    this.#code = toUint16(init.code ?? 0)
    this.#reason = init.reason === undefined ? '' : toText(init.reason)
    this.#error = init.error
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

asInterface(CloseEvent, 'CloseEvent', ['wasClean', 'code', 'reason', 'error'])
asInterface(ErrorEvent, 'ErrorEvent', ['error', 'message'])

/** What an on… attribute holds. */
export type EventHandler<E extends Event> = ((this: EventTarget, event: E) => unknown) | null

/**
 * Event handler attributes: the first assignment registers a listener in order, later ones replace what it calls, and
 * null takes it away. HTML §8.1.8.1
 */
export class HandlerAttributes {
  readonly #target: EventTarget
  readonly #handlers = new Map<string, { handler: EventHandler<never>; listener: (event: Event) => void }>()

  constructor(target: EventTarget) {
    this.#target = target
  }

  get<E extends Event>(type: string): EventHandler<E> {
    return (this.#handlers.get(type)?.handler ?? null) as EventHandler<E>
  }

  set<E extends Event>(type: string, value: EventHandler<E>): void {
    const handler = typeof value === 'function' || (typeof value === 'object' && value !== null) ? value : null
    const known = this.#handlers.get(type)
    if (handler === null) {
      if (known !== undefined) this.#target.removeEventListener(type, known.listener)
      this.#handlers.delete(type)
    } else if (known !== undefined) known.handler = handler as EventHandler<never>
    else this.#add(type, handler as EventHandler<never>)
  }

  #add(type: string, handler: EventHandler<never>): void {
    const entry = {
      handler,
      listener: (event: Event): void => {
        const current = entry.handler as unknown
        if (typeof current === 'function' && current.call(this.#target, event) === false) event.preventDefault()
      },
    }
    this.#handlers.set(type, entry)
    this.#target.addEventListener(type, entry.listener)
  }
}
