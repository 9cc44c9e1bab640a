// A node over an engine that a test holds in its hand: what readers get, and what they are told when it cannot be had.
import { beforeEach, describe, expect, test } from 'vitest'
import { toBody } from '../../src/backplane/body.ts'
import { FakeClock, settle } from '../../src/runtime/memory/clock.ts'
import { Source } from '../../src/topics/source.ts'
import { HISTORY, Node, type NodeOptions, Reader } from './nodes.ts'
import { type Shaky, World } from './shaky.ts'

const LINGER = 1000

let clock: FakeClock
let world: World

beforeEach(() => {
  clock = new FakeClock()
  world = new World(clock)
})

/** Everything arrives. */
async function arrive(): Promise<void> {
  do await settle()
  while (world.settle())
}

async function open(options?: NodeOptions): Promise<Node> {
  const node = new Node(world.node(), clock, options)
  await node.exchange.open()
  return node
}

async function reading(node: Node, topic: string, options = {}): Promise<Reader> {
  const reader = new Reader()
  node.subscribe(reader, topic, options)
  await arrive()
  return reader
}

const placeOf = (reader: Reader) => (reader.told[0] as { subscribed: { epoch?: string } }).subscribed

const body = (text: string): Uint8Array => toBody(new Source(text, false), 0)
const topic = 'kept/a'

