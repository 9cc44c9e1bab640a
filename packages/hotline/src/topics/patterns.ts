/** Subscriptions to patterns: who reads each topic that fits. */
import { UsageError } from '../errors.ts'
import { fits, PatternTree } from './names.ts'
import type { Subscribed, SubscribeOptions } from './subscriber.ts'
import type { PatternReaders, Reader } from './topic.ts'

export class Patterns {
  readonly tree = new PatternTree<PatternReaders>()

  /**
   * @param sequence - that of the last publication before it came
   * @throws UsageError when there are options, of which patterns have none
   */
  add(reader: Reader, pattern: string, sequence: number): void {
    let readers = this.tree.get(pattern)
    if (readers === undefined) this.tree.set(pattern, (readers = new Map()))
    if (!readers.has(reader)) readers.set(reader, sequence)
    ;(reader.patterns ??= new Set()).add(pattern)
  }

  /** False when it was not subscribed to this very pattern. */
  remove(reader: Reader, pattern: string): boolean {
    if (reader.patterns?.delete(pattern) !== true) return false
    const readers = this.tree.get(pattern)
    readers?.delete(reader)
    if (readers?.size === 0) this.tree.delete(pattern)
    return true
  }

  /** True when somebody has subscribed to this very pattern. */
  has(pattern: string): boolean {
    return this.tree.get(pattern) !== undefined
  }

  /** True when one of the reader's patterns fits. */
  static reads(reader: Reader, name: string): boolean {
    for (const pattern of reader.patterns ?? []) if (fits(name, pattern)) return true
    return false
  }
}

/** @throws UsageError when there are options, of which patterns have none */
export function checkPatternOptions(pattern: string, { told: _, ...options }: SubscribeOptions): void {
  if (Object.values(options).every(option => option === undefined)) return
  throw new UsageError(`the pattern ${pattern} has no history, presence or pace: subscribe to its topics`, 'topic')
}

/** What becomes of a subscription to a pattern. */
export const NOTHING_MORE: Subscribed = { replayed: 0 }
