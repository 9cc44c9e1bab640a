/** What a server does because it is one of several: subscriptions wait for their topics, and lines hear of the engine. */
import type { Backplane } from '../backplane/backplane.ts'
import { type BackplaneState, Exchange, type ExchangeRules } from '../backplane/exchange.ts'
import type { Clock } from '../connection/clock.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import { checkPattern, checkTopic, isWildcard } from '../topics/names.ts'
import { checkPatternOptions } from '../topics/patterns.ts'
import type { Member, Published, Subscribed, SubscribeOptions, Subscriber } from '../topics/subscriber.ts'
import type { Topics } from '../topics/topics.ts'
import type { ResolvedServer } from './options.ts'
import type { ServerSocket } from './routes.ts'
import { toSource } from './sources.ts'
import { Waiting } from './waiting.ts'

/** What lines are told of the engine between the servers. */
export type Notice = 'interrupted' | 'restored'

/** A socket that may have subscribed to something. */
export interface Joiner extends Subscriber {
  readonly socket: ServerSocket
  notice(notice: Notice): void
}

export interface JoiningParts {
  readonly backplane: Backplane
  readonly rules: ExchangeRules
  readonly core: Topics
  readonly clock: Clock
  readonly report: ResolvedServer['report']
  /** The engine is away, or is there again. */
  turned(isUp: boolean, reason?: Error): void
  readonly subscribers: { values(): Iterable<Joiner> }
}

/** Milliseconds between two attempts to open a backplane, at most. */
const LONGEST_WAIT = 30_000

/** Lines that are told at once; the others follow, so that nothing stands still meanwhile. */
const AT_ONCE = 500

export class Joining {
  readonly #parts: JoiningParts
  readonly #exchange: Exchange
  readonly #waiting = new Waiting()
  /** Who has been told that the engine is away. */
  readonly #interrupted = new Set<Joiner>()
  #opening: { clear(): void } | undefined
  #isClosed = false

  constructor(parts: JoiningParts) {
    const { backplane, rules, core, clock, report } = parts
    this.#parts = parts
    this.#exchange = new Exchange({
      backplane,
      rules,
      local: core.joined,
      clock,
      today: Date.now,
      node: nodeRuntime.crypto.randomBase64(12),
      failed: error => report(error, { phase: 'backplane' }),
      turned: (isUp, reason) => this.#turned(isUp, reason),
    })
  }

  get state(): BackplaneState {
    return this.#exchange.state
  }

  /** @throws BackplaneError when the engine cannot be had */
  open(): Promise<void> {
    return this.#exchange.open()
  }

  /** Opens it, whenever it can be had. */
  openSoon(wait = 1_000): void {
    this.open().catch(error => {
      if (this.#isClosed) return
      this.#parts.report(error, { phase: 'backplane' })
      const again = (): void => this.openSoon(Math.min(2 * wait, LONGEST_WAIT))
      this.#opening = this.#parts.clock.setTimeout(again, wait)
    })
  }

  /** Nothing is published any more; what was is stored, unless that is too late. */
  async close(late: Promise<void>): Promise<void> {
    this.#isClosed = true
    this.#opening?.clear()
    await this.#exchange.close(late)
  }

  /** Makes the subscription by `enter`, at once when the topic is here. */
  subscribe(subscriber: Joiner, name: string, options: SubscribeOptions, enter: () => Subscribed): Subscribed {
    const subscribed = this.#exchange.isHere(name, options.since)
      ? enter()
      : this.#wait(subscriber, name, options, enter)
    if (!this.state.up) this.#interrupt(subscriber)
    return subscribed
  }

  /** True when it waited for the topic; it does no longer. */
  cancel(subscriber: Joiner, name: string): boolean {
    return this.#waiting.cancel(subscriber, name)
  }

  /** The subscriber is gone. */
  remove(subscriber: Joiner): void {
    this.#waiting.remove(subscriber)
    this.#interrupted.delete(subscriber)
  }

  /** @throws UsageError when the name is no topic, or the data cannot be written; and what the topic's `key` throws */
  publish(topic: string, data: unknown, except: Joiner | undefined): Published {
    checkTopic(topic)
    const source = toSource(data)
    // What is wrong with it, its publisher hears now.
    const { slow, key } = this.#parts.core.rulesOf(topic)
    if (slow === 'latest') key?.(data)
    return this.#exchange.publish(topic, source, except)
  }

  unread(name: string): void {
    this.#exchange.unread(name)
  }

  attended(topic: string, key: string, member: Member | undefined): void {
    this.#exchange.attended(topic, key, member)
  }

  #wait(subscriber: Joiner, name: string, options: SubscribeOptions, enter: () => Subscribed): Subscribed {
    checkPattern(name)
    if (isWildcard(name)) checkPatternOptions(name, options)
    const when = (callback: () => void): (() => void) => this.#exchange.whenHere(name, callback, options.since)
    const ready = this.#waiting.add([subscriber, name], when, enter)
    ready.catch(error => this.#parts.report(error, { phase: 'topic', socket: subscriber.socket }))
    return { replayed: 0, ready }
  }

  /** The engine is away, or is there again. */
  #turned(isUp: boolean, reason: Error | undefined): void {
    this.#parts.turned(isUp, reason)
    if (isUp) this.#each([...this.#interrupted], true, subscriber => this.#restore(subscriber))
    else this.#each([...this.#parts.subscribers.values()], false, subscriber => this.#interrupt(subscriber))
  }

  /** For as long as it is so. */
  #each(subscribers: readonly Joiner[], isUp: boolean, tell: (subscriber: Joiner) => void): void {
    if (this.state.up !== isUp) return
    for (const subscriber of subscribers.slice(0, AT_ONCE)) tell(subscriber)
    const others = subscribers.slice(AT_ONCE)
    if (others.length > 0) this.#parts.clock.setTimeout(() => this.#each(others, isUp, tell), 1)
  }

  /** Once, and only who has subscribed to something. */
  #interrupt(subscriber: Joiner): void {
    if (this.#interrupted.has(subscriber) || subscriber.socket.state === 'closed') return
    if (this.#parts.core.countOf(subscriber) === 0 && !this.#waiting.has(subscriber)) return
    this.#interrupted.add(subscriber)
    subscriber.notice('interrupted')
  }

  #restore(subscriber: Joiner): void {
    if (this.#interrupted.delete(subscriber)) subscriber.notice('restored')
  }
}