describe('a topic on a node', () => {
  test('is consumed once however many read it, and those who come later are answered from memory', async () => {
    const [here, there] = [await open(), await open()]
    await reading(here, topic)
    for (const text of ['1', '2', '3']) there.publish(topic, text)
    await arrive()
    here.engine.cut(0)
    const late = new Reader()
    here.subscribe(late, topic, { last: 2 })
    expect(late.texts).toEqual(['2', '3'])
    expect(late.told[0]).toMatchObject({ type: 'subscribed', subscribed: { offset: 1, replayed: 2 } })
  })

  test('that is a little behind has who was further elsewhere wait until it is as far, and go on there', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(here, topic)
    await reading(there, topic)
    here.engine.cut(0)
    for (const text of ['1', '2', '3']) there.publish(topic, text)
    await arrive()
    const { epoch = '' } = placeOf(reader)
    const late = new Reader()
    here.subscribe(late, topic, { since: { epoch, offset: 2 } })
    await clock.advance(60_000)
    expect(late.told).toEqual([])
    here.engine.mend()
    await arrive()
    expect(late.told[0]).toMatchObject({ type: 'subscribed', subscribed: { offset: 2, recovered: true } })
    expect(late.texts).toEqual(['3'])
  })

  test('has who says that it was further than anybody wait for a while only', async () => {
    const node = await open()
    const { epoch = '' } = placeOf(await reading(node, topic))
    const liar = new Reader()
    node.subscribe(liar, topic, { since: { epoch, offset: 1_000 } })
    const gone = node.subscribe(new Reader(), topic, { since: { epoch, offset: 1_000 } })
    await clock.advance(4_999)
    expect(liar.told).toEqual([])
    gone()
    await clock.advance(1)
    expect(liar.told[0]).toMatchObject({ subscribed: { offset: 0, recovered: false, code: 'future' } })
  })

  test('is kept up with for a while after the last reader has left, and then is not', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(here, topic)
    here.topics.remove(reader)
    await clock.advance(LINGER - 1)
    there.publish(topic, '1')
    await arrive()
    expect(here.exchange.isHere(topic)).toBe(true)
    const back = await reading(here, topic, { last: 5 })
    expect(back.texts).toEqual(['1'])
    await clock.advance(10 * LINGER)
    expect(here.exchange.isHere(topic)).toBe(true)
    here.topics.remove(back)
    await clock.advance(LINGER)
    expect(here.exchange.isHere(topic)).toBe(false)
    expect([...here.topics.names()]).toEqual([])
    expect(here.topics.historyBytes).toBe(0)
  })

  test('that was not kept up with is there whole when somebody comes again', async () => {
    const [here, there] = [await open(), await open()]
    here.topics.remove(await reading(here, topic))
    await clock.advance(LINGER)
    there.publish(topic, '1')
    await arrive()
    expect((await reading(here, topic, { last: 5 })).texts).toEqual(['1'])
  })

  test('that a thousand wait for lets them in a few at a time, and what is published meanwhile behind all of them', async () => {
    const here = await open()
    const readers = Array.from({ length: 1000 }, () => new Reader())
    for (const reader of readers) here.subscribe(reader, topic)
    here.publish(topic, 'mine')
    await arrive()
    const inAt = (): number => readers.filter(({ told }) => told.length > 0).length
    expect(inAt()).toBeLessThan(100)
    await clock.advance(1)
    expect(inAt()).toBeGreaterThan(100)
    await clock.advance(100)
    await arrive()
    expect(readers.every(({ texts }) => texts.join() === 'mine')).toBe(true)
  })

  test('that a reader does not want any more while it is waited for is let go', async () => {
    const here = await open()
    const cancel = here.subscribe(new Reader(), topic)
    cancel()
    await arrive()
    await clock.advance(LINGER)
    expect([...here.topics.names()]).toEqual([])
  })

  test('is let go when the one that it was waited for fails to come in', async () => {
    const here = await open()
    here.exchange.whenHere(topic, () => {
      throw new Error('who is this?')
    })
    await arrive()
    expect(here.failed).toHaveLength(1)
    expect(here.exchange.isHere(topic)).toBe(true)
    await clock.advance(LINGER)
    expect(here.exchange.isHere(topic)).toBe(false)
  })

  test('that a thousand wait for who were further elsewhere lets them in a few at a time too', async () => {
    const [here, there] = [await open(), await open()]
    await reading(here, topic)
    await reading(there, topic)
    here.publish(topic, '1')
    there.publish(topic, '2')
    await settle()
    while (there.engine.step());
    const { epoch = '' } = there.topics.stats(topic)?.history ?? {}
    const readers = Array.from({ length: 200 }, () => new Reader())
    for (const reader of readers) here.subscribe(reader, topic, { since: { epoch, offset: 1 } })
    here.engine.step()
    here.engine.step(false)
    await settle()
    const came = (): number => readers.filter(({ told }) => told.length > 0).length
    expect(came()).toBe(64)
    await arrive()
    await clock.advance(10)
    expect(came()).toBe(200)
    // What the other node had published came first.
    expect(readers.every(({ texts }) => texts.join() === '1')).toBe(true)
  })

  test('gives to who subscribes and then publishes its own publication, however late the engine is', async () => {
    const here = await open()
    const reader = new Reader()
    here.subscribe(reader, topic)
    here.publish(topic, 'mine')
    await arrive()
    expect(reader.texts).toEqual(['mine'])
  })

  test('gives all nodes one order, and nobody its own when it does not want it', async () => {
    const [here, there] = [await open(), await open()]
    for (const name of [topic, 'free']) {
      const [a, b, c] = [await reading(here, name), await reading(here, name), await reading(there, name)]
      for (let at = 0; at < 20; at++) (at % 2 ? here : there).publish(name, `${at}`, at % 2 ? a : undefined)
      await arrive()
      expect(b.texts).toHaveLength(20)
      expect(c.texts).toEqual(b.texts)
      expect(a.texts).toEqual(b.texts.filter(text => Number(text) % 2 === 0))
    }
  })

  test('is as old in the mirror as it was published, whatever node it was on', async () => {
    const options = { topics: { 'kept/*': { history: { ...HISTORY, age: 10_000 } } } }
    const [here, there] = [await open(options), await open(options)]
    there.publish(topic, '1')
    await arrive()
    await clock.advance(6000)
    const reader = await reading(here, topic, { last: 5 })
    expect(reader.texts).toEqual(['1'])
    await clock.advance(5000)
    expect((await reading(here, topic, { last: 5 })).texts).toEqual([])
  })
})

