/** Who waits to be let in to a topic: until it is on this node, and has come as far as they have been on another. */
import type { Position } from '../topics/subscriber.ts'
import type { ChannelOwner } from './local.ts'

/** The topic. */
export interface Entered {
  readonly name: string
  /** How far it has come here; undefined for one without a history, and before it is here. */
  readonly place: Position | undefined
  /** Does it behind what is being told. */
  run(work: () => void): void
}

/** Those that are let in at once. */
const AT_ONCE = 64

/** Milliseconds that one waits who was further on another node than this one is: who says so may be wrong. */
const BEHIND = 5_000

/** One who waits. */
interface Wait {
  readonly since: Position | undefined
  readonly waiter: () => void
  timer: { clear(): void } | undefined
}

export class Entrance {
  readonly #topic: Entered
  readonly #owner: ChannelOwner
  /** Those who are let in next. */
  readonly #waiting = new Set<Wait>()
  /** Those who were further elsewhere. */
  readonly #ahead = new Set<Wait>()
  #isOpen = false
  /** True while the others of those that wait follow by themselves. */
  #goesOn = false

  constructor(topic: Entered, owner: ChannelOwner) {
    this.#topic = topic
    this.#owner = owner
  }

  /** True when those who come can be answered. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** True when somebody waits. */
  get isAwaited(): boolean {
    return this.#waiting.size + this.#ahead.size > 0
  }

  /** True when somebody has seen what has not come here yet. */
  isBehind(since: Position | undefined): boolean {
    const { place } = this.#topic
    return since !== undefined && since.epoch === place?.epoch && since.offset > place.offset
  }

  /** Calls back when whoever was there can come in, at once when that is now. Returns what takes that back. */
  wait(since: Position | undefined, waiter: () => void): () => void {
    const one: Wait = { since, waiter, timer: undefined }
    if (this.#isOpen) this.#let(one)
    else this.#waiting.add(one)
    return () => {
      this.#waiting.delete(one)
      this.#forget(one)
    }
  }

  /** The topic is here. */
  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#admit()
  }

  /** More of the topic has come, or another life of it. */
  moved(): void {
    if (this.#ahead.size === 0) return
    for (const one of this.#ahead) {
      if (this.isBehind(one.since)) continue
      this.#forget(one)
      this.#waiting.add(one)
    }
    if (this.#waiting.size > 0 && !this.#goesOn) this.#admit()
  }

  end(): void {
    for (const one of this.#ahead) one.timer?.clear()
  }

  /** A few at a time: there may be thousands, and each is sent what it has missed. */
  #admit(): void {
    let left = AT_ONCE
    this.#goesOn = false
    for (const one of this.#waiting) {
      if (left-- === 0) {
        this.#goesOn = true
        this.#owner.clock.setTimeout(() => this.#topic.run(() => this.#admit()), 1)
        return
      }
      this.#waiting.delete(one)
      this.#let(one)
    }
    this.#owner.opened(this.#topic.name)
  }

  #let(one: Wait): void {
    if (this.isBehind(one.since)) {
      this.#ahead.add(one)
      one.timer = this.#owner.clock.setTimeout(() => this.#giveUp(one), BEHIND)
    } else this.#call(one)
  }

  /** While the engine is away, nothing can come. */
  #giveUp(one: Wait): void {
    if (this.#owner.isUp) {
      this.#topic.run(() => {
        if (this.#ahead.delete(one)) this.#call(one)
      })
    } else one.timer = this.#owner.clock.setTimeout(() => this.#giveUp(one), BEHIND)
  }

  #call({ waiter }: Wait): void {
    try {
      waiter()
    } catch (error) {
      this.#owner.unfit(this.#topic.name, error)
    }
  }

  #forget(one: Wait): void {
    one.timer?.clear()
    this.#ahead.delete(one)
  }
}
