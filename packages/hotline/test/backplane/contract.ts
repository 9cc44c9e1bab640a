/**
 * What holds for every backplane. Each engine runs it: `describeBackplane('redis', start, ['restart', 'pause', 'cut'])`.
 *
 * All waits are for something that happens, with a deadline. A node that was opened is up: `up` is told after a `down` only.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Backplane } from '../../src/backplane/backplane.ts'
import { BackplaneError } from '../../src/errors.ts'
import { fits, isTopic } from '../../src/topics/names.ts'
import { Log, within } from '../support/deadline.ts'
import { describeExpiry, Expiry } from './expiry.ts'
import { describeOutages } from './outages.ts'
import {
  bodyOf,
  bytes,
  type Engine,
  Follower,
  HISTORY,
  listen,
  type Outage,
  PATIENCE,
  Publisher,
  type TestNode,
  text,
  unique,
} from './support.ts'

const TIMEOUT = 90_000

export function describeBackplane(name: string, start: () => Promise<Engine>, outages: readonly Outage[] = []): void {
  describe(`the backplane ${name}`, { timeout: TIMEOUT }, () => {
    let engine: Engine
    const nodes: TestNode[] = []
    const expiry = new Expiry()

    beforeAll(async () => {
      engine = await start()
      expiry.begin(made => openNode(engine, made))
    }, TIMEOUT)

    afterEach(() => closeNodes(engine, nodes))

    afterAll(async () => {
      await closeNodes(engine, expiry.nodes)
      await engine?.end()
    }, TIMEOUT)

    const open = (): Promise<TestNode> => openNode(engine, nodes)

    describeOrder(open)
    describeHistory(open)
    describeNames(open)
    describeBodies(open)
    describeAttendance(open)
    describeEnds(() => engine, open)
    describeMemory(open)
    describeExpiry(expiry)
    describeOutages(outages, () => engine, open)
  })
}

/** A node that is open; it is put to the others. */
async function openNode(engine: Engine, nodes: TestNode[]): Promise<TestNode> {
  const events = new Log<'up' | 'down'>()
  const node: TestNode = { backplane: engine.make(), name: unique('node'), events }
  nodes.push(node)
  const told = { up: () => events.push('up'), down: () => events.push('down') }
  await within('a node that opens', node.backplane.open(told), PATIENCE)
  return node
}

async function closeNodes(engine: Engine, nodes: TestNode[]): Promise<void> {
  const ended = nodes.splice(0).map(({ backplane }) => backplane)
  await Promise.all(ended.map(backplane => within('the end of a node', backplane.close(), PATIENCE)))
  for (const backplane of ended) engine.forget?.(backplane)
}

type Open = () => Promise<TestNode>

