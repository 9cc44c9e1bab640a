/** How publications and members reach other nodes: one interface over Redis, NATS, a process beside, or this one's memory. */
import type { HistoryRules } from '../topics/rules.ts'

/** Something that is over when `end` is called. */
export interface Consumption {
  /** Fulfilled when it has begun. It is never rejected: while the engine is away it waits. */
  readonly ready: Promise<void>
  end(): void
}

/** One publication between nodes. Engines pass it on unread. */
export interface Entry {
  /** The node that published it: a text that no other one has. No colon, no white space. */
  readonly node: string
  /** Its number among those of this node, which only grow: with `node` it names the publication, again when it is sent again. */
  readonly sequence: number
  /** What was published, as nodes write it. */
  readonly body: Uint8Array
}

/** One that an engine has kept. */
export interface Kept extends Entry {
  /** Its place in the topic, from 1 on, each one more than the one before. */
  readonly offset: number
}

/** A place in what an engine keeps of a topic. */
export interface Place {
  /** Names one life of the topic: when the engine has lost anything, there is another one. */
  readonly epoch: string
  readonly offset: number
}

/** Gets what is published to one topic, in one order that is the same on all nodes. */
export interface TopicListener {
  /**
   * For topics with history: what the engine has now. Called before the first `kept`, and whenever the engine cannot say that
   * what follows is the next: it was away, or this node was too slow. `entries` end with `place.offset`, the oldest first;
   * they may have been told before.
   */
  state(place: Place, entries: readonly Kept[]): void
  /** For topics with history: the one behind that of before, in the epoch of before. */
  kept(entry: Kept): void
  /** For topics without: the next one. */
  passed(entry: Entry): void
}

/** What a node says about its members of one topic; the others get it as it is. */
export type Attendance = Uint8Array

/** Called by an engine about itself. */
export interface BackplaneEvents {
  /** It is there (again); what waited can be sent. */
  up(): void
  /** It is away; it comes back by itself. What is published meanwhile is rejected with a BackplaneError. */
  down(reason: Error): void
  /**
   * Something does not go on, and nobody waits for an answer: a topic that cannot be consumed, an engine that has refused to
   * take this node back. It is tried again; a person may have to do something about it.
   */
  readonly trouble?: (reason: Error) => void
}

/** What joins nodes. `redisBackplane`, `natsBackplane`, `memoryBackplane` and `clusterBackplane` make one. */
export interface Backplane {
  /** What it is, without credentials: for logs. */
  readonly name: string
  /**
   * Connects. It may be called again after it was rejected, and after `close`. While it is open it is for one server, unless
   * the engine says that several may have it.
   *
   * @throws BackplaneError when the engine cannot be had, or cannot do what is needed, with what to do about it; when it is
   *   open already; and when it was closed meanwhile
   */
  open(events: BackplaneEvents): Promise<void>
  /**
   * Consumes a topic, once on this node: with `history`, from what is kept of it on. Not twice at a time.
   */
  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption
  /**
   * Tells of what is published to all topics that fit the pattern, as far as it is known which those are: the topic may
   * then be consumed. For topics with history `entry` is the sign only, without an offset.
   */
  watch(pattern: string, listener: (topic: string, entry: Entry) => void): Consumption
  /**
   * Gives it to the engine. Those of one topic are kept in the order of the calls. With `history`, one that was given
   * before, by node and sequence, is kept once: within two minutes it may be given again when nobody knows what became of it,
   * if all behind it are given again too.
   *
   * @returns its place, once it is kept as well as the engine promises; undefined for a topic without history, and where
   *   it is known to be kept but not where
   * @throws BackplaneError when it is not, at once when the engine is away
   */
  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined>
  /** Says who of this node is in a topic, for `ATTENDANCE` milliseconds at most; undefined for nobody any more. */
  attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void>
  /** Tells what nodes say about their members: what they have said, and then what they say. Own words come too. */
  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): Consumption
  /**
   * Ends it: nothing is called any more. What was given to it is sent, within a second; then nothing is left of it that keeps
   * a process alive. While it opens, that ends.
   */
  close(): Promise<void>
}

/** Milliseconds after which the word of a node about its members does not count any more. It is said again three times as often. */
export const ATTENDANCE = 15_000
