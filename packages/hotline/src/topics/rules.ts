/** What holds for a topic, with everything decided. */

/** What is done with a subscriber that reads more slowly than is published. */
export type SlowPolicy = 'disconnect' | 'drop-oldest' | 'latest'

/** The bounds of a history; the first one that is met drops the oldest. */
export interface HistoryRules {
  /** Publications. */
  readonly size: number
  /** Milliseconds. */
  readonly age: number
  /** Bytes, with what our own objects take. */
  readonly bytes: number
}

/** What one replay may cost. */
export interface ReplayRules {
  readonly size: number
  readonly bytes: number
}

export interface PresenceRules {
  /** Milliseconds after which a member that has gone is said to have left. */
  readonly grace: number
  /** Members up to which they are told by name; above, only their number. */
  readonly max: number
}

export interface TopicRules {
  readonly slow: SlowPolicy
  /** For `latest`: of which thing a publication is the news. */
  readonly key: ((data: unknown) => string | number) | undefined
  /** Milliseconds between two batches; 0: each publication by itself. */
  readonly every: number
  /** Publications that may wait for one subscriber. */
  readonly maxPending: number
  readonly history: HistoryRules | undefined
  readonly replay: ReplayRules
  readonly presence: PresenceRules | undefined
}

/** The rules of a topic that no pattern fits. */
export const PLAIN: TopicRules = {
  slow: 'disconnect',
  key: undefined,
  every: 0,
  maxPending: 256,
  history: undefined,
  replay: { size: 1000, bytes: 1_048_576 },
  presence: undefined,
}
