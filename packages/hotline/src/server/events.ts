/** What the channels of node:diagnostics_channel carry. */
import type { HandshakeOutcome } from '../observe/tally.ts'
import type { Closed } from '../protocol/close.ts'
import type { SlowPolicy } from '../topics/rules.ts'
import type { CloseReport } from './closing.ts'
import type { ErrorContext } from './options.ts'
import type { ServerSocket } from './routes.ts'
import type { Server } from './server.ts'

/** `hotline:server:handshake`: a request to open a line has had its answer. */
export interface HandshakeEvent {
  readonly server: Server
  /** Its number among those of the server; a socket that comes of it has it as `id`. */
  readonly id: number
  readonly outcome: HandshakeOutcome
  /** Undefined where the client went before. */
  readonly status?: number
  readonly reason: string
  /** The client's address, behind the proxies that `trustProxy` names. */
  readonly address: string
  /** Undefined where the request has none. Its query may have secrets in it. */
  readonly url: URL | undefined
  readonly origin: string | undefined
  /** Milliseconds from the request to the answer. */
  readonly ms: number
}

/** `hotline:server:open`: a line is open; its route has not been called yet. */
export interface OpenEvent {
  readonly server: Server
  readonly socket: ServerSocket
}

/** `hotline:server:close`: a line has ended. */
export interface CloseEvent {
  readonly server: Server
  readonly socket: ServerSocket
  readonly closed: Closed
}

/** `hotline:server:error`: code of the application threw, as `report` is told. */
export interface ErrorEvent extends ErrorContext {
  readonly server: Server
  readonly error: unknown
}

/** `hotline:server:limit`: a line has passed a limit, and was refused what it asked for, or ended. */
export interface LimitEvent {
  readonly server: Server
  readonly socket: ServerSocket
  /** The option that sets it, and the value it has. */
  readonly option: string
  readonly value: number
}

/** `hotline:server:drop`: a reader was too slow for a topic. Told when it is told itself, not for each publication. */
export interface DropEvent {
  readonly server: Server
  readonly socket: ServerSocket
  readonly topic: string
  readonly policy: SlowPolicy
  /** Publications that were passed over; 0 where it was disconnected. */
  readonly count: number
}

/** `hotline:server:backplane`: what joins this server with others was lost, or is there again. */
export interface BackplaneEvent {
  readonly server: Server
  readonly name: string
  readonly up: boolean
  /** Why it was lost. */
  readonly error?: Error
}

/** `hotline:server:drain`: `close` has begun; with `report`, it has ended. */
export interface DrainEvent {
  readonly server: Server
  /** Sockets that are open. */
  readonly sockets: number
  readonly report?: CloseReport
}

/** What each channel carries, by its name: `channel(name)` of node:diagnostics_channel. */
export interface ServerEvents {
  readonly 'hotline:server:handshake': HandshakeEvent
  readonly 'hotline:server:open': OpenEvent
  readonly 'hotline:server:close': CloseEvent
  readonly 'hotline:server:error': ErrorEvent
  readonly 'hotline:server:limit': LimitEvent
  readonly 'hotline:server:drop': DropEvent
  readonly 'hotline:server:backplane': BackplaneEvent
  readonly 'hotline:server:drain': DrainEvent
}
