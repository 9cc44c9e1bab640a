/** `connect` in Node: the line of client/line/ on hotline's own WebSocket class. */
import { checkConnect } from './connect-options.ts'
import { explain } from './explain.ts'
import { Line } from './line/line.ts'
import type { ConnectOptions } from './line/options.ts'
import type { ForEach } from './line/socket.ts'
import type { ClientOptions } from './options.ts'
import { WebSocket } from './websocket.ts'

/**
 * Opens a line that stays up: whatever cuts it, it comes back, unless the server said no.
 *
 * @param url - ws:, wss:, http: or https:, or an async function that gives one for each attempt
 * @returns the line at once; it connects by itself
 * @throws UsageError for an unknown or wrong option, by name; in browsers options are not checked, to be small
 * @example
 * ```ts
 * import { connect } from 'hotline/client'
 *
 * await using line = connect('wss://example.com/echo', { protocols: [] })
 * line.on('status', ({ status }) => console.log(status))
 * await line.send('hello')
 * for await (const message of line) {
 *   console.log(message)
 *   break
 * }
 * ```
 */
export function connect(url: ForEach<string | URL>, options: ConnectOptions = {}): Line {
  checkConnect(options)
  return new Line(url, options, { WebSocket: withOptions(options.socket), around: {}, explain })
}

/** The class with its third argument filled in. */
const withOptions = (options: ClientOptions | undefined) =>
  class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, options)
    }
  }
