/** One publication on its way to the engine. */
import type { HistoryRules } from '../topics/rules.ts'
import type { Position } from '../topics/subscriber.ts'
import type { Entry } from './backplane.ts'
import type { Receipt } from './receipt.ts'

/** Bytes that one takes beside its body. */
const PARCEL = 512

export class Parcel {
  readonly topic: string
  readonly history: HistoryRules | undefined
  readonly entry: Entry
  readonly receipt: Receipt
  /** When it was published. */
  readonly at: number
  /** When it was given to the engine first. */
  sentAt: number | undefined
  /** How often it was given to the engine. */
  attempts = 0
  /** One behind it, of its topic, is stored: if it is not, it never will be, since engines take its number for an old one. */
  overtaken = false
  /** Whoever published it has been told what became of it. */
  settled = false

  constructor(topic: string, history: HistoryRules | undefined, entry: Entry, receipt: Receipt, at: number) {
    this.topic = topic
    this.history = history
    this.entry = entry
    this.receipt = receipt
    this.at = at
  }

  get sequence(): number {
    return this.entry.sequence
  }

  /** Bytes that it takes. */
  get size(): number {
    return PARCEL + this.entry.body.length
  }

  stored(place: Position | undefined): void {
    this.settled = true
    this.receipt.settle({ place })
  }

  failed(error: Error): void {
    this.settled = true
    this.receipt.settle({ error })
  }
}
