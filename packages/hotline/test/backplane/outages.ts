/** What holds when the engine is away: it is told, publishing fails at once, and afterwards nothing was lost silently. */
import { expect, test } from 'vitest'
import type { Entry } from '../../src/backplane/backplane.ts'
import { BackplaneError } from '../../src/errors.ts'
import { Log, within } from '../support/deadline.ts'
import {
  type Engine,
  Follower,
  HISTORY,
  type Outage,
  PATIENCE,
  Publisher,
  type TestNode,
  text,
  unique,
} from './support.ts'

/** Milliseconds within which a publication fails while the engine is known to be away. */
const AT_ONCE = 4000

const TIMEOUT = 120_000

const WHAT: Record<Outage, string> = {
  restart: 'ends and is started again',
  pause: 'stands still and goes on',
  cut: 'cannot be reached for a while',
}

export function describeOutages(outages: readonly Outage[], engine: () => Engine, open: () => Promise<TestNode>): void {
  for (const outage of outages) {
    test(
      `an engine that ${WHAT[outage]}: down and up are told once, publishing fails meanwhile, nothing is lost silently`,
      async () => {
        const [one, other] = await Promise.all([open(), open()])
        const topic = unique(outage)
        const followers = await Promise.all([one, other].map(node => Follower.on(node, topic)))
        const sender = new Sender(other, topic)
        for (let at = 0; at < 100; at++) sender.publish(`${at}`)
        await sender.done()
        const how = outageOf(engine(), outage)
        for (let at = 100; at < 150; at++) sender.publish(`${at}`)
        await within('the end of the engine', how.stop(), PATIENCE)
        for (let at = 150; at < 200; at++) sender.publish(`${at}`)
        await Promise.all([one, other].map(({ events }) => events.until('down', all => all.length > 0, PATIENCE)))
        await failsAtOnce(one)
        for (let at = 200; at < 250; at++) sender.publish(`${at}`)
        await within('the engine again', how.start(), PATIENCE)
        await Promise.all([one, other].map(({ events }) => events.until('up', all => all.includes('up'), PATIENCE)))
        sender.again()
        await sender.done()
        const lines = Array.from({ length: 250 }, (_, at) => `${at}`)
        for (const follower of followers) {
          await follower.untilText('249')
          expect(follower.problems).toEqual([])
          expect(follower.calls.filter(call => call === 'state').length).toBeGreaterThan(1)
          if (how.durable) follower.checkWhole(250)
          // What was confirmed by an engine that lost it is in an epoch that is over: all others came.
          else
            expect(
              lines.filter(line => !follower.texts.includes(line) && sender.epochs.get(line) === follower.epoch),
            ).toEqual([])
        }
        if (how.durable) for (const follower of followers) expect(follower.texts).toEqual(lines)
        else for (const { epochs } of followers) expect(epochs).toEqual([expect.anything(), followers[0]?.epoch])
        for (const { events } of [one, other]) expect(events.all).toEqual(['down', 'up'])
      },
      TIMEOUT,
    )

    test(
      `an engine that ${WHAT[outage]}: what was begun before and meanwhile goes on`,
      async () => {
        const [one, other] = await Promise.all([open(), open()])
        const root = unique(outage)
        const [signs, words] = [new Log<string>(), new Log<string>()]
        const passing = await Follower.on(one, `${root}/passing`, null)
        const begun = [
          one.backplane.watch(`${root}/*`, (_, { body }) => signs.push(`${Buffer.from(body)}`)),
          one.backplane.attendance(root, (node, word) => words.push(`${node} ${word && Buffer.from(word)}`)),
        ]
        await Promise.all(begun.map(({ ready }) => within('what begins', ready, PATIENCE)))
        const how = outageOf(engine(), outage)
        await within('the end of the engine', how.stop(), PATIENCE)
        await Promise.all([one, other].map(({ events }) => events.until('down', all => all.length > 0, PATIENCE)))
        const meanwhile = new Follower()
        const { ready } = one.backplane.consume(`${root}/meanwhile`, HISTORY, meanwhile)
        const ended = new Follower()
        one.backplane.consume(`${root}/ended`, HISTORY, ended).end()
        await expect(within('a refusal', one.backplane.attend(root, one.name, text('x')), AT_ONCE)).rejects.toThrow(
          BackplaneError,
        )
        await within('the engine again', how.start(), PATIENCE)
        await Promise.all([one, other].map(({ events }) => events.until('up', all => all.includes('up'), PATIENCE)))
        await within('what was begun meanwhile', ready, PATIENCE)
        const publisher = new Publisher(other)
        await publisher.publish(`${root}/ended`, text('ended'))
        await publisher.publish(`${root}/meanwhile`, text('meanwhile'))
        await other.backplane.attend(root, other.name, text('here'))
        await meanwhile.untilText('meanwhile')
        await words.until('a word', all => all.includes(`${other.name} here`), PATIENCE)
        await signs.until('a sign', all => all.includes('meanwhile'), PATIENCE)
        await publisher.publish(`${root}/passing`, text('passing'), null)
        await passing.untilText('passing')
        meanwhile.checkWhole(1)
        expect(ended.calls).toEqual([])
      },
      TIMEOUT,
    )

    if (outage === 'restart') describeLateOpening(engine, open)
    else describeFate(outage, engine, open)

    test(
      `an engine that ${WHAT[outage]}: a node can be closed meanwhile`,
      async () => {
        const [one, witness] = await Promise.all([open(), open()])
        const how = outageOf(engine(), outage)
        await within('the end of the engine', how.stop(), PATIENCE)
        const given = one.backplane.publish(unique(outage), HISTORY, new Publisher(one).next(text('given')))
        const fate = Promise.allSettled([given])
        await within('the close', one.backplane.close(), PATIENCE)
        await within('the fate of what was given', fate, PATIENCE)
        await witness.events.until('down', all => all.includes('down'), PATIENCE)
        await within('the engine again', how.start(), PATIENCE)
        await witness.events.until('up', all => all.includes('up'), PATIENCE)
        expect(one.events.all).not.toContain('up')
      },
      TIMEOUT,
    )
  }
}

