/** Figures of topics and of those that read. */
import type { Reader, Topic, TopicCounters } from './topic.ts'

/** What is in a topic now, and what happened there since somebody or something was. */
export interface TopicStats extends Readonly<TopicCounters> {
  /** Those that subscribed to its name. */
  readonly subscribers: number
  /** Subscribers that something waits for, and how many publications do, each counted for each. */
  readonly slow: number
  readonly pending: number
  readonly history?: { readonly epoch: string; readonly offset: number; readonly size: number; readonly bytes: number }
  /** Members, where the rules of the topic have presence. */
  readonly present?: number
}

/** What a subscriber has, and what happened to it. */
export interface ReaderStats {
  /** Publications that wait for it, and their bytes. */
  readonly pending: number
  readonly pendingBytes: number
  readonly passedOver: number
}

export function topicStats(topic: Topic): TopicStats {
  const { history, presence } = topic
  return {
    subscribers: topic.readers.size,
    slow: topic.waiting.size,
    pending: [...topic.waiting].reduce((sum, reader) => sum + (reader.lanes.get(topic)?.size ?? 0), 0),
    ...topic.counters,
    ...(history && {
      history: { epoch: history.epoch, offset: history.offset, size: history.size, bytes: history.bytes },
    }),
    ...(presence && { present: presence.count }),
  }
}

export function readerStats(reader: Reader | undefined): ReaderStats | undefined {
  if (reader === undefined) return undefined
  const pending = [...reader.lanes.values()].reduce((sum, lane) => sum + lane.size, 0)
  return { pending, pendingBytes: reader.bytes, passedOver: reader.passedOver }
}
