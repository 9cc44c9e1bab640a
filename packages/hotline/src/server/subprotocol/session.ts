/** A session whose client speaks hotline.1. The others do not hold what only this one needs. */
import type { ConnectionParts } from '../../connection/connection.ts'
import type { Message } from '../../connection/inbox.ts'
import type { Closed } from '../../protocol/close.ts'
import type { Route, ServerSocket } from '../routes.ts'
import { type Ending, type RouteOwner, RouteSession } from '../run.ts'
import type { ServerTopics } from '../topics.ts'
import { Line } from './line.ts'
import type { LineRules } from './rules.ts'

export interface LineSessionParts {
  readonly rules: LineRules
  readonly topics: ServerTopics
  /** Milliseconds; 0 for none. */
  readonly heartbeat: number
}

export class LineSession extends RouteSession {
  readonly #parts: LineSessionParts
  readonly #owner: RouteOwner
  #line: Line | undefined

  constructor(parts: ConnectionParts, owner: RouteOwner, own: LineSessionParts) {
    super(parts, owner)
    this.#owner = owner
    this.#parts = own
  }

  /** The line is there before the application is told of its socket, and its first message is the first of all. */
  override run(route: Route, socket: ServerSocket): void {
    const { rules, topics, heartbeat } = this.#parts
    const failed = (error: unknown, phase: 'request' | 'topic'): void => this.#owner.failed(error, { phase, socket })
    this.#line = new Line(socket, { rules, topics, failed })
    topics.add(this.#line)
    this.#line.welcome(heartbeat)
    super.run(route, socket)
  }

  override handle(message: Message): unknown {
    return this.#line?.handle(message)
  }

  /** A client that reads too slowly is told when to come back. */
  lastWord(): string | Uint8Array | undefined {
    return this.#line?.retryMessage()
  }

  override closed(result: Closed): void {
    this.#line?.closed(result)
    super.closed(result)
  }

  override end(ending: Ending): void {
    if (ending.retryAfter !== undefined) this.#line?.retry(ending.retryAfter)
    super.end(ending)
  }

  /** Requests that are being answered are work of the application too. */
  override async whenIdle(): Promise<void> {
    await super.whenIdle()
    await this.#line?.whenIdle()
  }
}
