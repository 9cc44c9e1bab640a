/** What a route does with one open socket. */
import type { ConnectionParts } from '../connection/connection.ts'
import type { Message } from '../connection/inbox.ts'
import { type Report, Session } from '../connection/session.ts'
import { CloseCode, type Closed } from '../protocol/close.ts'
import type { ErrorContext } from './options.ts'
import type { Handlers, Route, ServerSocket } from './routes.ts'

/** What the sessions of a server tell. */
export interface RouteOwner {
  failed(error: unknown, context: ErrorContext): void
  /** The line has ended. */
  closed(session: RouteSession): void
}

/** How a server ends a line when it closes. */
export interface Ending {
  readonly code: number
  readonly reason: string
  /** Milliseconds, for a peer that it can be told. */
  readonly retryAfter: number | undefined
}

/** A session on a route. All that a server holds for a socket is in this one object: there are many of them. */
export class RouteSession extends Session {
  readonly #owner: RouteOwner
  #socket: ServerSocket | undefined
  #handlers: Handlers | undefined
  /** Which of the application's functions runs, so that an error can be told with its place. */
  #phase: ErrorContext['phase'] = 'route'

  constructor(parts: ConnectionParts, owner: RouteOwner) {
    super(parts, tell as Report)
    this.#owner = owner
  }

  get socket(): ServerSocket {
    return this.#socket as ServerSocket
  }

  /** Attaches the route in this very step, so that no message can come before. */
  run(route: Route, socket: ServerSocket): void {
    this.#socket = socket
    if (typeof route === 'function' || route.run !== undefined) this.#runFunction(route, socket)
    else this.#runHandlers(route, socket)
  }

  override closed(result: Closed): void {
    super.closed(result)
    this.#owner.closed(this)
  }

  /** Closes, because the server does. */
  end({ code, reason }: Ending): void {
    this.connection.sender.close(code, reason)
  }

  tell(error: unknown): void {
    this.#owner.failed(error, { phase: this.#phase, socket: this.socket })
  }

  handle(message: Message): unknown {
    this.#phase = 'message'
    return this.#handlers?.message?.(this.socket, message)
  }

  /** The line closes when the function returns. Not an async function, which would be kept beside the application's. */
  #runFunction(route: Route, socket: ServerSocket): void {
    let done: unknown
    try {
      done = typeof route === 'function' ? route(socket as ServerSocket<undefined>) : route.run?.(socket)
    } catch (error) {
      done = Promise.reject(error)
    }
    this.running(Promise.resolve(done).then(() => this.connection.sender.close(CloseCode.normal, '')))
  }

  #runHandlers(handlers: Handlers, socket: ServerSocket): void {
    this.#phase = 'open'
    let opening: unknown
    try {
      opening = handlers.open?.(socket)
    } catch (error) {
      this.handlerFailed(error)
    }
    this.#handlers = handlers
    this.deliverTo(handle, opening)
    if (handlers.close !== undefined) this.afterLast(closed => this.running(this.#callClose(handlers, closed)))
  }

  async #callClose(handlers: Handlers, closed: Closed): Promise<void> {
    this.#phase = 'close'
    await handlers.close?.(this.socket, closed)
  }
}

// Methods of every session, so that none has functions of its own.

function tell(this: RouteSession, error: unknown): void {
  this.tell(error)
}

function handle(this: RouteSession, message: Message): unknown {
  return this.handle(message)
}
