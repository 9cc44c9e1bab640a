/**
 * What was published here and is not stored yet, in order. What was in flight when the engine was lost is given again in its
 * place, under the same number; what has been given up is never given again, so that its number comes before no later one.
 */
import { BackplaneError } from '../errors.ts'
import type { Position, TopicsClock } from '../topics/subscriber.ts'
import type { Backplane } from './backplane.ts'
import { Doubt } from './doubt.ts'
import type { Parcel } from './parcel.ts'

export interface OutboxRules {
  /** Milliseconds that a publication may take. */
  readonly publishTimeout: number
  /** What is done with it while the engine is away. */
  readonly whenAway: 'wait' | 'fail'
  /** Publications that may be under way or wait, and their bytes. */
  readonly maxUnstored: number
  readonly maxUnstoredBytes: number
}

export interface OutboxParts {
  readonly rules: OutboxRules
  readonly clock: TopicsClock
  readonly backplane: Pick<Backplane, 'publish'>
  /** It was not stored, as far as is known, and nobody looks. */
  unheard(error: Error): void
  /** It is certainly not stored, and does not come back. */
  gone(parcel: Parcel): void
}

/** Publications that are given to the engine before it has answered the first, and their bytes. */
const WINDOW = 1024
const WINDOW_BYTES = 8_388_608

/** Milliseconds within which one may be given again: engines know it for two minutes. */
const AGAIN = 100_000

const AWAY = 'the backplane is away'
const CLOSED = 'the server is closed'
const CLOSED_MEANWHILE = 'the server was closed before the backplane had answered'
const LOST = 'the backplane was lost before it had answered'

export class Outbox {
  readonly #parts: OutboxParts
  /** All whose publisher waits, the oldest first. */
  readonly #open = new Set<Parcel>()
  /** Of those, what is to be given to the engine next. */
  #waiting = new Set<Parcel>()
  /** False when some of those are to be given again, before the others. */
  #isSorted = true
  /** And what waits until its topic is here. */
  readonly #held = new Map<string, Set<Parcel>>()
  /** What the engine has been given and has not answered, whether its publisher still waits or not. */
  readonly #sent = new Set<Parcel>()
  /** Of those, what the engine does not know the fate of. */
  readonly #doubt: Doubt
  #bytes = 0
  #inFlight = 0
  #isUp = false
  #isClosed = false
  #timer: { clear(): void } | undefined
  #emptied: (() => void) | undefined

  constructor(parts: OutboxParts) {
    this.#parts = parts
    this.#doubt = new Doubt(parts.clock, parcels => this.#doubted(parcels))
  }

  /** Publications that are not stored yet. */
  get size(): number {
    return this.#open.size
  }

  /** When the oldest of them was published. */
  get since(): number | undefined {
    const [oldest] = this.#open
    return oldest?.at
  }

  add(parcel: Parcel): void {
    const { rules } = this.#parts
    const why = this.#refusal(parcel, rules)
    if (why !== undefined) {
      this.#tell(parcel, new BackplaneError(why))
      return
    }
    this.#open.add(parcel)
    this.#bytes += parcel.size
    this.#timer ??= this.#parts.clock.setTimeout(() => this.#late(), rules.publishTimeout)
    const held = this.#held.get(parcel.topic)
    if (held !== undefined) held.add(parcel)
    else {
      this.#waiting.add(parcel)
      this.#pump()
    }
  }

