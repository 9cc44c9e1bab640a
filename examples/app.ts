/** What an application of these examples is: something that a server can have beside others. */
import type { Routes, TopicOptions } from 'hotline/server'

/** Its routes and topics begin with its name. */
export interface App {
  readonly routes: Routes<Record<string, unknown>>
  readonly topics?: Readonly<Record<string, TopicOptions>>
  /** Ends what runs by itself: timers, simulations. */
  stop?(): void
}