describe('when the engine is lost', () => {
  test('and comes back in time, nothing is lost or told', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(here, topic)
    here.engine.cut(0)
    for (let at = 0; at < HISTORY.size; at++) there.publish(topic, `${at}`)
    await arrive()
    expect(reader.texts).toEqual([])
    here.engine.mend()
    await arrive()
    expect(reader.texts).toHaveLength(HISTORY.size)
    expect(reader.told.map(({ type }) => type)).not.toContain('passed')
  })

  test('for longer than its history lasts, readers are told how much they miss, and new ones begin behind it', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(here, topic)
    there.publish(topic, 'seen')
    await arrive()
    here.engine.cut(0)
    for (let at = 0; at < HISTORY.size + 3; at++) there.publish(topic, `${at}`)
    await arrive()
    here.engine.mend()
    await arrive()
    expect(reader.told.slice(1, 4)).toMatchObject([
      { text: 'seen' },
      { type: 'passed', count: 3 },
      { offset: 5, text: '3' },
    ])
    expect(reader.texts).toHaveLength(1 + HISTORY.size)
    const late = await reading(here, topic, { last: 100 })
    expect(late.texts).toHaveLength(HISTORY.size)
  })

  test('for longer than its history lasts, a slow reader is told so behind what waited for it', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(here, topic)
    reader.congested = true
    there.publish(topic, '1')
    await arrive()
    here.engine.cut(0)
    for (let at = 2; at <= 12; at++) there.publish(topic, `${at}`)
    await arrive()
    here.engine.mend()
    await arrive()
    reader.congested = false
    here.topics.drained(reader)
    expect(reader.told.slice(1, 4)).toMatchObject([
      { text: '1', offset: 1 },
      { type: 'passed', count: 3 },
      { text: '5', offset: 5 },
    ])
    expect(reader.texts.at(-1)).toBe('12')
  })

  test('and everything with it, readers are told of the other epoch, and get what is published there', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(here, topic)
    for (const text of ['1', '2', '3']) there.publish(topic, text)
    await arrive()
    world.restart()
    there.engine.mend()
    there.publish(topic, '4')
    await arrive()
    here.engine.mend()
    await arrive()
    const { epoch } = world.hub.publish(topic, HISTORY, { node: 'x', sequence: 1, body: body('5') }) ?? {}
    await arrive()
    expect(reader.texts).toEqual(['1', '2', '3', '4', '5'])
    expect(reader.told.at(-3)).toMatchObject({
      type: 'renewed',
      subscribed: { epoch, offset: 0, recovered: false, code: 'epoch' },
    })
    expect(reader.told.slice(-2)).toMatchObject([{ offset: 1 }, { offset: 2 }])
  })

  test('and everything with it, what waits for a slow reader goes with the old epoch', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(here, topic)
    reader.congested = true
    there.publish(topic, '1')
    await arrive()
    world.restart()
    for (const { engine } of [there, here]) engine.mend()
    there.publish(topic, '2')
    await arrive()
    reader.congested = false
    here.topics.drained(reader)
    expect(reader.told.map(({ type }) => type)).toEqual(['subscribed', 'renewed', 'publication'])
    expect(reader.texts).toEqual(['2'])
  })

  test('and everything with it, a slow reader that had not got it yet gets what is given again', async () => {
    const [here, there] = [await open(), await open()]
    const [slow, quick] = [await reading(here, topic), await reading(here, topic)]
    slow.congested = true
    const { stored } = there.publish(topic, '1')
    await settle()
    there.engine.cut(1)
    await arrive()
    world.restart()
    here.engine.mend()
    here.publish(topic, '2')
    await arrive()
    there.engine.mend()
    await arrive()
    expect(await stored).toMatchObject({ offset: 2 })
    slow.congested = false
    here.topics.drained(slow)
    expect(quick.texts).toEqual(['1', '2'])
    expect(slow.texts).toEqual(['2', '1'])
  })

  test('and everything with it, those who read patterns get what is given again once, even when the topic was let go', async () => {
    const [here, there] = [await open(), await open()]
    const pattern = await reading(here, 'kept/*')
    const { stored } = there.publish(topic, '1')
    await settle()
    there.engine.cut(1)
    await arrive()
    expect(pattern.texts).toEqual(['1'])
    await clock.advance(5 * LINGER)
    expect(here.exchange.isHere(topic)).toBe(false)
    world.restart()
    here.engine.mend()
    const late = await reading(here, topic)
    there.engine.mend()
    await arrive()
    expect(await stored).toMatchObject({ offset: 1 })
    expect(pattern.texts).toEqual(['1'])
    expect(late.texts).toEqual(['1'])
  })

  test('what was in flight is given again and kept once, in its place among the others', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(there, topic)
    const stored = ['1', '2', '3', '4'].map(text => here.publish(topic, text).stored)
    await settle()
    here.engine.cut(2)
    stored.push(here.publish(topic, '5').stored)
    here.engine.mend()
    await arrive()
    expect(reader.texts).toEqual(['1', '2', '3', '4', '5'])
    expect(await Promise.all(stored)).toMatchObject([1, 2, 3, 4, 5].map(offset => ({ offset })))
  })

  test('what was in flight without a history fails, as nobody knows, and what had not been sent is sent', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(there, 'free')
    const first = here.publish('free', '1').stored
    await settle()
    here.engine.cut(0)
    await settle()
    const second = here.publish('free', '2').stored
    here.engine.mend()
    await arrive()
    await expect(first).rejects.toMatchObject({ code: 'ERR_BACKPLANE', kept: 'unknown' })
    expect(await second).toBeUndefined()
    expect(reader.texts).toEqual(['2'])
  })

  test('each turn is told once', async () => {
    const here = await open()
    here.engine.cut(0)
    here.engine.mend()
    expect(here.turns).toEqual([true, false, true])
    expect(here.exchange.state).toMatchObject({ name: 'shaky', up: true, pending: 0 })
  })
})

