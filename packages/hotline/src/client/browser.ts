/** In a browser, `hotline/client` is the line that stays up, over the browser's own WebSocket. Nothing of Node comes with it. */
import type { connect as connectInNode, connectTyped as connectTypedInNode } from './connect.ts'
import { Line } from './line/line.ts'
import type { LineSocketClass } from './line/socket.ts'
import type { Surroundings } from './line/watch.ts'
import { typedBy } from './typed-line.ts'

export * from '../errors.ts'
export { CloseCode } from '../protocol/close.ts'
export * from './line/index.ts'
export type { TypedConnectOptions } from './typed-line.ts'

/** Opens a line that stays up; as in Node, but for the option `socket`, which is ignored. */
export const connect: typeof connectInNode = (url, options = {}) => {
  const around = globalThis as unknown as Surroundings & { readonly WebSocket: LineSocketClass }
  return new Line(url, options, { WebSocket: around.WebSocket, around })
}

/** Opens a line that stays up, and speaks a contract on it; as in Node. What it needs beside `connect` comes with it only. */
export const connectTyped: typeof connectTypedInNode = (url, contract, options = {}) =>
  typedBy(contract, options, rest => connect(url, rest))