function describeLateOpening(engine: () => Engine, open: () => Promise<TestNode>): void {
  test(
    `an engine that ${WHAT.restart}: a node that could not be opened meanwhile can be opened then`,
    async () => {
      const other = await open()
      const backplane = engine().make()
      const how = outageOf(engine(), 'restart')
      const events = new Log<'up' | 'down'>()
      const opening = () => backplane.open({ up: () => events.push('up'), down: () => events.push('down') })
      await within('the end of the engine', how.stop(), PATIENCE)
      await expect(within('a refusal', opening(), PATIENCE)).rejects.toThrow(BackplaneError)
      await within('the engine again', how.start(), PATIENCE)
      await within('the opening', opening(), PATIENCE)
      await other.events.until('up', all => all.includes('up'), PATIENCE)
      const late = { backplane, name: unique('node'), events }
      const topic = unique('late')
      const followers = [await Follower.on(late, topic), await Follower.on(other, topic)] as const
      await new Publisher(late).publish(topic, text('a'))
      for (const follower of followers) await follower.untilText('a')
      expect(events.all).toEqual([])
      await within('the close', backplane.close(), PATIENCE)
      engine().forget?.(backplane)
    },
    TIMEOUT,
  )
}

function describeFate(outage: Outage, engine: () => Engine, open: () => Promise<TestNode>): void {
  test(
    `an engine that ${WHAT[outage]}: of what was on its way nobody knows whether it was kept`,
    async () => {
      const node = await open()
      const publisher = new Publisher(node)
      const topic = unique(outage)
      const publish = (line: string) => [
        publisher.publish(topic, text(line)),
        publisher.publish(`${topic} passing`, text(line), null),
      ]
      await within('the first', Promise.all(publish('before')), PATIENCE)
      const how = outageOf(engine(), outage)
      await within('the end of the engine', how.stop(), PATIENCE)
      try {
        const fates = Promise.allSettled(publish('on its way'))
        await node.events.until('down', all => all.length > 0, PATIENCE)
        for (const fate of await within('their fate', fates, PATIENCE))
          expect(fate).toMatchObject({ status: 'rejected', reason: { name: 'BackplaneError', kept: 'unknown' } })
      } finally {
        // Other claims follow.
        await within('the engine again', how.start(), PATIENCE)
      }
      await node.events.until('up', all => all.includes('up'), PATIENCE)
    },
    TIMEOUT,
  )
}

function outageOf(engine: Engine, outage: Outage) {
  const how = engine[outage]
  if (how === undefined) throw new Error(`the engine cannot do ${outage}`)
  return {
    durable: true,
    stop: () => how.stop(),
    start: () => how.start(),
    ...('durable' in how && { durable: how.durable }),
  }
}

async function failsAtOnce(node: TestNode): Promise<void> {
  for (const history of [HISTORY, null]) {
    const away = new Publisher(node).publish(unique('away'), text('away'), history)
    const error = await within(
      'a refusal',
      away.catch(error => error),
      AT_ONCE,
    )
    expect(error).toBeInstanceOf(BackplaneError)
    expect((error as BackplaneError).kept).toBe('no')
  }
}

/** Publishes as a node does: what was in flight when the engine was lost is given again, in its order. */
class Sender {
  readonly #node: TestNode
  readonly #topic: string
  readonly #publisher: Publisher
  readonly #waiting = new Map<number, Entry>()
  readonly #told = new Log<undefined>()
  /** The epoch in which each line was confirmed. */
  readonly epochs = new Map<string, string | undefined>()

  constructor(node: TestNode, topic: string) {
    this.#node = node
    this.#topic = topic
    this.#publisher = new Publisher(node)
  }

  publish(line: string): void {
    const entry = this.#publisher.next(text(line))
    this.#waiting.set(entry.sequence, entry)
    if (this.#node.events.all.at(-1) !== 'down') this.#send(entry)
  }

  again(): void {
    for (const entry of this.#waiting.values()) this.#send(entry)
  }

  /** Fulfilled when all has been kept. */
  done(): Promise<void> {
    return this.#told.until('the fate of all publications', () => this.#waiting.size === 0, PATIENCE)
  }

  #send(entry: Entry): void {
    this.#node.backplane.publish(this.#topic, HISTORY, entry).then(
      place => {
        this.#waiting.delete(entry.sequence)
        this.epochs.set(Buffer.from(entry.body).toString(), place?.epoch)
        this.#told.changed()
      },
      error => expect(error).toBeInstanceOf(BackplaneError),
    )
  }
}
