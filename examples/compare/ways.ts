/** The same feed by four ways. Each is what one would write for a product, and no more. */
import type { ServerSocket } from 'hotline/server'
import type { Feed, Update } from './feed.ts'

/** An answer of node:http, or of node:http2. */
export interface Answer {
  writeHead(status: number, headers: Readonly<Record<string, string | number>>): unknown
  write(chunk: Buffer): boolean
  end(body?: string): unknown
  flushHeaders(): void
  once(event: 'close', listener: () => void): unknown
  destroy(): unknown
  readonly writableLength: number
}

/** A line of server-sent events that holds more than this does not read. */
const MAX_QUEUED = 1_048_576

/** Milliseconds after which a long poll is answered, with nothing if need be: proxies cut what is silent for longer. */
const PATIENCE = 25_000

// excerpt
/** Polling: what is new is told at once, even if it is nothing. */
export const poll = (feed: Feed, after: number, answer: Answer): void => tell(answer, feed.after(after))

/** Long polling: the answer waits until there is something to tell. */
export function wait(feed: Feed, after: number, answer: Answer, patience = PATIENCE): void {
  const news = feed.after(after)
  if (news.length > 0) {
    tell(answer, news)
    return
  }
  const leave = feed.once(update => tell(answer, [update]))
  const timer = setTimeout(() => leave() && tell(answer, []), patience)
  answer.once('close', () => {
    clearTimeout(timer)
    leave()
  })
}

/** Server-sent events: one answer that does not end. */
export function events(feed: Feed, answer: Answer): void {
  answer.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  answer.flushHeaders()
  const leave = feed.subscribe(update => {
    if (!answer.write(update.event) && answer.writableLength > MAX_QUEUED) answer.destroy()
  })
  answer.once('close', leave)
}

/** WebSocket: one line; what it has to say goes out as it comes. */
export function socket(feed: Feed, line: ServerSocket): void {
  const leave = feed.subscribe(update => void line.send(update.message))
  line.closed.then(leave)
}
// end of excerpt

/** The updates as JSON. */
function tell(answer: Answer, updates: readonly Update[]): void {
  const body = `[${updates.map(({ json }) => json).join(',')}]`
  const length = Buffer.byteLength(body)
  answer.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'Content-Length': length })
  answer.end(body)
}
