/** What a line needs of a WebSocket class, and of whoever gives it a URL and a token. */
import type { LineData } from './outbox.ts'

/** What `url` and `token` are told, when they are functions. */
export interface AttemptContext {
  /** 1 for the first attempt since the line was last stable. */
  readonly attempt: number
  /** Aborted when the attempt is given up. */
  readonly signal: AbortSignal
}

/** A value, or what gives one for each attempt. */
export type ForEach<T> = T | ((context: AttemptContext) => T | Promise<T>)

/** What a line needs of a WebSocket: part of the WHATWG class. */
export interface LineSocket {
  readonly protocol: string
  /** 1 while what is sent is sent: one that is closing takes messages, and drops them. */
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  onopen: unknown
  onmessage: unknown
  onclose: unknown
  onerror: unknown
  send(data: LineData): void
  close(code?: number, reason?: string): void
}

/** A class of WebSockets. */
export type LineSocketClass = new (url: string, protocols: string[]) => LineSocket
