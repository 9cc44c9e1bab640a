/** What the contract of backplanes is written with: nodes, those who follow a topic, and those who publish. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'vitest'
import type { Backplane, Consumption, Entry, Kept, Place, TopicListener } from '../../src/backplane/backplane.ts'
import type { HistoryRules } from '../../src/topics/rules.ts'
import { Log, within } from '../support/deadline.ts'

setFlagsFromString('--expose-gc')
globalThis.gc = runInNewContext('gc')

/** Something that can happen to an engine: `begin`, and later `finish`. */
export type Outage = 'restart' | 'pause' | 'cut'

/** An engine under test. */
export interface Engine {
  /** A node that is not open yet. */
  make(): Backplane
  /** A node that was closed is not used any more. */
  forget?(backplane: Backplane): void
  /** A node of an engine that is not there. */
  nowhere?(): Backplane
  /** The process of the engine ends at once, and is started again. */
  readonly restart?: {
    stop(): Promise<void>
    start(): Promise<void>
    /** True when everything that was kept is there again afterwards. */
    readonly durable: boolean
  }
  /** The process of the engine stands still, and goes on. */
  readonly pause?: { stop(): Promise<void>; start(): Promise<void> }
  /** Nothing comes through between all nodes and the engine, not even the end of a connection, and then it does again. */
  readonly cut?: { stop(): Promise<void>; start(): Promise<void> }
  end(): Promise<void>
}

export interface TestNode {
  readonly backplane: Backplane
  readonly name: string
  readonly events: Log<'up' | 'down'>
}

/** Milliseconds that an engine may take for one thing on a busy machine. */
export const PATIENCE = 30_000

export const HISTORY: HistoryRules = { size: 1000, age: Number.POSITIVE_INFINITY, bytes: 16 * 1_048_576 }

export const text = (line: string): Uint8Array => Buffer.from(line)

/** Bytes, each a character up to U+00FF. */
export const bytes = (line: string): Uint8Array => Buffer.from(line, 'latin1')

/** Bytes that no compression makes small, always the same. */
export function bodyOf(length: number): Uint8Array {
  let seed = 1
  return Uint8Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed >>> 16
  })
}

const run = Math.random().toString(36).slice(2, 8)
let count = 0

/** A name that no other test has. */
export const unique = (what: string): string => `${what}-${run}-${++count}`

/** Publishes for a node, numbering what it does. */
export class Publisher {
  readonly node: TestNode
  sequence = 0

  constructor(node: TestNode) {
    this.node = node
  }

  next(body: Uint8Array): Entry {
    return { node: this.node.name, sequence: ++this.sequence, body }
  }

  /** `null`: a topic without history. */
  publish(topic: string, body: Uint8Array, history: HistoryRules | null = HISTORY): Promise<Place | undefined> {
    return this.node.backplane.publish(topic, history ?? undefined, this.next(body))
  }
}

/** Follows a topic as a node does: what it was told already is passed over, and what is not the next one is written down. */
export class Follower implements TopicListener {
  readonly calls: ('state' | 'kept' | 'passed')[] = []
  /** Each entry once, in the order in which it came. */
  readonly heard: (Entry & { readonly offset?: number })[] = []
  readonly states: (readonly Kept[])[] = []
  /** The epochs that it was told, each once. */
  readonly epochs: string[] = []
  /** What came otherwise than promised. */
  readonly problems: string[] = []
  offset = 0
  count = 0
  /** Done with each entry that is new. */
  onHeard: (entry: Entry) => void = () => {}
  readonly #told = new Log<undefined>()
  readonly #keep: boolean
  #consumption: Consumption | undefined

  /** With `counts`, entries are only counted. */
  constructor({ counts = false } = {}) {
    this.#keep = !counts
  }

  /** One whose consumption has begun; `null`: without history. */
  static async on(
    { backplane }: TestNode,
    topic: string,
    history: HistoryRules | null = HISTORY,
    options: { counts?: boolean } = {},
  ): Promise<Follower> {
    const follower = new Follower(options)
    follower.#consumption = backplane.consume(topic, history ?? undefined, follower)
    await within(`the consumption of ${topic}`, follower.#consumption.ready, PATIENCE)
    if (history !== null) await follower.#until('the state', () => follower.epochs.length > 0)
    return follower
  }

  get epoch(): string | undefined {
    return this.epochs.at(-1)
  }

  get texts(): string[] {
    return this.heard.map(({ body }) => Buffer.from(body).toString())
  }

  end(): void {
    this.#consumption?.end()
  }

  state({ epoch, offset }: Place, entries: readonly Kept[]): void {
    this.#call('state')
    if (this.#keep) this.states.push(entries)
    const fresh = epoch !== this.epoch
    if (fresh) this.epochs.push(epoch)
    else if (offset < this.offset) this.problems.push(`back from ${this.offset} to ${offset}`)
    const before = fresh ? 0 : this.offset
    for (const [at, entry] of entries.entries())
      if (entry.offset !== offset - entries.length + 1 + at)
        this.problems.push(`${entry.offset} in a state of ${offset}`)
    const first = offset - entries.length
    if (!fresh && first > before) this.problems.push(`a gap from ${before} to ${first}`)
    for (const entry of entries) if (entry.offset > before) this.#hear(entry)
    this.offset = offset
    this.#told.changed()
  }

  kept(entry: Kept): void {
    this.#call('kept')
    if (this.epoch === undefined) this.problems.push(`${entry.offset} before the state`)
    if (entry.offset !== this.offset + 1) this.problems.push(`${entry.offset} behind ${this.offset}`)
    this.offset = entry.offset
    this.#hear(entry)
    this.#told.changed()
  }

  passed(entry: Entry): void {
    this.#call('passed')
    this.#hear(entry)
    this.#told.changed()
  }

  /** Fulfilled when so many have come. */
  until(wanted: number): Promise<void> {
    return this.#until(`${wanted} publications`, () => this.count >= wanted)
  }

  untilOffset(offset: number): Promise<void> {
    return this.#until(`offset ${offset}`, () => this.offset >= offset)
  }

  untilEpochs(count: number): Promise<void> {
    return this.#until(`${count} epochs`, () => this.epochs.length >= count)
  }

  untilText(line: string): Promise<void> {
    return this.#until(line.slice(0, 40), () => this.heard.some(({ body }) => Buffer.from(body).toString() === line))
  }

  /** Fails unless exactly so many have come, at the offsets from 1 on, in one epoch. */
  checkWhole(wanted: number): void {
    expect(this.problems).toEqual([])
    expect(this.epochs).toHaveLength(1)
    expect(this.heard.map(({ offset }) => offset)).toEqual(Array.from({ length: wanted }, (_, at) => at + 1))
  }

  #call(call: 'state' | 'kept' | 'passed'): void {
    if (this.#keep || this.calls.length === 0) this.calls.push(call)
  }

  #hear(entry: Entry & { readonly offset?: number }): void {
    this.count++
    if (this.#keep) this.heard.push(entry)
    this.onHeard(entry)
  }

  async #until(what: string, passes: () => boolean): Promise<void> {
    try {
      await this.#told.until(what, passes, PATIENCE)
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${this.count} heard, at ${this.offset}, ${this.problems}`)
    }
  }
}

/** Writes down what is said about a topic from now on. */
export async function listen(node: TestNode, topic: string): Promise<Log<string>> {
  const told = new Log<string>()
  const { ready } = node.backplane.attendance(topic, (name, attendance) =>
    told.push(`${name} ${attendance === undefined ? undefined : Buffer.from(attendance)}`),
  )
  await within('an attendance that is told', ready, PATIENCE)
  return told
}
