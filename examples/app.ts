/** What an application of these examples is: something that a server can have beside others. */
import type { Routes, Server, TopicOptions } from 'hotline/server'

/** Its routes and topics begin with its name. */
export interface App {
  readonly routes: Routes<Record<string, unknown>>
  readonly topics?: Readonly<Record<string, TopicOptions>>
  /** The server is there, for what is published by itself. */
  start?(server: Server): void
  /** Ends what runs by itself: timers, simulations. */
  stop?(): void
}
