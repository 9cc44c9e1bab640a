/** Long lists in part: what comes first by some order, among what is searched. */
import { MOST_WORKERS } from '../joining.ts'
import {
  type Part,
  type Question,
  SOCKET_KEYS,
  type SocketKey,
  type SocketRow,
  TOPIC_KEYS,
  type TopicKey,
  type TopicRow,
} from './wire.ts'

/** Rows of an answer. */
const ROWS = 100
/** Characters of what is searched. */
const LONGEST = 100

/** One of those that share the port; undefined for whatever else somebody sends. */
export const workerOf = (worker: unknown): number | undefined =>
  Number.isInteger(worker) && (worker as number) >= 1 && (worker as number) <= MOST_WORKERS
    ? (worker as number)
    : undefined

/** What a client asks for; nothing else gets through. */
function questionOf<K extends string>(data: unknown, keys: readonly K[]): Question<K> {
  const { sort, down, search, worker } = (data ?? {}) as Partial<Record<keyof Question<K>, unknown>>
  return {
    sort: keys.find(key => key === sort) ?? (keys[0] as K),
    down: down === true,
    search: typeof search === 'string' ? search.slice(0, LONGEST).toLowerCase() : '',
    worker: workerOf(worker),
  }
}

function inOrder<R extends object, K extends keyof R & string>(rows: R[], { sort, down }: Question<K>): R[] {
  const sign = down ? -1 : 1
  return rows.sort((a, b) => sign * (a[sort] < b[sort] ? -1 : a[sort] > b[sort] ? 1 : 0))
}

function partOf<R extends object, K extends keyof R & string>(
  rows: readonly R[],
  question: Question<K>,
  text: (row: R) => string,
): Part<R> {
  const { search } = question
  const found = search === '' ? [...rows] : rows.filter(row => text(row).toLowerCase().includes(search))
  return { count: rows.length, found: found.length, rows: inOrder(found, question).slice(0, ROWS) }
}

export const topicQuestion = (data: unknown): Question<TopicKey> => questionOf(data, TOPIC_KEYS)
export const socketQuestion = (data: unknown): Question<SocketKey> => questionOf(data, SOCKET_KEYS)

export const topicPart = (rows: readonly TopicRow[], question: Question<TopicKey>): Part<TopicRow> =>
  partOf(rows, question, ({ name }) => name)

export const socketPart = (rows: readonly SocketRow[], question: Question<SocketKey>): Part<SocketRow> =>
  partOf(rows, question, row => `${row.id} ${row.address} ${row.path}`)

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** Of several processes: no socket is at two of them. */
export function joinedSockets(parts: readonly Part<SocketRow>[], question: Question<SocketKey>): Part<SocketRow> {
  const rows = inOrder(
    parts.flatMap(part => part.rows),
    question,
  ).slice(0, ROWS)
  return { count: sum(parts.map(({ count }) => count)), found: sum(parts.map(({ found }) => found)), rows }
}
