/** What a channel needs of the node that it is on. */
import type { TopicRules } from '../topics/rules.ts'
import type { Arrival, Position, Subscribed, Subscriber, TopicsClock } from '../topics/subscriber.ts'
import type { Entry } from './backplane.ts'
import type { Present } from './elsewhere.ts'

/** The topics of this node, as far as a backplane gives them: `Joined` of topics/. */
export interface Local {
  rulesOf(name: string): TopicRules
  isRead(name: string): boolean
  isFollowed(name: string): boolean
  reach(name: string, except?: Subscriber): number
  join(name: string): void
  part(name: string): void
  begin(name: string, place: Position): void
  keep(name: string, arrival: Arrival): void
  deliver(name: string, arrival: Arrival): void
  passOver(name: string, count: number): void
  renew(name: string, subscribed: Subscribed): void
  presentIn(name: string): Present | undefined
}

export interface ChannelOwner {
  readonly local: Local
  /** This one. */
  readonly node: string
  readonly clock: TopicsClock
  /**
   * What has come, for this node.
   *
   * @param isNew - it was published just now
   * @throws what is wrong with it
   */
  arrivalOf(entry: Entry, isNew: boolean): Arrival
  /** The engine, or another node, has given what cannot be. */
  unfit(topic: string, error: unknown): void
  /** It is here: those who wait come in first, and then what is published here goes out. */
  opened(topic: string): void
  /** True while the engine is there. */
  readonly isUp: boolean
}
