/** What an application of these examples is: something that a server can have beside others. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Routes, Server, TopicOptions } from 'hotline/server'

/** Its routes and topics begin with its name. */
export interface App {
  readonly routes: Routes<Record<string, unknown>>
  /** It keeps its state in its process: a server that is one of several does without it. */
  readonly alone?: boolean
  readonly topics?: Readonly<Record<string, TopicOptions>>
  /** The server is there, for what is published by itself. */
  start?(server: Server): void
  /** Answers a GET over plain HTTP and says true; it is shown each request, those of others too. */
  request?(request: IncomingMessage, response: ServerResponse): boolean
  /** Ends what runs by itself: timers, simulations. */
  stop?(): void
}
