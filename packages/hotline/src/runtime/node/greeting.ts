/** Whether a server that speaks first does so: over a connection of its own, which is gone afterwards in any case. */
import { connect } from 'node:net'

/** What came of it: it has said something, nothing in time, or there is no connection to it. */
export type Greeting = 'greets' | 'silent' | 'unreachable'

/** @param signal - ends it at once: it is silent then */
export function greetingOf(host: string, port: number, ms: number, signal: AbortSignal): Promise<Greeting> {
  return new Promise(resolve => {
    const socket = connect({ host, port, signal })
    const timer = setTimeout(() => end('silent'), ms)
    const end = (greeting: Greeting): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(signal.aborted ? 'silent' : greeting)
    }
    socket.once('data', () => end('greets'))
    socket.on('error', () => end('unreachable'))
    socket.once('end', () => end('unreachable'))
  })
}
