/** In a browser, the import of `hotline` is the browser's own class. Its types are those of index.ts. */
import type * as library from './index.ts'

export * from './errors.ts'
export type {
  BinaryType,
  ClientOptions,
  CloseEventInit,
  EventHandler,
  Heartbeat,
  Limits,
  TlsClientOptions,
  WebSocketData,
  WebSocketEventMap,
} from './index.ts'
export { type Close, CloseCode } from './protocol/close.ts'

export type WebSocket = library.WebSocket
export type CloseEvent = library.CloseEvent
export type ErrorEvent = library.ErrorEvent

/** The browser's own WebSocket, CloseEvent and ErrorEvent. */
export const { WebSocket, CloseEvent, ErrorEvent } = globalThis as unknown as Pick<
  typeof library,
  'WebSocket' | 'CloseEvent' | 'ErrorEvent'
>
