/** The pace of a room: who sends waits for those that are behind, but not for long for those that do not read at all. */
import { setTimeout } from 'node:timers/promises'
import type { ServerSocket } from 'hotline/server'

/** Milliseconds that a sender waits; those that are behind even then are lagging, and it waits for them no more. */
const PATIENCE = 1_000

/** Milliseconds between two looks. */
const LOOK = 5

export interface Time {
  now(): number
  sleep(milliseconds: number): Promise<unknown>
}

const system: Time = { now: () => performance.now(), sleep: milliseconds => setTimeout(milliseconds) }

export class Patience {
  readonly #behind: (topic: string) => number
  readonly #time: Time
  /** For how many a sender does not wait. */
  readonly #lagging = new WeakMap<ServerSocket, number>()

  /** @param behind - how many a publication of the topic waits for */
  constructor(behind: (topic: string) => number, time: Time = system) {
    this.#behind = behind
    this.#time = time
  }

  /** Fulfilled when nobody is behind but who is lagging, or this sender has no patience any more; undefined when that is so. */
  wait(sender: ServerSocket, topic: string): Promise<void> | undefined {
    return this.#isEven(sender, topic) ? undefined : this.#look(sender, topic)
  }

  async #look(sender: ServerSocket, topic: string): Promise<void> {
    const since = this.#time.now()
    do {
      await this.#time.sleep(LOOK)
      if (this.#isEven(sender, topic)) return
    } while (this.#time.now() - since < PATIENCE)
    this.#lagging.set(sender, this.#behind(topic))
  }

  /** Who has caught up lags no more. */
  #isEven(sender: ServerSocket, topic: string): boolean {
    const lagging = this.#lagging.get(sender) ?? 0
    const behind = this.#behind(topic)
    if (behind < lagging) this.#lagging.set(sender, behind)
    return behind <= lagging
  }
}
