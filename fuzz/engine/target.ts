/** What is fuzzed: how inputs are made, and what must hold for each of them. */
import type { Random } from './random.ts'

export interface Target {
  readonly name: string
  /** What it feeds, and what it is compared with, in one line. */
  readonly about: string
  /** Every difference to another implementation that a clause explains. */
  readonly explains?: readonly Difference[]
  /** Bytes that an input may have. */
  readonly longest: number
  /** An input that is nearly right: built by its grammar, to be damaged by others. */
  make(random: Random): Uint8Array
  /**
   * Tries one input. What it throws is a crash.
   *
   * @throws Finding when a claim does not hold
   */
  run(input: Uint8Array, explain: Explain): void | Promise<void>
}

/** A difference to another implementation that a clause of a standard explains. */
export interface Difference {
  /** What is different, in words that begin with who does it. */
  readonly what: string
  /** The clause that says who is right. */
  readonly clause: string
  readonly right: 'hotline' | 'ws' | 'both'
}

export type Explain = (difference: Difference) => void

/** A claim that did not hold. The words of the claim tell one fault from another, so they hold nothing of the input. */
export class Finding extends Error {
  readonly claim: string

  constructor(claim: string, details: unknown[] = []) {
    super([claim, ...details.map(show)].join('\n    '))
    this.claim = claim
  }

  override get name(): string {
    return 'Finding'
  }
}

/** Holds a claim: `details` say what was seen when it does not hold. */
export function claim(holds: boolean, words: string, ...details: unknown[]): asserts holds {
  if (!holds) throw new Finding(words, details)
}

const show = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}

/** The claim that a crash is about: two crashes with the same one are the same fault. */
export function claimOf(error: unknown): string {
  if (error instanceof Finding) return error.claim
  if (!(error instanceof Error)) return `threw ${typeof error}`
  const place = /\bat (?:async )?([\w.#$<> ]+) \(/.exec(error.stack ?? '')?.[1] ?? ''
  return `${error.name}: ${error.message.split('\n', 1)[0]?.replace(/\d+/g, 'N')} at ${place}`
}