describe('a publication', () => {
  const away = async (exchange: NodeOptions['exchange'] = {}): Promise<Node> => {
    const node = await open({ topics: { 'kept/*': { history: HISTORY } }, exchange })
    node.engine.cut(0)
    return node
  }

  test('waits for the engine, but no longer than it may; what was never sent is certainly not kept', async () => {
    const here = await away()
    const { stored } = here.publish(topic, '1')
    await clock.advance(20_000)
    const second = here.publish(topic, '2').stored
    await clock.advance(10_000)
    await expect(stored).rejects.toMatchObject({ kept: 'no', message: expect.stringContaining('publishTimeout') })
    here.engine.mend()
    await arrive()
    expect(await second).toMatchObject({ offset: 1 })
  })

  test('that took too long in flight is of unknown fate, and is not given again behind later ones', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(there, topic)
    const first = here.publish(topic, '1').stored
    await clock.advance(29_000)
    const second = here.publish(topic, '2').stored
    await clock.advance(1000)
    await expect(first).rejects.toMatchObject({ kept: 'unknown' })
    here.engine.cut(0)
    here.engine.mend()
    await arrive()
    expect(await second).toMatchObject({ offset: 1 })
    expect(reader.texts).toEqual(['2'])
  })

  test('fails at once while the engine is away where that is wanted, and what was in flight with it', async () => {
    const here = await open({ exchange: { whenAway: 'fail' }, topics: { 'kept/*': { history: HISTORY } } })
    const inFlight = here.publish(topic, '0').stored
    await settle()
    here.engine.cut(0)
    await expect(inFlight).rejects.toMatchObject({ kept: 'unknown' })
    await expect(here.publish(topic, '1').stored).rejects.toMatchObject({ kept: 'no' })
    here.engine.mend()
    const { stored } = here.publish(topic, '2')
    await arrive()
    expect(await stored).toMatchObject({ offset: 1 })
  })

  test.each([
    ['maxUnstored', { maxUnstored: 2 }],
    ['maxUnstoredBytes', { maxUnstoredBytes: 1100 }],
  ])('above %s fails at once, and those before it wait on', async (option, exchange) => {
    const here = await away(exchange)
    const stored = ['1', '2'].map(text => here.publish(topic, text).stored)
    await expect(here.publish(topic, '3').stored).rejects.toMatchObject({
      kept: 'no',
      message: expect.stringContaining(option),
    })
    here.engine.mend()
    await arrive()
    expect(await Promise.all(stored)).toMatchObject([{ offset: 1 }, { offset: 2 }])
    const { stored: later } = here.publish(topic, '4')
    await arrive()
    expect(await later).toMatchObject({ offset: 3 })
  })

  test('is not all that can fail: what an engine says that does not go on is reported, once in a while', async () => {
    const here = await open()
    for (let at = 0; at < 100; at++) here.engine.complain(new Error('a topic waits'))
    await clock.advance(60_000)
    expect(here.failed.map(error => (error as Error).message)).toEqual([
      'a topic waits',
      'the backplane: 99 more failures like those that were told before',
    ])
    expect(here.turns).toEqual([true])
  })

  test('whose failure nobody looks at is reported, and never unhandled; a thousand of them are a few words', async () => {
    const here = await away({ whenAway: 'fail', maxUnstored: 5 })
    for (let at = 0; at < 1000; at++) here.publish(topic, `${at}`)
    await clock.advance(60_000)
    expect(here.failed.length).toBeGreaterThan(0)
    expect(here.failed.length).toBeLessThan(5)
  })

  test('of which the engine says that it is not kept fails, and those behind it are stored', async () => {
    const here = await open({ topics: { 'kept/*': { history: HISTORY } } })
    const { publish } = here.engine
    const { BackplaneError } = await import('../../src/errors.ts')
    here.engine.publish = (name, history, entry) =>
      entry.sequence === 1
        ? Promise.reject(new BackplaneError('the engine is full'))
        : publish.call(here.engine, name, history, entry)
    const stored = ['1', '2'].map(text => here.publish(topic, text).stored)
    await arrive()
    await expect(stored[0]).rejects.toMatchObject({ kept: 'no', message: 'the engine is full' })
    expect(await stored[1]).toMatchObject({ offset: 1 })
  })

  test('of which the engine does not know, though it is there, is given again only when nothing behind it is stored', async () => {
    const here = await open({ topics: { 'kept/*': { history: HISTORY } } })
    const { publish } = here.engine
    let failing = new Set([1])
    here.engine.publish = (name, history, entry) =>
      failing.delete(entry.sequence)
        ? Promise.reject(new Error('a reply was lost'))
        : publish.call(here.engine, name, history, entry)
    const first = here.publish(topic, '1').stored
    await arrive()
    await clock.advance(1000)
    await arrive()
    expect(await first).toMatchObject({ offset: 1 })
    failing = new Set([2])
    const [second, third] = ['2', '3'].map(text => here.publish(topic, text).stored)
    await arrive()
    await clock.advance(1000)
    await arrive()
    await expect(second).rejects.toMatchObject({ kept: 'unknown' })
    expect(await third).toMatchObject({ offset: 2 })
  })

  test('is stored before the node is closed, within the time that there is', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(there, topic)
    const { stored } = here.publish(topic, '1')
    const closed = here.exchange.close(new Promise(() => {}))
    await arrive()
    await closed
    expect(await stored).toMatchObject({ offset: 1 })
    expect(reader.texts).toEqual(['1'])
    expect(here.engine.closed).toBe(true)
    const late = there.publish(topic, '2').stored
    await there.exchange.close(Promise.resolve())
    await expect(late).rejects.toMatchObject({ kept: 'unknown' })
    await expect(there.publish(topic, '3').stored).rejects.toMatchObject({
      kept: 'no',
      message: expect.stringContaining('closed'),
    })
  })

  test('comes before those behind it, however many were in flight and however many had to wait', async () => {
    const here = await open({
      topics: { 'kept/*': { history: HISTORY } },
      exchange: { maxUnstored: 5000, maxUnstoredBytes: 1e8 },
    })
    const stored = Array.from({ length: 3000 }, (_, at) => here.publish(topic, `${at}`).stored)
    await settle()
    here.engine.cut(500)
    here.engine.mend()
    await arrive()
    expect((await Promise.all(stored)).slice(1000)).toMatchObject(
      Array.from({ length: 2000 }, (_, at) => ({ offset: at + 1001 })),
    )
    const log = world.logs.values().next().value ?? []
    expect(log.map(({ offset, sequence }) => offset - sequence)).toEqual(Array(log.length).fill(0))
  })

  test('that is given again in the same moment is answered once', async () => {
    const here = await open({ topics: { 'kept/*': { history: HISTORY } } })
    const stored = ['1', '2', '3'].map(text => here.publish(topic, text).stored)
    here.engine.cut(1)
    here.engine.mend()
    const { stored: later } = here.publish(topic, '4')
    await arrive()
    expect(await Promise.all([...stored, later])).toMatchObject([1, 2, 3, 4].map(offset => ({ offset })))
    expect(here.exchange.state.pending).toBe(0)
  })
})

