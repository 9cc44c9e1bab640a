/** The memory that compression may take for what lines remember, and what is forgotten first. RFC 7692 §7.2.3.2 */
import type { Clock, Timer } from './clock.ts'
import type { Deflater } from './deflate-engine.ts'

/** Milliseconds after which what a line has sent is forgotten. */
const FORGET_AFTER = 30_000
/** Milliseconds after which it is, when others have use for its memory. */
const YIELD_AFTER = 1000

/** What a line's deflater remembers. */
interface Context {
  readonly deflater: Deflater
  readonly size: number
  usedAt: number
}

/**
 * All contexts of a server, or of the clients of a process. What a line has sent may be forgotten at any time, since its
 * deflater need not refer to it. What a peer may refer to must stay, and so its memory is reserved when the line opens.
 */
export class ContextBudget {
  readonly #limit: number
  readonly #clock: Clock
  #reserved = 0
  #taken = 0
  /** Bytes of compressed messages: their content, and their payload on the wire. */
  readonly received = { plain: 0, wire: 0 }
  readonly sent = { plain: 0, wire: 0 }
  /** By line, the one that was used last at the end. */
  readonly #contexts = new Map<object, Context>()
  #timer: Timer | undefined

  constructor(limit: number, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  /** Bytes in use or reserved. */
  get used(): number {
    return this.#reserved + this.#taken
  }

  /** True when so many bytes can be reserved for what a peer may refer to. */
  hasRoom(bytes: number): boolean {
    return this.#reserved + bytes <= this.#limit
  }

  /** Reserves them; contexts that are in the way are forgotten. A negative number gives them back. */
  reserve(bytes: number): void {
    this.#reserved += bytes
    for (const line of this.#contexts.keys()) {
      if (this.used <= this.#limit) return
      this.forget(line)
    }
  }

  /** The deflater of a line, made when it has none; undefined when there is no memory for it. */
  deflaterOf(line: object, size: number, make: () => Deflater): Deflater | undefined {
    const now = this.#clock.now()
    let context = this.#contexts.get(line)
    if (context !== undefined) {
      context.usedAt = now
      this.#contexts.delete(line)
    } else if (this.#makesRoom(size, now)) {
      context = { deflater: make(), size, usedAt: now }
      this.#taken += size
    } else return undefined
    this.#contexts.set(line, context)
    this.#timer ??= this.#clock.setTimeout(this.#sweep, FORGET_AFTER / 2)
    return context.deflater
  }

  /** A line's deflater goes, when it has one. */
  forget(line: object): void {
    const context = this.#contexts.get(line)
    if (context === undefined) return
    this.#contexts.delete(line)
    this.#taken -= context.size
    context.deflater.close()
    if (this.#contexts.size > 0) return
    this.#timer?.clear()
    this.#timer = undefined
  }

  /** What was not used for a while yields; what is in use does not, or the lines would take it from each other. */
  #makesRoom(size: number, now: number): boolean {
    for (const [line, { usedAt }] of this.#contexts) {
      if (this.used + size <= this.#limit || now - usedAt < YIELD_AFTER) break
      this.forget(line)
    }
    return this.used + size <= this.#limit
  }

  readonly #sweep = (): void => {
    const now = this.#clock.now()
    this.#timer = this.#clock.setTimeout(this.#sweep, FORGET_AFTER / 2)
    for (const [line, { usedAt }] of this.#contexts) {
      if (now - usedAt < FORGET_AFTER) return
      this.forget(line)
    }
  }
}
