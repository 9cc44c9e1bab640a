/** Sockets as the status page shows them: no header but two, no query, and nothing that they have sent. */
import type { Server, ServerSocket } from 'hotline/server'
import { plain } from '../plain.ts'
import type { SocketRow, SocketSheet } from './wire.ts'

/** Topics of one socket. */
const TOPICS = 100

export function socketRow(socket: ServerSocket, worker: number): SocketRow {
  const { id, age, traffic, bufferedAmount, roundTripTime, request } = socket
  return {
    ...{ id, worker, age, address: plain(request.remoteAddress), path: plain(request.url.pathname) },
    ...{ received: traffic.messages.received, sent: traffic.messages.sent },
    ...{ queued: bufferedAmount, roundTrip: roundTripTime ?? -1 },
  }
}

/** All that may be seen of one; undefined where there is none of this number. */
export function socketSheet({ sockets, topics }: Server, id: unknown, worker: number): SocketSheet | undefined {
  const socket = [...sockets].find(one => one.id === id)
  if (socket === undefined) return undefined
  const { headers, origin = '' } = socket.request
  const names = topics.topicsOf(socket)
  const { pending = 0, passedOver = 0 } = topics.statsOf(socket) ?? {}
  return {
    ...socketRow(socket, worker),
    ...{ state: socket.state, protocol: socket.protocol, traffic: socket.traffic, pending, passedOver },
    ...{ origin: plain(origin), agent: plain(headers['user-agent'] ?? '') },
    extensions: socket.extensions.map(({ name }) => name),
    ...{ topics: names.slice(0, TOPICS), topicCount: names.length },
  }
}
