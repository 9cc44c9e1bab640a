/** The routes of `hotline serve`, each of which says in the log who comes and goes. */
import {
  type Handlers,
  type HandshakeRequest,
  type Refusal,
  type Routes,
  refuse,
  type Server,
  type ServerSocket,
  type TopicOptions,
} from 'hotline/server'
import type { Logger } from 'pino'
import { Patience } from './patience.ts'

const HOUR = 3_600_000

/** What everybody may do over `/topics`, which speaks hotline.1; and the rooms, which only `/rooms/:room` leads to. */
export const TOPICS: Readonly<Record<string, TopicOptions>> = {
  'public/**': { subscribe: true, publish: true, history: { size: 1000, age: HOUR }, presence: true },
  'rooms/*': { slow: 'disconnect', maxPending: 1000 },
}

/** Publications that one client of `/topics` may send in a second. */
const RATE = 100

/** Letters of a room's name as URLs write it: a topic has at most 256 bytes. */
const LONGEST_ROOM = 250

/** How many rooms have somebody in them. */
export const roomsOf = ({ topics }: Server): number => topics.names.filter(name => name.startsWith('rooms/')).length

/** @param server - the server that the routes are of, once it listens */
export function createRoutes(log: Logger, server: () => Server | undefined): Routes<Record<string, unknown>> {
  const refused = refusal(log)
  const patience = new Patience(topic => server()?.topics.stats(topic)?.slow ?? 0)
  return {
    '/echo': logged(log, {
      message: (socket, message) => socket.send(message),
    }),
    '/rooms/:room': logged(log, {
      authorize: ({ params }) =>
        topicOf(params).length <= LONGEST_ROOM || refuse(400, 'the name of the room is too long'),
      // What it sends waits until it hears what others send, on other servers too.
      open: async socket => void (await socket.subscribe(topicOf(socket.params)).ready),
      message: (socket, message) => {
        const topic = topicOf(socket.params)
        socket.publish(topic, message)
        return patience.wait(socket, topic)
      },
    }),
    '/topics': logged(log, {
      topics: true,
      maxPublications: RATE,
      message: socket => socket.close(1008, 'offer the subprotocol hotline.1'),
    }),
    '/refused': { authorize: refused },
    '/refused/told': { refuseBy: 'close', authorize: refused },
  }
}

/** Every name of a room is one of a topic, of one segment that is no `*`. */
const topicOf = ({ room = '' }: Readonly<Record<string, string>>): string =>
  `rooms/${encodeURIComponent(room).replaceAll('*', '%2A')}`

function refusal(log: Logger): (request: HandshakeRequest) => Refusal {
  return ({ url, remoteAddress }) => {
    log.info({ path: url.pathname, address: remoteAddress }, 'refused')
    return refuse(401, 'this route lets nobody in', { 'WWW-Authenticate': 'Bearer' })
  }
}

/** Adds the lines of the log to what a route does. */
function logged(log: Logger, handlers: Handlers): Handlers {
  let last = 0
  const lines = new WeakMap<ServerSocket, { log: Logger; since: number }>()
  return {
    ...handlers,
    open(socket) {
      const line = log.child({ socket: `${++last}`, path: socket.request.url.pathname })
      lines.set(socket, { log: line, since: performance.now() })
      line.info({ address: socket.remoteAddress }, 'opened')
      return handlers.open?.(socket)
    },
    close(socket, closed) {
      const { code, reason, clean, error } = closed
      const { log: line = log, since = performance.now() } = lines.get(socket) ?? {}
      const why = error === undefined ? {} : { why: error.message }
      line.info({ code, reason, clean, ...why, seconds: secondsSince(since) }, 'closed')
      return handlers.close?.(socket, closed)
    },
  }
}

const secondsSince = (start: number): number => Math.round(performance.now() - start) / 1000
