/** What is kept of one topic in one life of it: the newest publications, and what each node has published last. */
import type { HistoryRules } from '../topics/rules.ts'
import type { Entry, Kept, Place } from './backplane.ts'

/** Milliseconds for which a publication that is given again is known. */
export const REMEMBERED = 120_000

/** Bytes that a publication takes beside its body. */
const ENTRY = 256

/** From so many entries before the first one on, they are cut off. */
const TRIM = 64

interface Held {
  readonly kept: Kept
  readonly at: number
}

export class Journal {
  readonly epoch: string
  /** The bounds: those of whoever used it last. */
  rules: HistoryRules
  #held: Held[] = []
  #first = 0
  #last = new Map<string, { readonly sequence: number; readonly at: number }>()
  /** The offset of the newest publication, whether it is still here or not. */
  offset = 0
  bytes = 0

  constructor(epoch: string, rules: HistoryRules) {
    this.epoch = epoch
    this.rules = rules
  }

  get size(): number {
    return this.#held.length - this.#first
  }

  get place(): Place {
    return { epoch: this.epoch, offset: this.offset }
  }

  /** Those that are kept, the oldest first. */
  get entries(): Kept[] {
    return this.#held.slice(this.#first).map(({ kept }) => kept)
  }

  /** Keeps it; undefined when it has been kept before. */
  add({ node, sequence, body }: Entry, now: number): Kept | undefined {
    const last = this.#last.get(node)
    if (last !== undefined && sequence <= last.sequence && now - last.at < REMEMBERED) return undefined
    // In the order of their last word, so that the oldest are forgotten from the front.
    this.#last.delete(node)
    this.#last.set(node, { sequence, at: now })
    const kept: Kept = { node, sequence, body, offset: ++this.offset }
    this.#held.push({ kept, at: now })
    this.bytes += costOf(kept)
    this.expire(now)
    while (this.size > this.rules.size || this.bytes > this.rules.bytes) this.dropOldest()
    return kept
  }

  /** Where a publication is that was kept before; undefined when it has gone. */
  find({ node, sequence }: Entry): Place | undefined {
    const held = this.#held.findLast(one => one?.kept.node === node && one.kept.sequence === sequence)
    return held && { epoch: this.epoch, offset: held.kept.offset }
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (let held = this.#held[this.#first]; held && now - held.at >= this.rules.age; held = this.#held[this.#first])
      this.dropOldest()
    for (const [node, { at }] of this.#last) {
      if (now - at < REMEMBERED) break
      this.#last.delete(node)
    }
  }

  dropOldest(): void {
    const held = this.#held[this.#first]
    if (held === undefined) return
    this.bytes -= costOf(held.kept)
    // What is dropped is let go now, and the array is cut from time to time.
    this.#held[this.#first++] = undefined as never
    if (this.size === 0) this.#held = []
    else if (this.#first >= TRIM && this.#first >= this.size) this.#held.splice(0, this.#first)
    else return
    this.#first = 0
  }
}

const costOf = ({ body }: Kept): number => ENTRY + body.byteLength