  /** What is published to the topic from now on waits until `release`. */
  hold(topic: string): void {
    if (!this.#held.has(topic)) this.#held.set(topic, new Set())
  }

  release(topic: string): void {
    const held = this.#held.get(topic)
    this.#held.delete(topic)
    for (const parcel of held ?? []) this.#waiting.add(parcel)
    this.#pump()
  }

  up(): void {
    // What was in flight and was not answered when the engine was lost is not answered any more.
    for (const parcel of [...this.#sent]) this.#lost(parcel)
    this.#isUp = true
    this.#pump()
  }

  down(): void {
    this.#isUp = false
    this.#doubt.end()
    const fails = this.#parts.rules.whenAway === 'fail'
    // Of a topic without history the engine's answer says whether it was given at all.
    for (const parcel of [...this.#sent]) if (parcel.history !== undefined || fails) this.#lost(parcel)
    if (!fails) return
    for (const parcel of [...this.#open]) this.#giveUp(parcel, new BackplaneError(AWAY, keptOf(parcel)))
  }

  /** Fulfilled when all is stored or given up. */
  whenEmpty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#emptied = resolve
    })
  }

  /** Gives up what is left. */
  close(): void {
    this.#isUp = false
    this.#isClosed = true
    this.#doubt.end()
    for (const parcel of [...this.#open]) {
      const kept = keptOf(parcel)
      this.#giveUp(parcel, new BackplaneError(kept === 'no' ? CLOSED : CLOSED_MEANWHILE, kept))
    }
    this.#timer?.clear()
  }

  #refusal({ size }: Parcel, rules: OutboxRules): string | undefined {
    if (this.#isClosed) return CLOSED
    if (!this.#isUp && rules.whenAway === 'fail') return AWAY
    if (this.#open.size >= rules.maxUnstored) return `more than ${rules.maxUnstored} publications wait (maxUnstored)`
    if (this.#bytes + size > rules.maxUnstoredBytes)
      return `more than ${rules.maxUnstoredBytes} bytes of publications wait (maxUnstoredBytes)`
    return undefined
  }

  #pump(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#waiting.delete(next)
      if (this.#isTooOld(next)) this.#giveUp(next, new BackplaneError(LOST, 'unknown'))
      else void this.#send(next)
    }
  }

  /** What is to be given to the engine now: nothing until it is known whether all behind one in doubt are to be given again too. */
  #next(): Parcel | undefined {
    if (!this.#isUp || this.#doubt.size > 0 || this.#sent.size >= WINDOW) return undefined
    if (!this.#isSorted) this.#waiting = new Set([...this.#waiting].sort((a, b) => a.sequence - b.sequence))
    this.#isSorted = true
    const [first] = this.#waiting
    if (first === undefined || this.#sent.size === 0) return first
    return this.#inFlight + first.size > WINDOW_BYTES ? undefined : first
  }

  async #send(parcel: Parcel): Promise<void> {
    parcel.sentAt ??= this.#parts.clock.now()
    const attempt = ++parcel.attempts
    this.#sent.add(parcel)
    this.#inFlight += parcel.size
    const { topic, history, entry } = parcel
    try {
      this.#stored(parcel, await this.#parts.backplane.publish(topic, history, entry))
    } catch (error) {
      // One that was given again has another answer to come.
      if (parcel.attempts === attempt) this.#refused(parcel, error)
    }
    this.#pump()
  }

  #stored(parcel: Parcel, place: Position | undefined): void {
    for (const earlier of this.#sent) {
      if (earlier === parcel) break
      if (earlier.topic === parcel.topic) earlier.overtaken = true
    }
    this.#land(parcel)
    this.#waiting.delete(parcel)
    if (!this.#open.delete(parcel)) return
    this.#closed(parcel)
    parcel.stored(place)
  }

  #refused(parcel: Parcel, error: unknown): void {
    // It waits again already, or nobody waits for it.
    if (!this.#sent.has(parcel)) return
    const kept = error instanceof BackplaneError ? error.kept : 'unknown'
    if (kept === 'unknown' && parcel.history !== undefined && this.#isUp) this.#doubt.add(parcel)
    else if (kept === 'no' && !this.#isUp) this.#again(parcel)
    else {
      this.#land(parcel)
      this.#giveUp(parcel, error instanceof BackplaneError ? error : unknownFate(error))
    }
  }

  /** The engine was lost while it was in flight. */
  #lost(parcel: Parcel): void {
    const may = !parcel.overtaken && !this.#isTooOld(parcel)
    if (may && parcel.history !== undefined && this.#parts.rules.whenAway === 'wait') this.#again(parcel)
    else {
      this.#land(parcel)
      this.#giveUp(parcel, new BackplaneError(LOST, 'unknown'))
    }
  }

  /** Engines may not know any more that they have it, if they do. */
  #isTooOld({ sentAt }: Parcel): boolean {
    return sentAt !== undefined && this.#parts.clock.now() - sentAt >= AGAIN
  }

  /** It is given again, in its place. */
  #again(parcel: Parcel): void {
    this.#land(parcel)
    if (parcel.settled) return
    // Engines do not remember it: it was not given at all.
    if (parcel.history === undefined) parcel.sentAt = undefined
    this.#isSorted &&= this.#waiting.size === 0
    this.#waiting.add(parcel)
  }

  /** The engine was not away: what has none behind it that is stored may be given again. */
  #doubted(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) this.#lost(parcel)
    this.#pump()
  }

  /** It is not in flight any more. */
  #land(parcel: Parcel): void {
    if (this.#sent.delete(parcel)) this.#inFlight -= parcel.size
    this.#doubt.delete(parcel)
  }

  /** Whoever published it does not wait any longer. */
  #giveUp(parcel: Parcel, error: BackplaneError): void {
    this.#waiting.delete(parcel)
    this.#held.get(parcel.topic)?.delete(parcel)
    if (!this.#open.delete(parcel)) return
    this.#closed(parcel)
    this.#tell(parcel, error)
  }

  #closed(parcel: Parcel): void {
    this.#bytes -= parcel.size
    if (this.#open.size === 0) this.#emptied?.()
  }

  #tell(parcel: Parcel, error: BackplaneError): void {
    parcel.failed(error)
    if (error.kept === 'no') this.#parts.gone(parcel)
    // Whoever has published it just now has not had the time to look.
    queueMicrotask(() => {
      if (!parcel.receipt.isWatched) this.#parts.unheard(error)
    })
  }

  /** What is in flight stays there: the engine will say, or be lost. */
  #late(): void {
    this.#timer = undefined
    const { clock, rules } = this.#parts
    const now = clock.now()
    for (const parcel of this.#open) {
      const left = parcel.at + rules.publishTimeout - now
      if (left > 0) {
        this.#timer = clock.setTimeout(() => this.#late(), left)
        return
      }
      const why = `the backplane has not taken it within ${rules.publishTimeout} ms (publishTimeout)`
      this.#giveUp(parcel, new BackplaneError(why, keptOf(parcel)))
    }
  }
}

/** What was never given to the engine is certainly not kept. */
const keptOf = ({ sentAt }: Parcel): 'no' | 'unknown' => (sentAt === undefined ? 'no' : 'unknown')

const unknownFate = (cause: unknown): BackplaneError =>
  new BackplaneError('the backplane does not know what became of it', 'unknown', { cause })
