/** Topics as the status page shows them: of one process, and of several together. */
import type { Server } from 'hotline/server'
import type { TopicRow } from './wire.ts'

type Figure = Exclude<keyof TopicRow, 'name'>

/** All rows are sent from one process to another: numbers in one piece, since thousands of objects take long. */
export interface PackedTopics {
  /** With a line feed between two; no name has one. */
  readonly names: string
  /** Those of a row behind each other, in the order of FIGURES. */
  readonly figures: Float64Array
}

const FIGURES: readonly Figure[] = ['subscribers', 'rate', 'history', 'historyBytes', 'pending', 'slow', 'dropped']
/** What each process has of a topic as a whole; of the others, each has its share. */
const SHARED: ReadonlySet<Figure> = new Set<Figure>(['rate', 'history', 'historyBytes'])

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

export function pack(rows: readonly TopicRow[]): PackedTopics {
  const figures = new Float64Array(rows.length * FIGURES.length)
  let at = 0
  for (const row of rows) for (const figure of FIGURES) figures[at++] = row[figure]
  return { names: rows.map(({ name }) => name).join('\n'), figures }
}

/** What several processes have of the same topics, as one. */
export function joinedTopics(parts: readonly PackedTopics[]): TopicRow[] {
  const rows = new Map<string, Record<Figure, number> & { name: string }>()
  for (const { names, figures } of parts) {
    let at = 0
    for (const name of names === '' ? [] : names.split('\n')) {
      const row = rows.get(name) ?? { name, ...NOTHING }
      rows.set(name, row)
      for (const figure of FIGURES) {
        const one = figures[at++] ?? 0
        row[figure] = SHARED.has(figure) ? Math.max(row[figure], one) : row[figure] + one
      }
    }
  }
  return [...rows.values()]
}

const NOTHING = Object.fromEntries(FIGURES.map(figure => [figure, 0])) as Record<Figure, number>