function describeOrder(open: Open): void {
  test('publications of all nodes at once come to all nodes in one order, at offsets from 1 on without a gap', async () => {
    const all = await Promise.all([open(), open(), open()])
    const topic = unique('order')
    const followers = await Promise.all(all.map(node => Follower.on(node, topic)))
    const publishers = all.map(node => new Publisher(node))
    const places = publishers.flatMap(publisher =>
      Array.from({ length: 200 }, (_, at) => publisher.publish(topic, text(`${publisher.node.name} ${at}`))),
    )
    const told = await within('all places', Promise.all(places), PATIENCE)
    await Promise.all(followers.map(follower => follower.until(600)))
    const [first, ...others] = followers.map(follower => follower.texts)
    for (const other of others) expect(other).toEqual(first)
    for (const follower of followers) follower.checkWhole(600)
    for (const { node } of publishers)
      expect(first?.filter(line => line.startsWith(`${node.name} `))).toEqual(
        Array.from({ length: 200 }, (_, at) => `${node.name} ${at}`),
      )
    expect(told.map(place => place?.offset).toSorted((a = 0, b = 0) => a - b)).toEqual(
      Array.from({ length: 600 }, (_, at) => at + 1),
    )
    expect(new Set(told.map(place => place?.epoch))).toEqual(new Set([followers[0]?.epoch]))
  })

  test('the place that a publisher is told is the one at which the others have it', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('place')
    const follower = await Follower.on(other, topic)
    const publisher = new Publisher(one)
    const places = await Promise.all(Array.from({ length: 20 }, (_, at) => publisher.publish(topic, text(`${at}`))))
    await follower.until(20)
    for (const [at, place] of places.entries())
      expect(follower.heard.find(({ offset }) => offset === place?.offset)?.sequence).toBe(at + 1)
  })

  test('a publication that is given again by node and sequence is kept once, and the next follows', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const [topic, second] = [unique('again'), unique('again too')]
    const followers = [await Follower.on(other, topic), await Follower.on(other, second)] as const
    const entry = (sequence: number) => ({ node: one.name, sequence, body: text(`${sequence}`) })
    const publish = (sequence: number) => one.backplane.publish(sequence % 2 ? topic : second, HISTORY, entry(sequence))
    const once = await Promise.all([1, 2, 3, 4].map(publish))
    const again = await Promise.all([1, 2, 3, 4, 5, 6].map(publish))
    for (const [at, place] of once.entries()) expect([undefined, place?.offset]).toContain(again[at]?.offset)
    expect(again.slice(4).map(place => place?.offset)).toEqual([3, 3])
    await Promise.all(followers.map(follower => follower.until(3)))
    expect(followers.map(follower => follower.texts)).toEqual([
      ['1', '3', '5'],
      ['2', '4', '6'],
    ])
    for (const follower of followers) follower.checkWhole(3)
  })

  test('a topic without history brings each publication once, to all that consume it then, without a place', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('passing')
    const early = await Promise.all([one, other].map(node => Follower.on(node, topic, null)))
    const publisher = new Publisher(one)
    const places = await Promise.all(
      Array.from({ length: 100 }, (_, at) => publisher.publish(topic, text(`${at}`), null)),
    )
    expect(new Set(places)).toEqual(new Set([undefined]))
    await Promise.all(early.map(follower => follower.until(100)))
    const late = await Follower.on(await open(), topic, null)
    await publisher.publish(topic, text('last'), null)
    await Promise.all([...early, late].map(follower => follower.untilText('last')))
    const lines = Array.from({ length: 100 }, (_, at) => `${at}`)
    for (const follower of early) expect(follower.texts).toEqual([...lines, 'last'])
    expect(late.texts).toEqual(['last'])
  })
}

function describeHistory(open: Open): void {
  test('a listener is told the state before anything else, and once where nothing went wrong', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('state')
    const publisher = new Publisher(one)
    const going = Array.from({ length: 50 }, (_, at) => publisher.publish(topic, text(`${at}`)))
    const follower = await Follower.on(other, topic)
    going.push(...Array.from({ length: 50 }, (_, at) => publisher.publish(topic, text(`${50 + at}`))))
    await Promise.all(going)
    await follower.until(100)
    expect(follower.calls[0]).toBe('state')
    expect(follower.calls.filter(call => call === 'state')).toHaveLength(1)
    follower.checkWhole(100)
  })

  test('a topic that nobody has published to is at offset 0, and its epoch is that of the first publication', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('empty')
    const followers = [await Follower.on(one, topic), await Follower.on(other, topic)] as const
    expect(followers.map(({ offset }) => offset)).toEqual([0, 0])
    expect(followers[0].epoch).toBe(followers[1].epoch)
    const place = await new Publisher(one).publish(topic, text('first'))
    expect(place).toEqual({ epoch: followers[0].epoch, offset: 1 })
    await followers[1].until(1)
  })

  test('one that comes later gets the newest ones, as many as the size says', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('size')
    const history = { ...HISTORY, size: 7 }
    const publisher = new Publisher(one)
    await Promise.all(Array.from({ length: 30 }, (_, at) => publisher.publish(topic, text(`${at}`), history)))
    const late = await Follower.on(other, topic, history)
    expect(late.states[0]?.map(({ offset }) => offset)).toEqual([24, 25, 26, 27, 28, 29, 30])
    expect(late.texts).toEqual(['23', '24', '25', '26', '27', '28', '29'])
    expect(late.offset).toBe(30)
  })

  test('one that comes later gets no more bytes than are kept, and the newest one', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('bytes')
    const history = { ...HISTORY, bytes: 65_536 }
    const publisher = new Publisher(one)
    const body = new Uint8Array(4096).fill(7)
    await Promise.all(Array.from({ length: 100 }, () => publisher.publish(topic, body, history)))
    const late = await Follower.on(other, topic, history)
    const entries = late.states[0] ?? []
    expect(entries.reduce((sum, entry) => sum + entry.body.byteLength, 0)).toBeLessThanOrEqual(65_536)
    expect(entries.at(-1)?.offset).toBe(100)
    expect(entries.length).toBeGreaterThan(4)
  })

  test('what is too old is not there for one that comes later, and offsets go on', async () => {
    const node = await open()
    const topic = unique('age')
    const history = { ...HISTORY, age: 1000 }
    const publisher = new Publisher(node)
    const before = await publisher.publish(topic, text('old'), history)
    const deadline = performance.now() + PATIENCE
    for (let left = 1; left > 0 && performance.now() < deadline; ) {
      const look = await Follower.on(node, topic, history)
      left = look.states[0]?.length ?? 0
      expect([look.epoch, look.offset]).toEqual([before?.epoch, 1])
      look.end()
    }
    expect(await publisher.publish(topic, text('new'), history)).toEqual({ epoch: before?.epoch, offset: 2 })
    const late = await Follower.on(node, topic, history)
    expect(late.texts).toEqual(['new'])
  })
}

