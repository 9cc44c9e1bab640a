/** What nodes say about their members of one topic. */
import { ATTENDANCE, type Attendance } from '../backplane.ts'
import type { Links } from './links.ts'
import { type Keeper, Listening, type Source } from './listening.ts'
import type { Names } from './names.ts'

interface Word {
  /** When it was said, by the clock of Redis in microseconds. */
  stamp: number
  /** Until when it counts, by our own clock. */
  until: number
  /** Undefined when the node has gone. */
  attendance: Attendance | undefined
}

/** In front of each word, so that an empty one is not none. */
const SAID = Buffer.from('+')

export class Roll extends Listening {
  readonly #topic: string
  readonly #listener: (node: string, attendance: Attendance | undefined) => void
  readonly #names: Names
  readonly #now: () => number
  readonly #words = new Map<string, Word>()

  constructor(
    topic: string,
    listener: (node: string, attendance: Attendance | undefined) => void,
    names: Names,
    now: () => number,
    keeper: Keeper,
  ) {
    super(`who is in ${topic}`, keeper)
    this.#topic = topic
    this.#listener = listener
    this.#names = names
    this.#now = now
  }

  /** Drops what was not said again. Not while Redis is away: then nobody can say anything. */
  expire(links: Links): void {
    if (!this.isOn(links)) return
    for (const [node, { until, attendance }] of this.#words) {
      if (until > this.#now()) continue
      this.#words.delete(node)
      if (attendance !== undefined) this.#listener(node, undefined)
    }
  }

  protected source(links: Links): Source {
    const kind = links.isCluster ? 'sharded' : 'plain'
    return { link: links.of(this.#topic), kind, channel: this.#names.wordsChannel(this.#topic) }
  }

  /** What was known before counts as said now: a Redis that has lost it, or another clock, takes nobody away. */
  protected async begin(links: Links): Promise<void> {
    for (const word of this.#words.values()) {
      word.stamp = 0
      word.until = this.#now() + ATTENDANCE
    }
    const keys = [this.#names.words(this.#topic), this.#names.terms(this.#topic)]
    const found = (await links.of(this.#topic).run('attendance', keys, [])) as readonly (readonly Buffer[])[]
    for (const [node, lasts, word] of found) {
      if (!this.isOn(links)) return
      this.#hear(String(node), word as Buffer, Number(lasts))
    }
  }

  protected hear(message: Buffer): void {
    const space = message.indexOf(' ')
    this.#hear(message.toString('latin1', 0, space), message.subarray(space + 1), ATTENDANCE)
  }

  /** What comes late, behind a later word, is nothing new; what has no time in front, no node has said. */
  #hear(node: string, message: Buffer, lasts: number): void {
    const end = message.indexOf('\n')
    const stamp = Number(message.toString('latin1', 0, end))
    const attendance = readWord(message.subarray(end + 1))
    const known = this.#words.get(node)
    if (!(stamp > (known?.stamp ?? 0))) return
    this.#words.set(node, { stamp, until: this.#now() + lasts, attendance })
    if (!isSame(known?.attendance, attendance)) this.#listener(node, attendance)
  }
}

/** Nothing for nobody. */
export const writeWord = (attendance: Attendance | undefined): Buffer =>
  attendance === undefined ? Buffer.alloc(0) : Buffer.concat([SAID, attendance])

const readWord = (word: Buffer): Attendance | undefined => (word.length === 0 ? undefined : word.subarray(1))

const isSame = (one: Attendance | undefined, other: Attendance | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && Buffer.compare(one, other) === 0)