describe('an engine that says what cannot be', () => {
  let here: Node
  let reader: Reader
  let engine: Shaky

  beforeEach(async () => {
    here = await open()
    reader = await reading(here, topic)
    engine = here.engine
    here.publish(topic, '1')
    await arrive()
  })

  const evil = (text: string, more: object = {}) => ({ node: 'evil', sequence: 1, body: Buffer.from(text), ...more })

  test.each([
    ['nothing', ''],
    ['another version', '\xff00000000text'],
    ['text that is no UTF-8', String.fromCharCode(0x10)],
    ['JSON that is none', '\x1100000000{'],
  ])('in a body that is %s: that is told once, and everything else is delivered', async (_what, text) => {
    world.publish(topic, HISTORY, evil(text))
    here.publish(topic, '2')
    await arrive()
    expect(reader.told.slice(1)).toMatchObject([
      { offset: 1, text: '1' },
      { type: 'passed', count: 1 },
      { offset: 3, text: '2' },
    ])
    expect(here.failed).toHaveLength(1)
    const late = await reading(here, topic, { last: 10 })
    expect(late.texts).toEqual(['2'])
    const elsewhere = await reading(await open(), topic, { last: 10 })
    expect(elsewhere.texts).toEqual(['2'])
  })

  test('in a topic that another node publishes to without a history: it is delivered, and that is told', async () => {
    const other = await open({ topics: {} })
    other.publish(topic, 'x')
    listenerOf(here).passed({ ...evil(''), body: body('x') })
    expect(reader.texts).toEqual(['1', 'x'])
    expect(here.failed).toMatchObject([{ message: expect.stringContaining('without a history') }])
  })

  test('in a topic without history too', async () => {
    const free = await reading(here, 'free')
    world.hub.publish('free', undefined, evil(''))
    here.publish('free', '2')
    await arrive()
    expect(free.told.slice(1)).toMatchObject([{ type: 'passed', count: 1 }, { text: '2' }])
  })

  test('by an offset that has been, for another publication: it has lost some, so the history begins anew', async () => {
    const listener = listenerOf(here)
    listener.kept({ ...evil(''), body: body('other'), offset: 1 })
    expect(reader.told.slice(2)).toMatchObject([
      { type: 'renewed', subscribed: { offset: 0 } },
      { offset: 1, text: 'other' },
    ])
    expect(here.failed).toHaveLength(1)
  })

  test('by an offset that has been, for the same: that is passed over', async () => {
    const { kept } = spyOn(here)
    const [first] = kept
    listenerOf(here).kept(first)
    expect(reader.texts).toEqual(['1'])
    expect(here.failed).toEqual([])
  })

  test('by an offset with a hole before it: readers are told how much is missing', async () => {
    listenerOf(here).kept({ ...evil(''), body: body('5'), offset: 5 })
    expect(reader.told.slice(2)).toMatchObject([
      { type: 'passed', count: 3 },
      { offset: 5, text: '5' },
    ])
  })

  test('in a state with a hole: what is behind it counts', async () => {
    const { epoch } = reader.told[0]?.type === 'subscribed' ? reader.told[0].subscribed : {}
    const at = (offset: number) => ({ ...evil('', { sequence: offset }), body: body(`${offset}`), offset })
    listenerOf(here).state({ epoch: epoch as string, offset: 9 }, [at(2), at(3), at(8), at(9)])
    expect(reader.told.slice(2)).toMatchObject([{ type: 'passed', count: 6 }, { text: '8' }, { text: '9' }])
  })

  test('from inside of what it is told: order stays', async () => {
    const { publish } = engine
    engine.publish = (name, history, entry) => {
      const stored = publish.call(engine, name, history, entry)
      world.settle()
      return stored
    }
    const inside = new Reader()
    const { send } = inside
    inside.send = publication => {
      send.call(inside, publication)
      if (inside.texts.length < 5) here.publish(topic, `${inside.texts.length + 10}`)
    }
    here.subscribe(inside, topic)
    here.publish(topic, '2')
    await arrive()
    expect(inside.texts).toEqual(['2', '11', '12', '13', '14'])
    expect(reader.texts).toEqual(['1', ...inside.texts])
  })

  /** What the engine calls. */
  function listenerOf(node: Node) {
    const { consumers } = spyOn(node)
    return consumers
  }

  function spyOn(node: Node) {
    const [consumers] = node.engine.listeners
    const kept = world.logs.values().next().value ?? []
    if (consumers === undefined || kept[0] === undefined) throw new Error('nobody listens')
    return { consumers, kept: [kept[0]] as const }
  }
})

