/** A relay between nodes of other processes, over channels in this one. */
import { afterEach, describe, expect, test } from 'vitest'
import { Hub } from '../../src/backplane/hub.ts'
import type { Channel } from '../../src/backplane/link/channel.ts'
import { Relay } from '../../src/backplane/link/relay.ts'
import { RemoteBackplane } from '../../src/backplane/link/remote.ts'
import { BackplaneError } from '../../src/errors.ts'
import { nodeClock } from '../../src/runtime/node/clock.ts'
import { Log } from '../support/deadline.ts'
import { Line } from './channels.ts'
import { describeBackplane } from './contract.ts'
import { type Engine, Follower, HISTORY, PATIENCE, Publisher, type TestNode, text, unique } from './support.ts'

const hubOf = (): Hub => new Hub({ clock: nodeClock, bytes: 256 * 1_048_576, random: () => crypto.randomUUID() })

const remoteOf = (channel: Channel): RemoteBackplane =>
  new RemoteBackplane({ channel, clock: nodeClock, end: 1, name: 'cluster', advice: 'call relay() in the primary' })

/** A relay, and nodes on a line each. */
class Office {
  readonly lines: Line[] = []
  relay = new Relay(hubOf(), nodeClock)

  make(): RemoteBackplane {
    const line = new Line()
    this.lines.push(line)
    this.relay.add(line.far, false)
    return remoteOf(line.near)
  }

  again(): void {
    this.relay = new Relay(hubOf(), nodeClock)
    for (const line of this.lines) this.relay.add(line.far, true)
  }
}

describeBackplane('over a relay', async (): Promise<Engine> => {
  const office = new Office()
  return {
    make: () => office.make(),
    nowhere: () => remoteOf(new Line().near),
    restart: {
      durable: false,
      stop: async () => office.relay.close(),
      start: async () => office.again(),
    },
    pause: {
      stop: async () => {
        for (const line of office.lines) line.hold()
      },
      start: async () => {
        for (const line of office.lines) line.release()
      },
    },
    end: async () => office.relay.close(),
  }
}, ['restart', 'pause'])

