/** The WebSocket class of browsers, in Node, and the errors and codes of both ends. */
export { CloseEvent, type CloseEventInit, ErrorEvent, type WebSocketEventMap } from './client/events.ts'
export type { EventHandler } from './client/handlers.ts'
export type { ClientOptions } from './client/options.ts'
export { type BinaryType, WebSocket, type WebSocketData } from './client/websocket.ts'
export type { Heartbeat, Limits } from './connection/limits.ts'
export * from './errors.ts'
export { type Close, CloseCode } from './protocol/close.ts'
export type { TlsClientOptions } from './runtime/node/dial.ts'