describe('patterns', () => {
  test('give each publication once to those who read them, by name too', async () => {
    const [here, there] = [await open(), await open()]
    const both = await reading(here, 'free/**')
    for (const name of ['free/*', 'free/a']) here.subscribe(both, name)
    const one = await reading(here, 'free/*')
    for (const text of ['1', '2']) there.publish('free/a', text)
    there.publish('free/b', '3')
    there.publish('other/a', '4')
    await arrive()
    expect(both.texts).toEqual(['1', '2', '3'])
    expect(one.texts).toEqual(['1', '2', '3'])
  })

  test('find topics with a history by what is published there, and begin with that', async () => {
    const [here, there] = [await open(), await open()]
    there.publish('kept/a', 'before')
    await arrive()
    const reader = await reading(here, 'kept/**')
    for (const text of ['1', '2', '3']) there.publish('kept/a', text)
    there.publish('kept/b/c', '4')
    await arrive()
    expect(reader.texts.toSorted()).toEqual(['1', '2', '3', '4'])
    expect(reader.told.find(one => one.type === 'publication')).toMatchObject({ offset: 2 })
  })

  test('let topics go that are silent, and find them again', async () => {
    const [here, there] = [await open(), await open()]
    const reader = await reading(here, 'kept/*')
    there.publish('kept/a', '1')
    await arrive()
    await clock.advance(3 * LINGER)
    expect(here.exchange.isHere('kept/a')).toBe(false)
    for (const text of ['2', '3']) there.publish('kept/a', text)
    await arrive()
    expect(reader.texts).toEqual(['1', '2', '3'])
  })

  test('let a topic go of which all was lost before it came', async () => {
    const [here, there] = [await open(), await open()]
    await reading(here, 'kept/*')
    there.publish(topic, '1')
    await settle()
    while (there.engine.step());
    await settle()
    while (here.topics.stats(topic) === undefined && here.engine.step(false));
    expect(here.topics.stats(topic)).toBeDefined()
    world.restart()
    for (const { engine } of [here, there]) engine.mend()
    await arrive()
    await clock.advance(3 * LINGER)
    expect(here.topics.stats(topic)).toBeUndefined()
  })

  test('that nobody reads any more are not watched any more', async () => {
    const [here, there] = [await open(), await open()]
    here.topics.remove(await reading(here, 'kept/*'))
    await clock.advance(LINGER)
    expect(here.exchange.isHere('kept/*')).toBe(false)
    there.publish('kept/a', '1')
    await arrive()
    expect([...here.topics.names()]).toEqual([])
  })

  test('are not led to names that are none', async () => {
    const here = await open()
    await reading(here, '**')
    world.hub.publish('a\nb', undefined, { node: 'evil', sequence: 1, body: body('x') })
    await arrive()
    expect([...here.topics.names()]).toEqual([])
  })
})

