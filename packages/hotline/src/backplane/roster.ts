/** What nodes say about their members, topic by topic, for as long as it counts. */
import type { TopicsClock } from '../topics/subscriber.ts'
import { ATTENDANCE, type Attendance } from './backplane.ts'
import { Ears } from './ears.ts'

type Listener = (node: string, attendance: Attendance | undefined) => void

interface Word {
  readonly topic: string
  readonly node: string
  readonly attendance: Attendance
  readonly until: number
}

export class Roster {
  readonly #clock: TopicsClock
  readonly #words = new Map<string, Map<string, Word>>()
  /** All words, those that end first in front: each counts equally long. */
  readonly #order = new Set<Word>()
  readonly #ears = new Map<string, Ears<Listener>>()
  #timer: { clear(): void } | undefined

  constructor(clock: TopicsClock) {
    this.#clock = clock
  }

  say(topic: string, node: string, attendance: Attendance | undefined): void {
    const before = this.#words.get(topic)?.get(node)
    if (before !== undefined) this.#drop(before)
    if (attendance !== undefined) {
      const word = { topic, node, attendance, until: this.#clock.now() + ATTENDANCE }
      this.#order.add(word)
      const words = this.#words.get(topic)
      if (words === undefined) this.#words.set(topic, new Map([[node, word]]))
      else words.set(node, word)
      this.#watch()
    }
    if (attendance !== undefined || before !== undefined) this.#tell(topic, node, attendance)
  }

  /** A node is gone: nothing that it said counts any more. */
  forget(node: string): void {
    for (const word of [...this.#order]) if (word.node === node) this.say(word.topic, node, undefined)
  }

  /** Tells what has been said, and then what is said; ends by what it returns. */
  listen(topic: string, listener: Listener): () => void {
    let ears = this.#ears.get(topic)
    if (ears === undefined) this.#ears.set(topic, (ears = new Ears()))
    const end = ears.add(listener)
    for (const { node, attendance } of [...(this.#words.get(topic)?.values() ?? [])]) listener(node, attendance)
    return () => {
      end()
      if (this.#ears.get(topic)?.isEmpty) this.#ears.delete(topic)
    }
  }

  close(): void {
    this.#timer?.clear()
    this.#timer = undefined
    this.#words.clear()
    this.#order.clear()
    this.#ears.clear()
  }

  #tell(topic: string, node: string, attendance: Attendance | undefined): void {
    this.#ears.get(topic)?.each(listener => listener(node, attendance))
  }

  #drop(word: Word): void {
    this.#order.delete(word)
    const words = this.#words.get(word.topic)
    words?.delete(word.node)
    if (words?.size === 0) this.#words.delete(word.topic)
  }

  /** Comes back when the first word ends. */
  #watch(): void {
    const [first] = this.#order
    if (first === undefined || this.#timer !== undefined) return
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#timer = undefined
        this.#expire()
        this.#watch()
      },
      Math.max(1, first.until - this.#clock.now()),
    )
  }

  #expire(): void {
    const now = this.#clock.now()
    for (const word of this.#order) {
      if (word.until > now) return
      this.say(word.topic, word.node, undefined)
    }
  }
}
