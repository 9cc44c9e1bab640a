/** Who is on both sides of the topics: the one that reads, and the clock. */
import type { Publication } from './publication.ts'

/** One that reads. Its methods are called in the order in which things happened, and must not throw: one that does is removed. */
export interface Subscriber {
  /** True while it has enough: what is published waits, by the policy of its topic, until `Topics.drained` is called. */
  readonly congested: boolean
  send(publication: Publication): void
  /** So many publications of the topic were passed over for it. Told before the next one of that topic. */
  passedOver(topic: string, count: number): void
  /**
   * What it has of the topic is of a history that is no more: from now on it gets what follows in another one. Some of it may
   * be missing.
   */
  renewed?(topic: string, subscribed: Subscribed): void
  /** It is too slow for the topic, and has been removed from all of them already: close its line. */
  disconnect(topic: string, reason: string): void
  /** Who is in a topic has changed: for those that subscribed with `watch`. */
  presence?(change: PresenceChange): void
  /**
   * Ask the reader for a sign that it has read what was sent so far, such as a pong, and then call `Topics.heard`. With it
   * a reader of a `latest` topic gets the next batch when it has the one before, and not what queues of the network hold.
   */
  probe?(): void
}

/** Who is in a topic. */
export interface PresenceState {
  readonly count: number
  /** Public data by key; undefined where there are more than are told. */
  readonly members?: ReadonlyMap<string, unknown>
}

/**
 * What has changed: with `join` and `leave`, that; with `members`, it is the whole list; with none of them there are more
 * members than are told, and the list that was told before does not hold any more.
 */
export interface PresenceChange extends PresenceState {
  readonly topic: string
  readonly join?: ReadonlyMap<string, unknown>
  readonly leave?: readonly string[]
}

/** Time, as topics need it. */
export interface TopicsClock {
  /** Milliseconds that only grow. */
  now(): number
  setTimeout(callback: () => void, ms: number): { clear(): void }
}

/** Where a reader was when it left. */
export interface Position {
  readonly epoch: string
  /** The offset of the last publication that it has. */
  readonly offset: number
}

export interface SubscribeOptions {
  /** Go on behind this position of the history. */
  readonly since?: Position | undefined
  /** Without `since`, or where it cannot be had: so many of the newest publications first. */
  readonly last?: number | undefined
  /** At most one batch in so many milliseconds; without effect where the topic's own `every` is longer. 0 is as the topic has it. */
  readonly every?: number | undefined
  /** The member that it is, for those who watch. Several subscribers may be one member. */
  readonly member?: Member | undefined
  /** Tell it who is there. */
  readonly watch?: boolean | undefined
  /** Called with the result before the first publication is sent, so that an answer goes before it. */
  readonly told?: ((subscribed: Subscribed) => void) | undefined
}

export interface Member {
  readonly key: string
  /** What everybody may see of it. */
  readonly data: unknown
}

/** Why what was missed is not replayed. */
export type Unrecovered = 'epoch' | 'expired' | 'future' | 'cost'

/** What became of a subscription. */
export interface Subscribed {
  /** For topics with a history: which one it is, as it is not kept for ever. */
  readonly epoch?: string
  /** The offset before that of the first publication that follows, replayed or live. */
  readonly offset?: number
  /** With `since`: true when what was missed follows, all of it. */
  readonly recovered?: boolean
  readonly code?: Unrecovered
  readonly reason?: string
  /** Publications that follow from the history. */
  readonly replayed: number
  readonly presence?: PresenceState
  /**
   * Only with a backplane, when this server does not have the topic yet: fulfilled with what became of the subscription once it
   * begins, which is when the engine has answered. Never rejected; when the subscription ends before, `replayed` is 0.
   */
  readonly ready?: Promise<Subscribed>
}

/** What became of a publication. */
export interface Published {
  readonly offset?: number
  /** How many subscribers it is for, those that it has to wait for among them; with a backplane, those of this server. */
  readonly subscribers: number
  /**
   * Only with a backplane: fulfilled once the engine has it, with its place where the topic has a history; rejected with a
   * BackplaneError when it has not. When nobody looks here, `report` is told of failures.
   */
  readonly stored?: Promise<Position | undefined>
}

/** What a backplane brings. */
export interface Arrival {
  readonly data: unknown
  readonly offset?: number | undefined
  /** Milliseconds since it was published. */
  readonly age?: number | undefined
  /** It was here before the history began anew: it is for those who came later. */
  readonly again?: boolean | undefined
  /** One that does not want it: it has published it itself. */
  readonly except?: Subscriber | undefined
}