/** Names that mean something to somebody, each of them another topic. */
const HOSTILE = [
  ...[
    'a',
    'A',
    'a ',
    ' a',
    'a b',
    'a.b',
    'a..b',
    '.a',
    'a.',
    'a_b',
    'a-b',
    'a:b',
    'a/b',
    '/a',
    'a/',
    'a//b',
    '/',
    '//',
  ],
  ...[
    '.',
    '..',
    './a',
    '../a',
    ' ',
    '  ',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\u0085',
    '>',
    'a/>',
    'a.>',
    '>.a',
    'a*',
    '*a',
    'a*b',
  ],
  ...[
    'a.*.b',
    'a/b*',
    '***',
    '{a}',
    '{b}',
    '{}',
    '}{',
    '{',
    '}',
    '{a}b',
    'a{b}',
    '[a]',
    '[',
    ']',
    '?',
    'a?',
    '^',
    '\\',
    '\\*',
  ],
  ...[
    'a\\.b',
    '%',
    '%20',
    '%2e',
    'a%2Eb',
    '+',
    '#',
    '$',
    '$SYS',
    '$JS.API',
    '_INBOX.a',
    '"',
    "'",
    '`',
    '|',
    '~',
    '=',
    'a=',
    '!',
  ],
  ...[
    'ä',
    'a\u0308',
    'ß',
    'SS',
    'İ',
    'é',
    'e\u0301',
    '😀',
    '😃',
    '👩‍🚀',
    '\u{10ffff}',
    '日本語',
    '__proto__',
    'constructor',
    'null',
    '0',
  ],
  ...[
    'x'.repeat(256),
    'x'.repeat(255),
    `${'x'.repeat(255)}y`,
    'X'.repeat(256),
    '😀'.repeat(64),
    `${'😀'.repeat(63)}😃`,
    '{'.repeat(256),
  ],
  ...['.'.repeat(256), ' '.repeat(256), '*'.repeat(256), '/'.repeat(256)],
].filter(isTopic)

/** The same for topics without history, so that none is both. */
const HOSTILE_PASSING = HOSTILE.map(name => `${name}\u200b`).filter(isTopic)

