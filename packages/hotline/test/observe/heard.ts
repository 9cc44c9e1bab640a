/** Listens on the channels of servers. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ServerEvents } from '../../src/server/index.ts'

/** Writes down what a channel is told of one server. */
export function heard<N extends keyof ServerEvents>(name: N) {
  const events: ServerEvents[N][] = []
  const listener = (event: unknown) => void events.push(event as ServerEvents[N])
  subscribe(name, listener)
  return { events, [Symbol.dispose]: () => void unsubscribe(name, listener) }
}
