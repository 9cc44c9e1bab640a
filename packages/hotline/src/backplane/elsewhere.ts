/** The members of one topic on other nodes, as far as those have said so lately. */
import type { Member } from '../topics/subscriber.ts'
import { ATTENDANCE, type Attendance } from './backplane.ts'
import { type Roll, readAttendance } from './roll.ts'

/** Who is in a topic, on this node as far as is known. `Presence` is it. */
export interface Present {
  enter(member: Member): void
  leave(key: string): void
  /** So many that are not known by name. */
  more(count: number): void
}

interface Word {
  readonly roll: Roll
  /** When it does not count any more. */
  until: number
}

export class Elsewhere {
  readonly #presence: Present
  readonly #nodes = new Map<string, Word>()

  constructor(presence: Present) {
    this.#presence = presence
  }

  /** @throws Error when no node can have said it */
  heard(node: string, attendance: Attendance | undefined, now: number): void {
    const before = this.#nodes.get(node)
    const roll = attendance && readAttendance(attendance)
    if (roll === undefined) this.#nodes.delete(node)
    else this.#nodes.set(node, { roll, until: now + ATTENDANCE })
    this.#change(before?.roll, roll)
  }

  /** Drops what nodes have said too long ago. */
  expire(now: number): void {
    for (const [node, { until }] of this.#nodes) if (until <= now) this.heard(node, undefined, now)
  }

  /** Nothing could be heard: what was said counts from now on again. */
  renew(now: number): void {
    for (const word of this.#nodes.values()) word.until = now + ATTENDANCE
  }

  end(): void {
    for (const node of [...this.#nodes.keys()]) this.heard(node, undefined, 0)
  }

  /** Who stays, enters before it leaves, so that it is there all the time. */
  #change(before: Roll | undefined, after: Roll | undefined): void {
    const old = membersOf(before)
    const now = membersOf(after)
    for (const [key, data] of now) if (!old.has(key) || !isSame(old.get(key), data)) this.#presence.enter({ key, data })
    for (const [key, data] of old) if (!now.has(key) || !isSame(data, now.get(key))) this.#presence.leave(key)
    const more = [...this.#nodes.values()].reduce((sum, { roll }) => sum + ('count' in roll ? roll.count : 0), 0)
    this.#presence.more(more)
  }
}

const NONE: ReadonlyMap<string, unknown> = new Map()

const membersOf = (roll: Roll | undefined): ReadonlyMap<string, unknown> =>
  roll !== undefined && 'members' in roll ? roll.members : NONE

/** Both have been JSON. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
