/** Who is told who is in a topic: members come and go, and those who watch hear of it when they have room. */
import { Presence } from './presence.ts'
import type { Member, PresenceState, TopicsClock } from './subscriber.ts'
import type { Reader, Topic } from './topic.ts'

export interface AudienceOwner {
  readonly clock: TopicsClock
  /** Does it now, or behind what is being delivered. */
  run(work: () => void): void
  /** Does something with a reader, which may fail. */
  withReader(reader: Reader, work: (reader: Reader) => void): void
  /** A topic may have become empty. */
  left(topic: Topic): void
  /** A reader has become a member, or (undefined) is none any more. */
  readonly attended: ((topic: string, key: string, member: Member | undefined) => void) | undefined
}

/** Topics that nobody reads, and that are kept for those who may come back. */
const MAX_DESERTED = 1000

export class Audience {
  readonly #owner: AudienceOwner
  /** Those topics, the one that was left first before the others. */
  readonly #deserted = new Set<Topic>()

  constructor(owner: AudienceOwner) {
    this.#owner = owner
  }

  /** The reader is this member from now on; nothing happens where the rules of the topic have no presence. */
  enter(reader: Reader, topic: Topic, member: Member): void {
    const presence = this.presenceOf(topic)
    if (presence === undefined) return
    this.#deserted.delete(topic)
    const before = reader.members?.get(topic)
    ;(reader.members ??= new Map()).set(topic, member.key)
    presence.enter(member)
    this.#owner.attended?.(topic.name, member.key, member)
    if (before !== undefined) this.#left(topic, before)
  }

  /** Who is in the topic; undefined where its rules have no presence. */
  presenceOf(topic: Topic): Presence | undefined {
    const { presence: rules } = topic.rules
    if (rules === undefined) return undefined
    const { clock } = this.#owner
    const changed = (news: PresenceState): void => this.#owner.run(() => this.#tell(topic, news))
    topic.presence ??= new Presence(rules, { clock, changed, emptied: () => this.#emptied(topic) })
    return topic.presence
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
    if (member !== undefined) this.#left(topic, member)
    if (topic.readers.size === 0 && (topic.presence?.count ?? 0) > 0) this.#desert(topic)
  }

  #left(topic: Topic, key: string): void {
    topic.presence?.leave(key)
    this.#owner.attended?.(topic.name, key, undefined)
  }

  /** Who comes and goes in endless topics cannot fill the memory with those that have gone. */
  #desert(topic: Topic): void {
    this.#deserted.add(topic)
    for (const oldest of this.#deserted) {
      if (this.#deserted.size <= MAX_DESERTED) return
      this.#deserted.delete(oldest)
      if (oldest.readers.size === 0) oldest.presence?.forget()
    }
  }

  /** Nobody is there any more. */
  #emptied(topic: Topic): void {
    this.#deserted.delete(topic)
    this.#owner.left(topic)
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
    const tellOne = (reader: Reader): void => {
      if (reader.subscriber.congested) (reader.stale ??= new Set()).add(topic)
      else if (reader.stale?.delete(topic)) this.#tellAll(reader, topic)
      else reader.subscriber.presence?.({ topic: topic.name, ...news })
    }
    for (const reader of topic.watchers ?? []) this.#owner.withReader(reader, tellOne)
  }

  #tellAll(reader: Reader, topic: Topic): void {
    const state = topic.presence?.state ?? { count: 0, members: new Map() }
    reader.subscriber.presence?.({ topic: topic.name, ...state })
  }
}
