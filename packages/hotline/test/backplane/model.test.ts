// Several nodes over an engine that is lost, found and replaced at random: every reader gets each publication once, in the
// engine's order, or is told that it does not.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Kept } from '../../src/backplane/backplane.ts'
import { openBody } from '../../src/backplane/body.ts'
import type { BackplaneError } from '../../src/errors.ts'
import { FakeClock, settle } from '../../src/runtime/memory/clock.ts'
import { HISTORY, Node, Reader } from './nodes.ts'
import { World } from './shaky.ts'

const TOPIC = 'kept/a'

type Operation =
  | { readonly type: 'publish' | 'mend' | 'subscribe'; readonly node: number }
  | { readonly type: 'step'; readonly node: number; readonly there: boolean }
  | { readonly type: 'cut'; readonly node: number; readonly arrived: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'move' | 'slow'; readonly reader: number; readonly node: number }
  | { readonly type: 'restart' }

const node = fc.nat(2)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('publish' as const), node }) },
  { weight: 12, arbitrary: fc.record({ type: fc.constant('step' as const), node, there: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('mend' as const), node }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cut' as const), node, arrived: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('subscribe' as const), node }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(10, 1500, 40_000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('move' as const, 'slow' as const), reader: fc.nat(4), node }),
  },
)

const textOf = ({ body }: Kept): string => openBody(body).source.text

/** What became of each publication: by its text. */
type Fates = Map<string, 'stored' | 'no' | 'unknown' | undefined>

/** A reader that goes from node to node, each time on from where it was, and reads fast or slowly. */
class Reading extends Reader {
  /** True when it was slow once: what waits for it when an epoch ends may be given to it again. */
  wasSlow = false
  #node: Node | undefined
  #leave: (() => void) | undefined

  come(node: Node): void {
    this.#leave?.()
    this.#node?.topics.remove(this)
    this.#node = node
    this.congested = false
    const since = this.place
    this.#leave = node.subscribe(this, TOPIC, since === undefined ? { last: 3 } : { since })
  }

  slow(): void {
    this.wasSlow = true
    if (this.congested) this.go()
    else this.congested = true
  }

  go(): void {
    this.congested = false
    this.#node?.topics.drained(this)
  }

  get place(): { epoch: string; offset: number } | undefined {
    let place: { epoch: string; offset: number } | undefined
    for (const one of this.told) {
      if (one.type === 'publication') place = { epoch: place?.epoch ?? '', offset: one.offset ?? 0 }
      else if (one.type !== 'passed') place = { epoch: one.subscribed.epoch ?? '', offset: one.subscribed.offset ?? 0 }
    }
    return place
  }
}

async function play(operations: readonly Operation[]) {
  const clock = new FakeClock()
  const world = new World(clock)
  const nodes = [0, 1, 2].map(() => new Node(world.node(), clock))
  const fates: Fates = new Map()
  const readers: Reading[] = []
  const patterns: Reader[] = []
  const subscribe = (at: number): void => {
    const reading = new Reading()
    readers.push(reading)
    reading.come(nodes[at] as Node)
  }
  const all = async (): Promise<void> => {
    for (const reading of readers) reading.go()
    for (const { engine } of nodes) engine.mend()
    do await settle()
    while (world.settle())
  }
  await Promise.all(nodes.map(one => one.exchange.open()))
  subscribe(0)
  const reader = new Reader()
  patterns.push(reader)
  nodes[1]?.subscribe(reader, 'kept/*')
  await all()
  for (const one of operations) {
    if (one.type === 'publish') {
      const text = `${fates.size}`
      fates.set(text, undefined)
      nodes[one.node]?.publish(TOPIC, text).stored.then(
        () => fates.set(text, 'stored'),
        error => fates.set(text, (error as BackplaneError).kept),
      )
    } else if (one.type === 'step') nodes[one.node]?.engine.step(one.there)
    else if (one.type === 'cut') nodes[one.node]?.engine.cut(one.arrived)
    else if (one.type === 'mend') nodes[one.node]?.engine.mend()
    else if (one.type === 'subscribe') subscribe(one.node)
    else if (one.type === 'move') readers[one.reader]?.come(nodes[one.node] as Node)
    else if (one.type === 'slow') readers[one.reader]?.slow()
    else if (one.type === 'wait') {
      // An engine that does not answer for so long, nodes take for lost.
      if (one.ms > 10_000) for (const { engine } of nodes) engine.cut(1)
      await clock.advance(one.ms)
    } else world.restart()
    await settle()
  }
  await all()
  return { world, nodes, fates, readers, patterns, clock }
}

