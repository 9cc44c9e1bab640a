/** What a reader that comes is told and replayed. */
import type { Delivery } from './delivery.ts'
import type { ReplayRules } from './rules.ts'
import type { Shelf } from './shelf.ts'
import type { PresenceState, Subscribed, SubscribeOptions } from './subscriber.ts'
import type { Reader, Topic } from './topic.ts'

export interface WelcomeOwner {
  readonly delivery: Delivery
  readonly shelf: Shelf
  /** Bytes that may wait for one reader. */
  readonly pendingBytes: number
}

export const NOBODY: PresenceState = { count: 0, members: new Map() }

const NO_HISTORY = { recovered: false, code: 'epoch', reason: 'the topic has no history' } as const

/** Tells what became of the subscription, and then sends what is replayed. */
export function welcome(
  { delivery, shelf, pendingBytes }: WelcomeOwner,
  [reader, topic]: readonly [Reader, Topic],
  { since, last, told }: SubscribeOptions,
): Subscribed {
  shelf.expire(topic)
  const presence = topic.rules.presence && { presence: topic.presence?.state ?? NOBODY }
  const history = shelf.historyOf(topic)
  if (history === undefined) {
    const subscribed = { replayed: 0, ...(since && NO_HISTORY), ...presence }
    told?.(subscribed)
    return subscribed
  }
  const { publications, ...replay } = history.replay(since, last ?? 0, capOf(reader, topic, pendingBytes))
  const subscribed = { epoch: history.epoch, ...replay, replayed: publications.length, ...presence }
  if (publications.length > 0) delivery.laneOf(reader, topic).replay(publications)
  told?.(subscribed)
  if (publications.length > 0) delivery.run(() => delivery.withReader(reader, one => delivery.flush(one)))
  return subscribed
}

const capOf = (reader: Reader, { rules }: Topic, pendingBytes: number): ReplayRules => ({
  size: rules.replay.size,
  bytes: Math.min(rules.replay.bytes, pendingBytes - reader.bytes),
})
