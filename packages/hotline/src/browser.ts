/** In a browser, the import of `hotline` is the browser's own class. */
export * from './errors.ts'
export { type Close, CloseCode } from './protocol/close.ts'

/** The browser's own WebSocket, CloseEvent and ErrorEvent. */
export const { WebSocket, CloseEvent, ErrorEvent } = globalThis as unknown as {
  readonly WebSocket: typeof import('./client/websocket.ts').WebSocket
  readonly CloseEvent: typeof import('./client/events.ts').CloseEvent
  readonly ErrorEvent: typeof import('./client/events.ts').ErrorEvent
}