/** Walks along what the engines have kept with what a reader was told; where it is at the end. */
function follow({ told, wasSlow }: Reading, world: World): { epoch: string; offset: number } {
  let [epoch, offset, passed] = ['', 0, 0]
  const got = new Set<string>()
  /** What may not come again. */
  let once = new Set<string>()
  /** What was published before it came is not for it, wherever it is given again. */
  const before = new Set<string>()
  const skip = (end: number): void => {
    for (; offset < end; offset++) {
      const text = textOf(world.logOf(TOPIC, epoch)[offset] as Kept)
      if (got.has(text) || before.has(text)) continue
      if (passed-- <= 0) return
    }
  }
  for (const one of told) {
    if (one.type === 'passed') passed += one.count
    else if (one.type === 'publication') {
      skip((one.offset as number) - 1)
      expect(one.offset).toBe(offset + 1)
      expect(one.text).toBe(textOf(world.logOf(TOPIC, epoch)[offset] as Kept))
      expect(once).not.toContain(one.text)
      got.add(one.text)
      once.add(one.text)
      ;[offset, passed] = [offset + 1, 0]
    } else if (one.subscribed.recovered === true) {
      expect(one.subscribed).toMatchObject({ epoch, offset })
      passed = 0
    } else {
      // It begins anew: what it had may come again, but from a node where it stays and reads.
      if (one.type === 'subscribed' || wasSlow) once = new Set()
      ;[epoch, offset, passed] = [one.subscribed.epoch as string, one.subscribed.offset as number, 0]
      if (one.type === 'renewed') continue
      for (const [name, log] of world.logs) {
        for (const kept of name === `${TOPIC} ${epoch}` ? log.slice(0, offset) : log) before.add(textOf(kept))
        if (name === `${TOPIC} ${epoch}`) break
      }
    }
  }
  skip(world.logOf(TOPIC, epoch).length)
  return { epoch, offset }
}

function check({ world, fates, readers, nodes }: Awaited<ReturnType<typeof play>>): void {
  for (const { failed } of nodes) expect(failed).toEqual([])
  const logs = [...world.logs.values()]
  for (const log of logs) {
    const texts = log.map(textOf)
    expect(new Set(texts).size).toBe(texts.length)
    for (const { node } of log) {
      const own = log.filter(one => one.node === node).map(one => one.sequence)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  }
  const kept = new Set(logs.flatMap(log => log.map(textOf)))
  for (const [text, fate] of fates) {
    expect(fate).toBeDefined()
    if (fate === 'stored') expect(kept).toContain(text)
    if (fate === 'no') expect(kept).not.toContain(text)
  }
  for (const reader of readers) {
    if (reader.told.length === 0) continue
    const place = follow(reader, world)
    expect(world.logOf(TOPIC, place.epoch)).toHaveLength(place.offset)
  }
}

/** Those who read patterns have no places: what they get comes once, and in order while the history is the same. */
function checkPattern(
  { world, patterns, fates }: Awaited<ReturnType<typeof play>>,
  operations: readonly Operation[],
): void {
  const logs = [...world.logs.values()].map(log => log.map(textOf))
  const isLoss = (one: Operation): boolean =>
    one.type === 'restart' || (one.type === 'cut' && one.node === 1) || (one.type === 'wait' && one.ms > 10_000)
  const wasAway = operations.some(isLoss)
  for (const { texts } of patterns) {
    expect(new Set(texts).size).toBe(texts.length)
    if (!wasAway && fates.size <= HISTORY.size) expect(texts).toEqual(logs[0] ?? [])
  }
}

test('each reader gets each publication once and in the order of the engine, or is told that it does not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 200 }), async operations => {
      const played = await play(operations)
      check(played)
      checkPattern(played, operations)
    }),
    { seed: 7, numRuns: Number(process.env['RUNS'] ?? 300) },
  )
}, 60_000)
