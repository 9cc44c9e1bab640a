/** The routes of `hotline serve`, each of which says in the log who comes and goes. */
import {
  type Handlers,
  type HandshakeRequest,
  type Refusal,
  type Routes,
  refuse,
  type ServerSocket,
  type TopicOptions,
} from 'hotline/server'
import type { Logger } from 'pino'
import type { Rooms } from './rooms.ts'

const MIB = 1_048_576

const HOUR = 3_600_000

/** What everybody may do over `/topics`, which speaks hotline.1. */
export const TOPICS: Readonly<Record<string, TopicOptions>> = {
  'public/**': { subscribe: true, publish: true, history: { size: 1000, age: HOUR }, presence: true },
}

export function createRoutes(rooms: Rooms, maxMessage: number, log: Logger): Routes<Record<string, unknown>> {
  const refused = refusal(log)
  return {
    '/echo': logged(log, {
      message: (socket, message) => socket.send(message),
    }),
    '/rooms/:room': logged(log, {
      maxQueued: Math.max(MIB, 4 * maxMessage),
      open: socket => rooms.join(roomOf(socket), socket),
      message: (socket, message) => rooms.publish(roomOf(socket), message),
      close: socket => rooms.leave(roomOf(socket), socket),
    }),
    '/topics': logged(log, { topics: true, message: socket => socket.close(1008, 'offer the subprotocol hotline.1') }),
    '/refused': { authorize: refused },
    '/refused/told': { refuseBy: 'close', authorize: refused },
  }
}

const roomOf = ({ params }: ServerSocket): string => params['room'] ?? ''

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
