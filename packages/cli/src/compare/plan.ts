/** What is compared, and how. */

const METHODS = ['polling', 'long-polling', 'sse', 'websocket'] as const
export type Method = (typeof METHODS)[number]

/** A method over a version of HTTP. */
export interface Way {
  /** As `--only` names it. */
  readonly id: string
  readonly title: string
  readonly method: Method
  readonly http: 1 | 2
}

const TITLES: Readonly<Record<Method, string>> = {
  polling: 'Polling',
  'long-polling': 'Long polling',
  sse: 'Server-sent events',
  websocket: 'WebSocket',
}

const way = (method: Method, http: 1 | 2): Way => ({
  id: http === 1 ? method : `${method}-h2`,
  title: http === 1 ? TITLES[method] : `${TITLES[method]}, HTTP/2`,
  method,
  http,
})

/** HTTP/1.1 first. WebSocket opens in HTTP/1.1 alone. */
export const WAYS: readonly Way[] = [
  ...METHODS.map(method => way(method, 1)),
  ...METHODS.filter(method => method !== 'websocket').map(method => way(method, 2)),
]

/** Header fields that clients send: those of a real browser with a cookie, or as few as there can be. */
export type HeaderSet = 'browser' | 'minimal'

/** Times are milliseconds. */
export interface Plan {
  readonly ways: readonly Way[]
  readonly clients: number
  /** Updates a second. */
  readonly rate: number
  /** Between two polls of a client. */
  readonly interval: number
  readonly duration: number
  readonly warmup: number
  readonly headers: HeaderSet
}

/** The time in which updates count, by `clock`. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** Later than this is late: up to 0.1 s people feel that something happens at once. Miller 1968, Nielsen 1993 */
export const LATE = 100

/** With fewer clients, what one of them takes is lost in the memory of the process, which grows by pages and by itself. */
export const ENOUGH_FOR_MEMORY = 500
