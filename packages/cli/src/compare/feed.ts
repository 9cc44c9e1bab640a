/** The server's side of the comparison, as the application of the showcase has it: the command measures what its page shows. */
import type { ServerSocket } from 'hotline/server'

/** As examples/compare/feed.ts has it. */
export interface Feed {
  run(rate: number): void
  subscribe(reader: (update: { readonly at: number; readonly json: string }) => void): () => void
}

/** An answer of node:http, or of node:http2. */
type Answer = object

/** What examples/compare/app.ts exports. */
export interface Compared {
  readonly Feed: new (seed?: number) => Feed
  poll(feed: Feed, after: number, answer: Answer): void
  wait(feed: Feed, after: number, answer: Answer): void
  events(feed: Feed, answer: Answer): void
  socket(feed: Feed, line: ServerSocket): void
}

export const loadCompared = (): Promise<Compared> => import(new URL('../apps/compare.js', import.meta.url).href)