function describeNames(open: Open): void {
  const kinds = [['with', HISTORY, HOSTILE] as const, ['without', null, HOSTILE_PASSING] as const]
  for (const [kind, history, names] of kinds)
    test(`topics ${kind} history whose names are hostile, or alike, are each their own`, async () => {
      const [one, other] = await Promise.all([open(), open()])
      const followers = await Promise.all(names.map(topic => Follower.on(other, topic, history)))
      const publisher = new Publisher(one)
      const last = unique('last')
      await Promise.all([...names, ...names].map(topic => publisher.publish(topic, text(topic), history)))
      await Promise.all(followers.map(follower => follower.until(2)))
      await Promise.all(names.map(topic => publisher.publish(topic, text(last), history)))
      await Promise.all(followers.map(follower => follower.untilText(last)))
      expect(followers.map(follower => follower.texts)).toEqual(names.map(topic => [topic, topic, last]))
    })

  for (const [kind, history] of kinds)
    test(`a watched pattern tells of topics ${kind} history that fit it, and of no others`, async () => {
      const [one, other] = await Promise.all([open(), open()])
      const root = unique(`p ${kind}`)
      const patterns = ['*', '**', '*/c', 'a/*', 'a/**', 'a'].map(pattern => `${root}/${pattern}`)
      const topics = [
        ...['a', 'b', 'a/b', 'a/c', 'a/b/c', 'a/b/c/d', 'b/c', 'a.b', 'a b', '{a}', '>', 'a*', 'A', ''].map(
          topic => `${root}/${topic}`,
        ),
        ...[root, `${root}q/a`, `x/${root}/a`, `${root}.a`],
      ]
      const told = new Log<string>()
      for (const pattern of patterns)
        await within(
          'a watch that begins',
          other.backplane.watch(pattern, (topic, entry) => told.push(`${pattern} ${topic} ${entry.sequence}`)).ready,
          PATIENCE,
        )
      const publisher = new Publisher(one)
      const wanted: string[] = []
      for (const topic of topics) {
        await publisher.publish(topic, text(topic), history)
        for (const pattern of patterns)
          if (fits(topic, pattern)) wanted.push(`${pattern} ${topic} ${publisher.sequence}`)
      }
      await told.until('all that fit', all => wanted.every(line => all.includes(line)), PATIENCE)
      // One more of all that do not fit is on the way before the last one that does.
      for (const topic of topics) await publisher.publish(topic, text(topic), history)
      const last = `${patterns[0]} ${topics[0]} ${publisher.sequence + 1}`
      await publisher.publish(topics[0] as string, text('last'), history)
      await told.until('the last', all => all.includes(last), PATIENCE)
      const first = told.all.filter(line => Number(line.split(' ').at(-1)) <= topics.length)
      expect(first.toSorted()).toEqual(wanted.toSorted())
      for (const line of told.all) {
        const pattern = patterns.find(one => line.startsWith(`${one} `)) as string
        expect(fits(line.slice(pattern.length + 1, line.lastIndexOf(' ')), pattern)).toBe(true)
      }
    })

  test('a watch that ended tells nothing more', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const root = unique('ended')
    const told = new Log<string>()
    const watch = (label: string) => other.backplane.watch(`${root}/*`, topic => told.push(`${label} ${topic}`))
    const ended = watch('ended')
    await within('a watch that begins', ended.ready, PATIENCE)
    ended.end()
    await within('a watch that begins', watch('again').ready, PATIENCE)
    await new Publisher(one).publish(`${root}/a`, text('a'))
    await told.until('the sign', all => all.length > 0, PATIENCE)
    expect(told.all).toEqual([`again ${root}/a`])
  })
}

function describeBodies(open: Open): void {
  const bodies = {
    'no bytes': new Uint8Array(0),
    'each value of a byte': Uint8Array.from({ length: 256 }, (_, at) => at),
    'what looks like the end of lines': bytes('\r\n\r\n$-1\r\n+OK\r\nPUB a 1\r\n\0'),
    '1 MiB': bodyOf(1_048_576),
    'a part of a larger buffer': bodyOf(5000).subarray(1000, 1100),
  }
  for (const [what, body] of Object.entries(bodies))
    test(`a body of ${what} comes as it was given, at once and later`, async () => {
      const [one, other] = await Promise.all([open(), open()])
      const topic = unique('body')
      const publisher = new Publisher(one)
      const kept = await Follower.on(other, topic)
      const passing = await Follower.on(other, `${topic} passing`, null)
      await publisher.publish(topic, body)
      await publisher.publish(`${topic} passing`, body, null)
      await Promise.all([kept.until(1), passing.until(1)])
      const late = await Follower.on(one, topic)
      for (const follower of [kept, passing, late]) {
        expect(follower.heard).toHaveLength(1)
        const got = follower.heard[0]?.body as Uint8Array
        expect(got.byteLength).toBe(body.byteLength)
        expect(Buffer.compare(got, body)).toBe(0)
      }
    })
}

