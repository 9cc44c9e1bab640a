/** Who is told who is in a topic: members come and go, and those who watch hear of it when they have room. */
import { Presence } from './presence.ts'
import type { Member, PresenceState, TopicsClock } from './subscriber.ts'
import type { Reader, Topic } from './topic.ts'

export interface AudienceOwner {
  readonly clock: TopicsClock
  /** Does it now, or behind what is being delivered. */
  run(work: () => void): void
  /** A topic may have become empty. */
  left(topic: Topic): void
}

export class Audience {
  readonly #owner: AudienceOwner

  constructor(owner: AudienceOwner) {
    this.#owner = owner
  }

  /** The reader is this member from now on; nothing happens where the rules of the topic have no presence. */
  enter(reader: Reader, topic: Topic, member: Member): void {
    const { presence: rules } = topic.rules
    if (rules === undefined) return
    const { clock } = this.#owner
    const changed = (news: PresenceState): void => this.#owner.run(() => this.#tell(topic, news))
    topic.presence ??= new Presence(rules, { clock, changed, emptied: () => this.#owner.left(topic) })
    const before = reader.members?.get(topic)
    ;(reader.members ??= new Map()).set(topic, member.key)
    topic.presence.enter(member)
    if (before !== undefined) topic.presence.leave(before)
  }

  watch(reader: Reader, topic: Topic): void {
    ;(topic.watchers ??= new Set()).add(reader)
  }

  /** The reader is no member any more, and watches no more. */
  leave(reader: Reader, topic: Topic): void {
    topic.watchers?.delete(reader)
    reader.stale?.delete(topic)
    const member = reader.members?.get(topic)
    reader.members?.delete(topic)
    if (member !== undefined) topic.presence?.leave(member)
  }

  /** Tells a reader that has room again what it was not told. */
  catchUp(reader: Reader): void {
    for (const topic of reader.stale ?? []) {
      if (reader.subscriber.congested) return
      reader.stale?.delete(topic)
      this.#tellAll(reader, topic)
    }
  }

  /** Who has enough already is told later, and then the state of that time. */
  #tell(topic: Topic, news: PresenceState): void {
    for (const reader of topic.watchers ?? []) {
      if (reader.subscriber.congested) (reader.stale ??= new Set()).add(topic)
      else if (reader.stale?.delete(topic)) this.#tellAll(reader, topic)
      else reader.subscriber.presence?.({ topic: topic.name, ...news })
    }
  }

  #tellAll(reader: Reader, topic: Topic): void {
    const state = topic.presence?.state ?? { count: 0, members: new Map() }
    reader.subscriber.presence?.({ topic: topic.name, ...state })
  }
}