describe('a relay', () => {
  const nodes: RemoteBackplane[] = []

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(node => node.close()))
  })

  async function open(office: Office): Promise<TestNode & { readonly line: Line }> {
    const backplane = office.make()
    nodes.push(backplane)
    const events = new Log<'up' | 'down'>()
    await backplane.open({ up: () => events.push('up'), down: () => events.push('down') })
    return { backplane, events, name: unique('node'), line: office.lines.at(-1) as Line }
  }

  test('a process that is gone is forgotten at once, with what it said about its members', async () => {
    const office = new Office()
    const [one, other] = [await open(office), await open(office)]
    const told = new Log<string>()
    one.backplane.attendance('topic', (node, word) => told.push(`${node} ${word && Buffer.from(word)}`))
    await other.backplane.attend('topic', other.name, text('here'))
    await told.until('the word', all => all.length === 1)
    const begun = performance.now()
    other.line.cut()
    await told.until('its end', all => all.length === 2)
    expect(performance.now() - begun).toBeLessThan(2000)
    expect(told.all).toEqual([`${other.name} here`, `${other.name} undefined`])
  })

  test('a node whose relay is gone is down for good: what it publishes fails at once', async () => {
    const node = await open(new Office())
    node.line.hold()
    const given = new Publisher(node).publish('topic', text('given'))
    const fate = expect(given).rejects.toMatchObject({ kept: 'unknown' })
    node.line.cut()
    await fate
    expect(node.events.all).toEqual(['down'])
    await expect(new Publisher(node).publish('topic', text('later'))).rejects.toThrow('the process that relays is away')
  })

  test('a node that is slow is not waited for: it gets what it has missed, and all in order', async () => {
    const office = new Office()
    const [fast, slow] = [await open(office), await open(office)]
    const followers = [await Follower.on(fast, 'topic'), await Follower.on(slow, 'topic')] as const
    slow.line.hold()
    const publisher = new Publisher(fast)
    const body = new Uint8Array(262_144)
    const history = { ...HISTORY, bytes: 1024 * 1_048_576 }
    // 100 MiB, of which 16 may wait.
    for (let at = 0; at < 400; at++) await publisher.publish('topic', body, history)
    await followers[0].until(400)
    expect(followers[1].count).toBe(0)
    slow.line.release()
    await followers[1].until(400)
    for (const follower of followers) follower.checkWhole(400)
    expect(followers[1].calls.filter(call => call === 'state')).toHaveLength(1)
  })

  test('a node that is slower than the history is long is told a state, from which it knows how many it has missed', async () => {
    const office = new Office()
    const [fast, slow] = [await open(office), await open(office)]
    const history = { ...HISTORY, size: 3 }
    const followers = [await Follower.on(fast, 'topic', history), await Follower.on(slow, 'topic', history)] as const
    const told = new Log<string>()
    await slow.backplane.watch('*', topic => told.push(topic)).ready
    slow.line.hold()
    const publisher = new Publisher(fast)
    for (let at = 0; at < 100; at++) await publisher.publish('topic', new Uint8Array(524_288), history)
    await publisher.publish('other', text('sign'))
    await publisher.publish('topic', text('last'), history)
    slow.line.release()
    await followers[1].untilText('last')
    await told.until('the sign of the other topic', all => all.includes('other'), PATIENCE)
    expect(followers[1].calls.at(-1)).toBe('state')
    expect(followers[1].states.at(-1)?.map(({ offset }) => offset)).toEqual([99, 100, 101])
    expect(followers[1].epochs).toHaveLength(1)
  })

  test('a node that is slow is told the last word of each node, however often they speak meanwhile', async () => {
    const office = new Office()
    const [fast, slow] = [await open(office), await open(office)]
    const told = new Log<string>()
    const word = (line: string) => Buffer.concat([text(line), new Uint8Array(65_536)])
    const listen = (node: string, attendance?: Uint8Array): void =>
      told.push(`${node} ${attendance && Buffer.from(attendance.subarray(0, 4))}`)
    await slow.backplane.attendance('topic', listen).ready
    slow.line.hold()
    const before = slow.line.bytes
    // 64 MiB of two nodes, of which 16 may wait, and the last words.
    for (let at = 1000; at < 1512; at++)
      for (const name of ['one', 'two']) await fast.backplane.attend('topic', name, word(`${at}`))
    await fast.backplane.attend('topic', 'one', undefined)
    slow.line.release()
    await told.until('the last words', all => ['one undefined', 'two 1511'].every(last => all.includes(last)))
    expect(told.all.filter(line => line.startsWith('one ')).at(-1)).toBe('one undefined')
    expect(told.all.filter(line => line.startsWith('two ')).at(-1)).toBe('two 1511')
    expect(slow.line.bytes - before).toBeLessThan(20 * 1_048_576)
  })

  test('what is said in one tick goes in one message', async () => {
    const office = new Office()
    const node = await open(office)
    const publisher = new Publisher(node)
    await publisher.publish('topic', text('first'))
    const before = node.line.messages
    await Promise.all(Array.from({ length: 500 }, (_, at) => publisher.publish('topic', text(`${at}`))))
    expect(node.line.messages - before).toBe(2)
  })

  test('a small body that is kept does not keep all that came with it', async () => {
    const office = new Office()
    const [one, other] = [await open(office), await open(office)]
    const follower = await Follower.on(other, 'topic')
    const publisher = new Publisher(one)
    await Promise.all([text('small'), new Uint8Array(200_000)].map(body => publisher.publish('topic', body)))
    await follower.until(2)
    const late = await Follower.on(one, 'topic')
    for (const { heard } of [follower, late]) expect(heard[0]?.body.buffer.byteLength).toBeLessThan(2000)
  })

  test('more than the bound does not wait for a relay that stands still: it fails', async () => {
    const node = await open(new Office())
    node.line.hold()
    const publisher = new Publisher(node)
    const body = new Uint8Array(1_048_576)
    const fates = Array.from({ length: 80 }, () =>
      publisher.publish('topic', body).catch((error: Error) => error.message),
    )
    await expect(publisher.publish('topic', body)).rejects.toThrow('bytes wait for the process that relays')
    node.line.release()
    const told = await Promise.all(fates)
    expect(told.filter(fate => typeof fate === 'string').length).toBeLessThan(20)
  })

  test('bytes that do not come as bytes are refused at the opening, with what to do', async () => {
    const line = new Line()
    new Relay(hubOf(), nodeClock).add(line.far, false)
    const json: Channel = {
      send: (envelope, sent) => line.near.send(JSON.parse(JSON.stringify(envelope)), sent),
      listen: (hear, closed) => line.near.listen(hear, closed),
    }
    const opening = remoteOf(json).open({ up() {}, down() {} })
    await expect(opening).rejects.toThrow(BackplaneError)
    await expect(opening).rejects.toThrow("serialization: 'advanced'")
  })

  test('a node that was there before the relay is found by it', async () => {
    const office = new Office()
    const node = await open(office)
    office.relay.close()
    const follower = new Follower()
    node.backplane.consume('topic', HISTORY, follower)
    await node.events.until('down', all => all.length === 1)
    office.again()
    await node.events.until('up', all => all.length === 2)
    await new Publisher(node).publish('topic', text('1'))
    await follower.until(1)
  })
})
