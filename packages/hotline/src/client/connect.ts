/** `connect` in Node: the line of client/line/ on hotline's own WebSocket class. */

import type { Contract } from '../contract/contract.ts'
import type { TypedLine } from '../contract/line.ts'
import { checkConnect } from './connect-options.ts'
import { explain } from './explain.ts'
import { Line } from './line/line.ts'
import type { ConnectOptions } from './line/options.ts'
import type { ForEach } from './line/socket.ts'
import type { ClientOptions } from './options.ts'
import { type TypedConnectOptions, typedBy } from './typed-line.ts'
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

/**
 * Opens a line that stays up, and speaks the topics and requests of a contract on it.
 *
 * @throws as `connect`
 * @example
 * ```ts
 * import { connectTyped } from 'hotline/client'
 * import { contract } from 'hotline/contract'
 * import { z } from 'zod'
 *
 * const chat = contract({
 *   topics: { 'chat/*': z.object({ by: z.string(), text: z.string() }) },
 *   requests: { client: { rooms: { reply: z.array(z.string()) } } },
 * })
 *
 * await using line = connectTyped('wss://example.com/chat', chat)
 * console.log(await line.request('rooms'))
 * for await (const { data } of line.topic('chat/lobby', { last: 20 })) console.log(`${data.by}: ${data.text}`)
 * ```
 */
export function connectTyped<C extends Contract>(
  url: ForEach<string | URL>,
  contract: C,
  options: TypedConnectOptions = {},
): TypedLine<C, Line> {
  return typedBy(contract, options, rest => connect(url, rest))
}

/** The class with its third argument filled in. */
const withOptions = (options: ClientOptions | undefined) =>
  class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, options)
    }
  }