function describeAttendance(open: Open): void {
  test('what a node says about its members comes to all nodes, its own too, until it takes it back', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('here')
    const ears = await Promise.all([one, other].map(node => listen(node, topic)))
    for (const words of ['one', 'two', undefined]) {
      await one.backplane.attend(topic, one.name, words === undefined ? undefined : text(words))
      await Promise.all(
        ears.map(told => told.until(`${words}`, all => all.at(-1) === `${one.name} ${words}`, PATIENCE)),
      )
    }
  })

  test('one that listens later is told what counts, of each node, and nothing of other topics', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('late')
    for (const [at, name] of HOSTILE.entries()) await one.backplane.attend(name, one.name, text(`${at}`))
    await one.backplane.attend(topic, one.name, text('old'))
    await one.backplane.attend(topic, one.name, text('one'))
    await other.backplane.attend(topic, other.name, text('other'))
    await other.backplane.attend(topic, `${other.name}-gone`, text('gone'))
    await other.backplane.attend(topic, `${other.name}-gone`, undefined)
    const told = await listen(await open(), topic)
    const wanted = [`${one.name} one`, `${other.name} other`].toSorted()
    await told.until('both words', all => wanted.every(word => all.includes(word)), PATIENCE)
    expect(told.all.filter(word => !word.endsWith('undefined')).toSorted()).toEqual(wanted)
    const hostile = await Promise.all(HOSTILE.map(name => listen(other, name)))
    await Promise.all(hostile.map(one => one.until('its word', all => all.length > 0, PATIENCE)))
    expect(hostile.map(({ all }) => all)).toEqual(HOSTILE.map((_, at) => [`${one.name} ${at}`]))
  })
}

