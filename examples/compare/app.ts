/** The comparison for pages: each visitor has a feed of its own, at its own rate, and is told what crossed the sockets. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HandshakeRequest, refuse, type ServerSocket } from 'hotline/server'
import type { App } from '../app.ts'
import type { Feed } from './feed.ts'
import { Meter } from './meter.ts'
import { type Visit, Visits } from './visits.ts'
import { type Answer, events, poll, socket, wait } from './ways.ts'
import type { Lane } from './words.ts'

export { Feed } from './feed.ts'
export { events, poll, socket, wait } from './ways.ts'

/** What is answered at which path. */
const WAYS = new Map<string, readonly [lane: Lane, answer: (feed: Feed, after: number, answer: Answer) => void]>([
  ['/compare/poll', ['polling', poll]],
  ['/compare/wait', ['long-polling', wait]],
  ['/compare/events', ['sse', (feed, _, answer) => events(feed, answer)]],
])

/** Bytes that a message of a page may have. */
const MAX_MESSAGE = 1024

export function createApp(): App {
  const visits = new Visits()
  const meter = new Meter()
  const lines = new WeakMap<ServerSocket, Visit>()

  /** The visit that a query names, as long as its page is there. */
  const named = (query: URLSearchParams): Visit | undefined => visits.get(query.get('visit') ?? '')

  function request(message: IncomingMessage, response: ServerResponse): boolean {
    const exchange = meter.begin(message, response)
    const [path = '', query = ''] = (message.url ?? '').split(/\?(.*)/s)
    const way = WAYS.get(path)
    if (way === undefined) return false
    // The head of an answer that waits, or has no end, would hold a place for nothing.
    if (message.method !== 'GET') return no(response, 405, 'GET only')
    const [lane, answer] = way
    const asked = new URLSearchParams(query)
    const visit = named(asked)
    const after = Number(asked.get('after') ?? 0)
    if (visit === undefined) return no(response, 404, 'no page of this visit is there; load it again')
    if (!Number.isSafeInteger(after) || after < 0) return no(response, 400, 'after must be the number of an update')
    if (!visit.begin(lane, exchange)) return no(response, 429, 'one page needs no more connections than this')
    answer(visit.feed, after, response)
    return true
  }

  return {
    alone: true,
    request,
    routes: {
      '/compare': {
        authorize(request: HandshakeRequest) {
          const visit = named(request.url.searchParams)
          if (visit === undefined) return refuse(404, 'no page of this visit is there')
          const begun = visit.begin('websocket', meter.line(request.raw))
          return begun ? { visit } : refuse(429, 'one page needs no more lines than this')
        },
        open: line => socket((line.data as { visit: Visit }).visit.feed, line),
      },
      '/compare/figures': {
        maxMessage: MAX_MESSAGE,
        refuseBy: 'close', // so that the page can say why
        authorize: () => (visits.full ? refuse(503, 'too many pages compare at the moment') : {}),
        open: line => void lines.set(line, visits.open(line)),
        message: (line, text) => lines.get(line)?.heard(String(text)),
        close: line => lines.get(line)?.close(),
      },
    },
    stop: () => visits.close(),
  }
}

function no(response: ServerResponse, status: number, why: string): true {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`${why}\n`)
  return true
}
