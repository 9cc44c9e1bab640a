/** Long lists in part: what comes first by some order, among what is searched. */
import type { Server, ServerSocket } from 'hotline/server'
import {
  type Part,
  type Question,
  SOCKET_KEYS,
  type SocketKey,
  type SocketRow,
  type SocketSheet,
  TOPIC_KEYS,
  type TopicKey,
  type TopicRow,
} from './wire.ts'

/** Rows of an answer. */
const MOST = 100
/** Characters of what is searched, and topics of one socket. */
const LONGEST = 100

/** What a client asks for; nothing else gets through. */
function questionOf<K extends string>(data: unknown, keys: readonly K[]): Question<K> {
  const { sort, down, search } = (data ?? {}) as Partial<Record<keyof Question<K>, unknown>>
  return {
    sort: keys.find(key => key === sort) ?? (keys[0] as K),
    down: down === true,
    search: typeof search === 'string' ? search.slice(0, LONGEST).toLowerCase() : '',
  }
}

function partOf<R extends object, K extends keyof R & string>(
  rows: readonly R[],
  { sort, down, search }: Question<K>,
  text: (row: R) => string,
): Part<R> {
  const found = search === '' ? [...rows] : rows.filter(row => text(row).toLowerCase().includes(search))
  const sign = down ? -1 : 1
  found.sort((a, b) => sign * (a[sort] < b[sort] ? -1 : a[sort] > b[sort] ? 1 : 0))
  return { count: rows.length, found: found.length, rows: found.slice(0, MOST) }
}

/** The topics of a server, with rates since the look before. */
export class TopicList {
  #published = new Map<string, number>()
  #at = Number.NEGATIVE_INFINITY

  look({ topics }: Server): readonly TopicRow[] {
    const now = performance.now()
    const seconds = (now - this.#at) / 1000
    const published = new Map<string, number>()
    const rows = topics.names.flatMap(name => {
      const stats = topics.stats(name)
      if (stats === undefined) return []
      const before = this.#published.get(name) ?? (seconds < 60 ? 0 : stats.published)
      published.set(name, stats.published)
      const { subscribers, history, pending, slow, passedOver, disconnected } = stats
      return {
        ...{ name, subscribers, pending, slow, dropped: passedOver + disconnected },
        rate: Math.max(0, stats.published - before) / seconds,
        ...{ history: history?.size ?? 0, historyBytes: history?.bytes ?? 0 },
      }
    })
    this.#published = published
    this.#at = now
    return rows
  }
}

export const topicPart = (rows: readonly TopicRow[], data: unknown): Part<TopicRow> =>
  partOf<TopicRow, TopicKey>(rows, questionOf(data, TOPIC_KEYS), ({ name }) => name)

export const socketPart = (rows: readonly SocketRow[], data: unknown): Part<SocketRow> =>
  partOf<SocketRow, SocketKey>(rows, questionOf(data, SOCKET_KEYS), row => `${row.id} ${row.address} ${row.path}`)

export function socketRow(socket: ServerSocket): SocketRow {
  const { id, age, traffic, bufferedAmount, roundTripTime, request } = socket
  return {
    ...{ id, age, address: request.remoteAddress, path: request.url.pathname },
    ...{ received: traffic.messages.received, sent: traffic.messages.sent },
    ...{ queued: bufferedAmount, roundTrip: roundTripTime ?? -1 },
  }
}

/** All that may be seen of one socket: no header but two, no query, and nothing that it has sent. */
export function socketSheet({ sockets, topics }: Server, id: unknown): SocketSheet | undefined {
  const socket = [...sockets].find(one => one.id === id)
  if (socket === undefined) return undefined
  const { headers, origin = '' } = socket.request
  const names = topics.topicsOf(socket)
  const { pending = 0, passedOver = 0 } = topics.statsOf(socket) ?? {}
  return {
    ...socketRow(socket),
    ...{ state: socket.state, protocol: socket.protocol, traffic: socket.traffic, pending, passedOver },
    ...{ origin, agent: headers['user-agent'] ?? '', extensions: socket.extensions.map(({ name }) => name) },
    ...{ topics: names.slice(0, LONGEST), topicCount: names.length },
  }
}