describe('a node whose engine cannot be had', () => {
  test('says so, and serves what waited when it is opened again', async () => {
    const here = new Node(world.node(), clock)
    here.engine.refuses = new Error('nobody is there')
    await expect(here.exchange.open()).rejects.toThrow('nobody is there')
    const reader = new Reader()
    here.subscribe(reader, topic)
    here.subscribe(reader, 'free/*')
    const { stored } = here.publish(topic, '1')
    here.engine.refuses = undefined
    await here.exchange.open()
    await arrive()
    expect(reader.texts).toEqual(['1'])
    expect(await stored).toMatchObject({ offset: 1 })
  })

  test('leaves no timer when it is closed', async () => {
    const here = await open()
    const reader = await reading(here, topic)
    await reading(here, 'free/*')
    here.publish(topic, '1')
    await arrive()
    here.topics.remove(reader)
    await here.exchange.close(Promise.resolve())
    here.topics.close()
    world.hub.close()
    expect(clock.pending).toBe(0)
  })
})

test('the lag grows while the engine hangs, and is that of the last one again when it is back', async () => {
  const node = await open()
  await reading(node, topic)
  expect(node.exchange.state.lag).toBeUndefined()
  node.publish(topic, 'quick')
  await arrive()
  const { lag: quick = Number.NaN } = node.exchange.state
  node.publish(topic, 'stuck')
  await clock.advance(10_000)
  expect(node.exchange.state).toMatchObject({ pending: 1, lag: 10_000 })
  await arrive()
  expect(node.exchange.state).toMatchObject({ pending: 0, lag: 10_000 })
  node.publish(topic, 'quick again')
  await arrive()
  expect(node.exchange.state).toMatchObject({ pending: 0, lag: quick })
})