function describeEnds(engine: () => Engine, open: Open): void {
  test('a consumption that ended gets nothing more, and the topic can be consumed again', async () => {
    const [one, other] = await Promise.all([open(), open()])
    for (const history of [HISTORY, null]) {
      const topic = unique('ended')
      const publisher = new Publisher(one)
      const ended = await Follower.on(other, topic, history)
      await publisher.publish(topic, text('1'), history)
      await ended.until(1)
      ended.end()
      ended.end()
      const again = await Follower.on(other, topic, history)
      await publisher.publish(topic, text('2'), history)
      await again.untilText('2')
      expect(ended.texts).toEqual(['1'])
      expect(again.texts).toEqual(history === null ? ['2'] : ['1', '2'])
    }
  })

  test('one that ends inside of what it is told gets nothing more', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('inside')
    const [ended, witness] = [await Follower.on(other, topic), await Follower.on(one, topic)]
    ended.onHeard = () => ended.end()
    const publisher = new Publisher(one)
    await Promise.all(['1', '2', '3'].map(line => publisher.publish(topic, text(line))))
    await witness.until(3)
    const again = await Follower.on(other, topic)
    await again.until(3)
    expect(ended.texts).toEqual(['1'])
  })

  test('what was given before the close is sent, and then it is over: nothing is called, and publishing fails', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('close')
    const [own, follower] = [await Follower.on(one, topic), await Follower.on(other, topic)]
    const publisher = new Publisher(one)
    const given = Array.from({ length: 100 }, (_, at) => publisher.publish(topic, text(`${at}`)))
    const settled = Promise.allSettled(given)
    await within('the close', Promise.all([one.backplane.close(), one.backplane.close()]), PATIENCE)
    const calls = own.calls.length
    await follower.until(100)
    await within('the fate of what was given', settled, PATIENCE)
    await expect(within('a refusal', publisher.publish(topic, text('late')))).rejects.toThrow(BackplaneError)
    await expect(within('a refusal', one.backplane.attend(topic, one.name, text('late')))).rejects.toThrow(
      BackplaneError,
    )
    await new Publisher(other).publish(topic, text('after'))
    await follower.untilText('after')
    expect(follower.texts).toEqual([...Array.from({ length: 100 }, (_, at) => `${at}`), 'after'])
    expect(own.calls).toHaveLength(calls)
    expect(one.events.all).toEqual([])
    await within('one more close', one.backplane.close(), PATIENCE)
  })

  test('one that was closed can be opened again, and is as before', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('reopened')
    const publisher = new Publisher(one)
    await publisher.publish(topic, text('1'))
    await within('the close', one.backplane.close(), PATIENCE)
    const events = { up: () => one.events.push('up'), down: () => one.events.push('down') }
    await within('a node that opens', one.backplane.open(events), PATIENCE)
    const followers = [await Follower.on(one, topic), await Follower.on(other, topic)] as const
    await publisher.publish(topic, text('2'))
    for (const follower of followers) {
      await follower.until(2)
      follower.checkWhole(2)
    }
    expect(one.events.all).toEqual([])
  })

  test('one that is closed while it opens is closed', async () => {
    const backplane = engine().make()
    const events = new Log<'up' | 'down'>()
    const opening = backplane.open({ up: () => events.push('up'), down: () => events.push('down') })
    const fate = Promise.allSettled([opening])
    await within('the close', backplane.close(), PATIENCE)
    const [opened] = await within('the opening', fate, PATIENCE)
    if (opened.status === 'rejected') expect(opened.reason).toBeInstanceOf(BackplaneError)
    const late = backplane.publish(unique('late'), HISTORY, { node: 'node', sequence: 1, body: text('late') })
    await expect(within('a refusal', late)).rejects.toThrow(BackplaneError)
    expect(events.all).toEqual([])
    engine().forget?.(backplane)
  })

  test('one that is open is opened for another server as well, or that is refused; nothing changes for the first', async () => {
    const node = await open()
    const opening = node.backplane.open({ up() {}, down() {} })
    const isShared = await within(
      'the second opening',
      opening.then(
        () => true,
        error => {
          expect(error).toBeInstanceOf(BackplaneError)
          return false
        },
      ),
      PATIENCE,
    )
    const topic = unique('twice')
    const follower = await Follower.on(node, topic)
    const publisher = new Publisher(node)
    await publisher.publish(topic, text('1'))
    if (isShared) await node.backplane.close()
    await publisher.publish(topic, text('2'))
    await follower.until(2)
    follower.checkWhole(2)
  })

  test('an engine that cannot be had rejects the opening with a BackplaneError, soon', async () => {
    const nowhere: Backplane | undefined = engine().nowhere?.()
    if (nowhere === undefined) return
    const opening = nowhere.open({ up() {}, down() {} })
    await expect(within('the opening', opening, PATIENCE)).rejects.toThrow(BackplaneError)
    await within('its close', nowhere.close(), PATIENCE)
  })

  test('the name says what it is, and nothing of user or password', async () => {
    const { backplane } = await open()
    expect(backplane.name).toMatch(/^[\w.:, -]+$/)
  })
}

/** Bytes by which the heap of the node may differ between 20 000 and 100 000 publications. */
const FLAT = 24 * 1_048_576

function describeMemory(open: Open): void {
  test('100 000 publications with a history of 1000 keep the memory of a node flat', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const topic = unique('flat')
    const history = { ...HISTORY, size: 1000 }
    const publisher = new Publisher(one)
    const follower = await Follower.on(other, topic, history, { counts: true })
    const used: number[] = []
    for (let done = 0; done < 100_000; done += 2000) {
      const some = Array.from({ length: 2000 }, (_, at) => publisher.publish(topic, text(`${done + at}`), history))
      await within('2000 publications', Promise.all(some), PATIENCE)
      await follower.untilOffset(done + 2000)
      if (done % 20_000 === 0) used.push(heapUsed())
    }
    expect(follower.problems).toEqual([])
    expect(follower.count).toBe(100_000)
    expect(Math.max(...used.slice(1)) - (used[1] as number)).toBeLessThan(FLAT)
    const late = await Follower.on(other, `${topic} late`, history)
    expect(late.offset).toBe(0)
  }, 120_000)
}

/** Bytes in use, once what nobody holds is collected as far as that can be asked for. */
function heapUsed(): number {
  for (let round = 0; round < 3; round++) globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
