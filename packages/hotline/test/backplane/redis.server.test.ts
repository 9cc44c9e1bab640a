/** What Redis in particular can do to nodes: refuse, forget, roll back, fill up, cut in the middle. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { type RedisServer, type RedisSetup, startCluster, startRedis } from '../../../../test/support/redis.ts'
import { type Swallower, startSwallower } from '../../../../test/support/swallower.ts'
import type { Backplane, Entry, Place } from '../../src/backplane/backplane.ts'
import { loadDriver } from '../../src/backplane/redis/driver.ts'
import { RedisBackplane } from '../../src/backplane/redis/engine.ts'
import { type RedisBackplaneOptions, redisBackplane } from '../../src/backplane/redis/index.ts'
import { Link } from '../../src/backplane/redis/link.ts'
import { type Address, resolveRedis } from '../../src/backplane/redis/options.ts'
import { BackplaneError } from '../../src/errors.ts'
import { Log, within } from '../support/deadline.ts'
import { Follower, HISTORY, PATIENCE, Publisher, type TestNode, text, unique } from './support.ts'

const path = inject('redis')
const TIMEOUT = 60_000

const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanup.splice(0).toReversed()) await end()
})

async function startServer(setup: RedisSetup = {}): Promise<RedisServer> {
  const redis = await startRedis(path as string, setup)
  cleanup.push(() => redis.end())
  return redis
}

async function startProxy(port: number): Promise<Swallower> {
  const proxy = await startSwallower(port)
  cleanup.push(() => proxy.end())
  return proxy
}

async function open(options: string | RedisBackplaneOptions): Promise<TestNode> {
  const node = { backplane: redisBackplane(options), name: unique('node'), events: new Log<'up' | 'down'>() }
  cleanup.push(() => node.backplane.close())
  await within(
    'a node that opens',
    node.backplane.open({ up: () => node.events.push('up'), down: () => node.events.push('down') }),
  )
  return node
}

/** Why it cannot be opened. */
async function refusal(backplane: Backplane): Promise<string> {
  const error = await within(
    'a refusal',
    backplane.open({ up() {}, down() {} }).catch(error => error),
    PATIENCE,
  )
  expect(error).toBeInstanceOf(BackplaneError)
  return (error as Error).message
}

const lines = (count: number, from = 0): string[] => Array.from({ length: count }, (_, at) => `${from + at}`)

/** Publishes as the exchange does: what was under way when the engine was lost is given again, in its order. */
class Sender {
  readonly #node: TestNode
  readonly #topic: string
  readonly #publisher: Publisher
  readonly #underway = new Map<number, Entry>()
  readonly settled = new Log<undefined>()
  readonly refused: BackplaneError[] = []

  constructor(node: TestNode, topic: string) {
    this.#node = node
    this.#topic = topic
    this.#publisher = new Publisher(node)
  }

  publish(line: string): void {
    const entry = this.#publisher.next(text(line))
    this.#underway.set(entry.sequence, entry)
    this.#send(entry)
  }

  again(): void {
    for (const entry of this.#underway.values()) this.#send(entry)
  }

  done(): Promise<void> {
    return this.settled.until('the fate of all', () => this.#underway.size === 0, PATIENCE)
  }

  #send(entry: Entry): void {
    const settle = (): void => {
      this.#underway.delete(entry.sequence)
      this.settled.changed()
    }
    this.#node.backplane.publish(this.#topic, HISTORY, entry).then(settle, (error: BackplaneError) => {
      // Away, or nobody knows: it is given again.
      if (error.kept === 'unknown' || this.#node.events.all.at(-1) === 'down') return
      this.refused.push(error)
      settle()
    })
  }
}

describe('what cannot be used is said, in one sentence', () => {
  test('the package redis that is not installed', async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'redis'"))
    const backplane = new RedisBackplane(resolveRedis('redis://127.0.0.1:1'), { load })
    expect(await refusal(backplane)).toBe('the Redis backplane needs the package redis: npm install redis')
  })

  test('a port where nothing listens', async () => {
    expect(await refusal(redisBackplane('redis://127.0.0.1:1'))).toBe(
      'Redis at 127.0.0.1:1 cannot be used: nothing listens there: is Redis running?',
    )
  })

  test('a server that accepts and says nothing, after stallTimeout', async () => {
    const port = await listen(() => undefined)
    expect(await refusal(redisBackplane({ url: `redis://127.0.0.1:${port}`, stallTimeout: 100 }))).toBe(
      `Redis at 127.0.0.1:${port} cannot be used: no answer within 100 ms`,
    )
  })

  const info = (text: string): string => `$${text.length}\r\n${text}\r\n`
  const olds: [what: string, hello: string, answer: string, wanted: string][] = [
    ['Redis 6', '%1\r\n+proto\r\n:3\r\n', info('redis_version:6.2.14\r\nrole:master\r\n'), 'this is 6.2.14'],
    ['Redis 5', "-ERR unknown command 'HELLO'\r\n", '', 'Redis 7.0 or later is needed'],
    ['something else', '%1\r\n+proto\r\n:3\r\n', info('name:other\r\n'), 'this is something else'],
    ['a replica', '%1\r\n+proto\r\n:3\r\n', info('redis_version:7.0.1\r\nrole:slave\r\n'), 'this is a replica'],
  ]
  for (const [what, hello, answer, wanted] of olds)
    test(what, async () => {
      const port = await listen(command => (/HELLO/.test(command) ? hello : answer))
      expect(await refusal(redisBackplane(`redis://127.0.0.1:${port}`))).toContain(wanted)
    })

  /** A server that answers to what it reads. */
  async function listen(answer: (command: string) => string | undefined): Promise<number> {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.on('data', data => socket.write(answer(String(data)) ?? ''))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanup.push(() => server.close())
    return (server.address() as AddressInfo).port
  }
})

describe.skipIf(path === undefined)('with redis-server', { timeout: TIMEOUT }, () => {
  test('a wrong password, and none, are told as that; the right one works', async () => {
    const { port, url } = await startServer({ password: 'right' })
    for (const wrong of [`redis://127.0.0.1:${port}`, `redis://:wrong@127.0.0.1:${port}`])
      expect(await refusal(redisBackplane(wrong))).toContain('user or password are wrong: give them in the URL')
    const node = await open(url)
    const follower = await Follower.on(node, 'topic')
    await new Publisher(node).publish('topic', text('a'))
    await follower.until(1)
  })

  test('a user with the rights of docs/guide/backplanes-redis.md is enough; one with less is told', async () => {
    const { port, cli } = await startServer()
    const rights = '~hotline:* &* +@read +@write +@pubsub +@scripting +@connection +info +time'
    cli('ACL', 'SETUSER', 'app', 'on', '>secret', ...rights.split(' '))
    cli('ACL', 'SETUSER', 'less', 'on', '>secret', '~hotline:*', '+@connection')
    expect(await refusal(redisBackplane(`redis://less:secret@127.0.0.1:${port}`))).toContain(
      'may not do what is needed',
    )
    const node = await open(`redis://app:secret@127.0.0.1:${port}`)
    const follower = await Follower.on(node, 'topic')
    const signs = new Log<string>()
    await node.backplane.watch('**', topic => signs.push(topic)).ready
    await node.backplane.attendance('topic', (name, word) => signs.push(`${name} ${word}`)).ready
    await node.backplane.attend('topic', node.name, text('here'))
    await new Publisher(node).publish('topic', text('a'))
    await new Publisher(node).publish('other', text('a'), null)
    await follower.until(1)
    await signs.until('all', all => all.length >= 3)
  })

  test('TLS: a certificate that nobody vouches for is refused, one of the given authority is not', async () => {
    const { url, certificate } = await startServer({ tls: true, password: 'x' })
    expect(await refusal(redisBackplane(url))).toMatch(/self.signed certificate/)
    const node = await open({ url, tls: { ca: certificate } })
    const follower = await Follower.on(node, 'topic')
    await new Publisher(node).publish('topic', text('a'))
    await follower.until(1)
  })

  test('a Unix socket', async () => {
    const { socket } = await startServer({ unix: true })
    const node = await open(`unix://${socket}`)
    const follower = await Follower.on(node, 'topic')
    await new Publisher(node).publish('topic', text('a'))
    await follower.until(1)
  })

  test('prefixes and databases are systems of their own', async () => {
    const { url } = await startServer()
    const nodes = await Promise.all([url, `${url}/1`, { url, prefix: 'other:' }].map(open))
    for (const history of [HISTORY, null]) {
      const topic = unique('apart')
      const followers = await Promise.all(nodes.map(node => Follower.on(node, topic, history)))
      for (const [at, node] of nodes.entries()) await new Publisher(node).publish(topic, text(`${at}`), history)
      await Promise.all(followers.map(follower => follower.until(1)))
      expect(followers.map(follower => follower.texts)).toEqual([['0'], ['1'], ['2']])
    }
  })

  test('all that is in Redis begins with the prefix, and what has an age goes by itself', async () => {
    const { url, cli } = await startServer()
    const node = await open({ url, prefix: 'mine:' })
    const topic = 'a {b}'
    const consumption = await Follower.on(node, topic, { ...HISTORY, age: 60_000 })
    await new Publisher(node).publish(topic, text('a'), { ...HISTORY, age: 60_000 })
    await node.backplane.attend(topic, node.name, text('here'))
    await consumption.until(1)
    const keys = cli('KEYS', '*').split('\n')
    expect(keys.length).toBe(4)
    for (const key of keys) {
      expect(key.startsWith('mine:{a%20%7Bb%7D}:')).toBe(true)
      expect(Number(cli('PTTL', key))).toBeGreaterThan(0)
    }
  })

  test('several hosts of which none is of a cluster are refused', async () => {
    const [one, other] = [await startServer(), await startServer()]
    const backplane = redisBackplane(`${one.url},127.0.0.1:${other.port}`)
    expect(await refusal(backplane)).toBe('several hosts are given, and this is no Redis Cluster: give one')
  })

  test('a server that comes back as an empty one begins a new epoch, and one that has kept all does not', async () => {
    for (const appendonly of [false, true]) {
      const redis = await startServer({ appendonly })
      const node = await open(redis.url)
      const publisher = new Publisher(node)
      const before = await publisher.publish('topic', text('a'))
      await redis.kill()
      await node.events.until('down', all => all.length > 0)
      await redis.start()
      await node.events.until('up', all => all.includes('up'))
      const after = await publisher.publish('topic', text('b'))
      if (appendonly) expect(after).toEqual({ epoch: before?.epoch, offset: 2 })
      else expect([after?.epoch === before?.epoch, after?.offset]).toEqual([false, 1])
    }
  })

  test('a snapshot of before is a new epoch in which offsets go on, also where persistence was promised falsely', async () => {
    for (const durable of [undefined, true]) {
      const redis = await startServer()
      const node = await open({ url: redis.url, ...(durable && { durable }) })
      const publisher = new Publisher(node)
      const follower = await Follower.on(node, 'topic')
      for (const line of lines(3)) await publisher.publish('topic', text(line))
      const unread = await publisher.publish('unread', text('a'))
      redis.cli('SAVE')
      for (const line of lines(2, 3)) await publisher.publish('topic', text(line))
      await follower.until(5)
      const { epoch } = follower
      await redis.kill()
      await node.events.until('down', all => all.length > 0)
      await redis.start()
      await node.events.until('up', all => all.includes('up'))
      await follower.untilText('4')
      // Not before it has begun again: only one who has seen what was lost can tell when the promise was false.
      await within(
        'the new epoch',
        until(() => follower.epochs.length === 2),
      )
      // Of what nobody has read, the run of the server tells; or the promise is believed.
      expect((await publisher.publish('unread', text('b')))?.epoch === unread?.epoch).toBe(durable === true)
      const after = (await publisher.publish('topic', text('5'))) as Place
      await follower.untilText('5')
      expect(follower.epochs).toEqual([epoch, after.epoch])
      expect(after.offset).toBe(4)
      expect(
        follower.states
          .at(-1)
          ?.map(({ offset }) => offset)
          .slice(0, 3),
      ).toEqual([1, 2, 3])
    }
  })

  test('FLUSHALL under way is told as a new epoch', async () => {
    const { url, cli } = await startServer()
    const node = await open(url)
    const follower = await Follower.on(node, 'topic')
    const publisher = new Publisher(node)
    await publisher.publish('topic', text('a'))
    await follower.until(1)
    cli('FLUSHALL')
    const place = await publisher.publish('topic', text('b'))
    await follower.untilText('b')
    expect(follower.epochs).toHaveLength(2)
    expect(place).toEqual({ epoch: follower.epoch, offset: 1 })
    expect(follower.problems).toEqual([])
  })

  test('a stream that is gone alone is not a new epoch: what is missing is missing to who comes, offsets go on', async () => {
    const { url, cli } = await startServer()
    const node = await open(url)
    const follower = await Follower.on(node, 'topic')
    const publisher = new Publisher(node)
    await publisher.publish('topic', text('a'))
    cli('DEL', 'hotline:{topic}:stream')
    expect((await publisher.publish('topic', text('b')))?.offset).toBe(2)
    await follower.until(2)
    follower.checkWhole(2)
    const late = await Follower.on(await open(url), 'topic')
    expect(late.states[0]?.map(({ offset }) => offset)).toEqual([2])
  })

  test('connections that are cut at any byte of what is under way: nothing is lost, doubled or disordered', async () => {
    const redis = await startServer({ appendonly: false })
    const proxy = await startProxy(redis.port)
    const node = await open({ url: `redis://127.0.0.1:${proxy.port}`, stallTimeout: 1000 })
    const witness = await Follower.on(await open(redis.url), 'topic')
    const follower = await Follower.on(node, 'topic')
    const sender = new Sender(node, 'topic')
    for (let round = 0; round < 8; round++) {
      proxy.cutAfter(1 + ((round * 7919) % 40_000))
      for (let at = 0; at < 200; at++) sender.publish(`${round * 200 + at}`)
      await node.events.until('up', all => all.filter(event => event === 'up').length > round, PATIENCE)
      sender.again()
      await sender.done()
      await follower.until(200 * (round + 1))
    }
    await Promise.all([witness, follower].map(one => one.until(1600)))
    for (const one of [witness, follower]) {
      one.checkWhole(1600)
      expect(one.texts).toEqual(lines(1600))
    }
    expect(sender.refused).toEqual([])
    expect(node.events.all).toEqual(Array.from({ length: 16 }, (_, at) => (at % 2 ? 'up' : 'down')))
  })

  test('scripts that Redis has forgotten while publications are under way: all is given again, nothing twice', async () => {
    const redis = await startServer()
    const [node, other] = [await open(redis.url), await open(redis.url)]
    const follower = await Follower.on(other, 'topic')
    const senders = [new Sender(node, 'topic'), new Sender(other, 'topic')]
    for (let at = 0; at < 50; at++) for (const sender of senders) sender.publish(`${at}`)
    redis.cli('SCRIPT', 'FLUSH')
    for (let at = 50; at < 100; at++) for (const sender of senders) sender.publish(`${at}`)
    await Promise.all([node, other].map(({ events }) => events.until('up', all => all.includes('up'), PATIENCE)))
    for (const sender of senders) sender.again()
    await Promise.all(senders.map(sender => sender.done()))
    await follower.until(200)
    follower.checkWhole(200)
    for (const { name } of [node, other])
      expect(follower.heard.filter(one => one.node === name).map(({ body }) => `${body}`)).toEqual(lines(100))
  })

  test('a Redis that is full refuses, which is known to be not kept, and goes on when it is not', async () => {
    const redis = await startServer()
    const node = await open(redis.url)
    const publisher = new Publisher(node)
    await publisher.publish('topic', text('first'))
    redis.cli('CONFIG', 'SET', 'maxmemory', '1')
    const fates = await Promise.allSettled(['a', 'b'].map(line => publisher.publish('topic', text(line))))
    for (const fate of fates) {
      expect(fate.status).toBe('rejected')
      expect((fate as PromiseRejectedResult).reason).toMatchObject({ code: 'ERR_BACKPLANE', kept: 'no' })
    }
    redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    expect((await publisher.publish('topic', text('last')))?.offset).toBe(2)
    expect(node.events.all).toEqual([])
  })

  test('a publication without the one before it, of which nobody knows, is refused', async () => {
    const { port } = await startServer()
    const options = resolveRedis(`redis://127.0.0.1:${port}`)
    const [address] = options.seeds
    const link = new Link(await loadDriver(), address as Address, options)
    cleanup.push(() => link.end())
    await link.open(options, new AbortController().signal)
    const publish = (sequence: string, previous: string) =>
      link.run(
        'publish',
        ['{t}:place', '{t}:stream'],
        [...['run', '0', 'node', sequence, previous, '1000', '0', '1000000', 'channel', 'PUBLISH', '', 'body']],
      )
    const offset = async (sequence: string, previous: string) =>
      `${((await publish(sequence, previous)) as Buffer[])[1]}`
    expect(await offset('3', '')).toBe('1')
    expect(await offset('5', '3')).toBe('2')
    await expect(publish('9', '7')).rejects.toMatchObject({ kept: 'no', message: expect.stringContaining('ORDER') })
    // What comes again is not new, whatever was before it.
    expect(await offset('5', '4')).toBe('2')
    expect(await offset('3', '')).toBe('0')
    expect(await offset('7', '5')).toBe('3')
  })

  test('a node that is cut off as it reads too slowly reads what is missing from the stream', async () => {
    const redis = await startServer({ args: ['--client-output-buffer-limit', 'pubsub', '1mb', '0', '0'] })
    const proxy = await startProxy(redis.port)
    const [slow, other] = [await open(`redis://127.0.0.1:${proxy.port}`), await open(redis.url)]
    const history = { ...HISTORY, bytes: 1e9 }
    const follower = await Follower.on(slow, 'topic', history)
    const publisher = new Publisher(other)
    proxy.hold()
    const isCut = (): boolean => !redis.cli('CLIENT', 'LIST', 'TYPE', 'pubsub').includes('subscribe')
    while (!isCut()) {
      expect(publisher.sequence).toBeLessThan(900)
      await Promise.all(lines(10).map(() => publisher.publish('topic', new Uint8Array(200_000), history)))
    }
    proxy.release()
    await slow.events.until('up', all => all.includes('up'), PATIENCE)
    await publisher.publish('topic', text('last'), history)
    await follower.untilText('last')
    follower.checkWhole(publisher.sequence)
  })

  test('a server that stands still is noticed by stallTimeout, however much is sent to it meanwhile', async () => {
    const redis = await startServer()
    const node = await open({ url: redis.url, stallTimeout: 300 })
    const sender = new Sender(node, 'topic')
    redis.pause()
    const begun = performance.now()
    const sending = setInterval(() => sender.publish('a'), 20)
    await node.events.until('down', all => all.length > 0)
    clearInterval(sending)
    expect(performance.now() - begun).toBeGreaterThan(200)
    redis.resume()
    await node.events.until('up', all => all.includes('up'))
    sender.again()
    await sender.done()
  })

  test('10 000 entries are read in pages, and ones of 100 kB in smaller ones', async () => {
    const { url } = await startServer()
    const node = await open(url)
    const publisher = new Publisher(node)
    const much = { size: 10_000, age: 3_600_000, bytes: 1e9 }
    for (const [topic, count, body] of [
      ['many', 10_000, 10],
      ['large', 60, 100_000],
    ] as const) {
      await Promise.all(Array.from({ length: count }, () => publisher.publish(topic, new Uint8Array(body), much)))
      const late = await Follower.on(await open(url), topic, much)
      expect(late.states[0]?.length).toBe(count)
      expect(late.problems).toEqual([])
      expect(late.offset).toBe(count)
    }
  })

  test('a node that begins while others publish without a pause has all from where it begins', async () => {
    const { url } = await startServer()
    const [one, other] = [await open(url), await open(url)]
    const sender = new Sender(one, 'topic')
    for (const line of lines(500)) sender.publish(line)
    const follower = Follower.on(other, 'topic', { ...HISTORY, size: 100 })
    for (const line of lines(3000, 500)) sender.publish(line)
    const late = await follower
    await late.untilOffset(3500)
    expect(late.problems).toEqual([])
  })
})

describe.skipIf(path === undefined)('with a Redis Cluster', { timeout: TIMEOUT }, () => {
  test('a primary that dies is replaced: down, then up with a new epoch for its topics, and nothing goes missing silently', async () => {
    const servers = await startCluster(path as string, 3, 1)
    for (const server of servers) cleanup.push(() => server.end())
    const node = await open({ cluster: servers.map(({ url }) => url), stallTimeout: 1000 })
    const topics = lines(12)
    const followers = await Promise.all(topics.map(topic => Follower.on(node, topic)))
    const senders = topics.map(topic => new Sender(node, topic))
    for (const line of lines(20)) for (const sender of senders) sender.publish(line)
    await Promise.all(senders.map(sender => sender.done()))
    await Promise.all(followers.map(follower => follower.until(20)))
    const dying = servers.find(({ cli }) => cli('ROLE').startsWith('master')) as RedisServer
    await dying.kill()
    await node.events.until('down', all => all.includes('down'))
    for (const line of lines(20, 20)) for (const sender of senders) sender.publish(line)
    await node.events.until('up', all => all.at(-1) === 'up', PATIENCE)
    for (const sender of senders) sender.again()
    await Promise.all(senders.map(sender => sender.done()))
    for (const follower of followers) {
      await follower.untilText('39')
      expect(new Set(follower.texts)).toEqual(new Set(lines(40)))
      expect(follower.problems).toEqual([])
    }
    const renewed = followers.filter(follower => follower.epochs.length > 1)
    expect(renewed.length).toBeGreaterThan(0)
    expect(renewed.length).toBeLessThan(12)
  })

  test('a slot that moves to another node takes its topic along: who reads and who publishes follows', async () => {
    const servers = await startCluster(path as string)
    for (const server of servers) cleanup.push(() => server.end())
    const node = await open({ cluster: servers.map(({ url }) => url), stallTimeout: 2000 })
    const follower = await Follower.on(node, 'moves')
    const sender = new Sender(node, 'moves')
    sender.publish('before')
    await sender.done()
    moveSlot(servers, 'hotline:{moves}')
    sender.publish('after')
    await node.events.until('up', all => all.at(-1) === 'up', PATIENCE)
    sender.again()
    await sender.done()
    await follower.untilText('after')
    expect(new Set(follower.texts)).toEqual(new Set(['before', 'after']))
    expect(follower.offset).toBe(2)
  })

  test('without patterns nothing goes to all nodes, and topics work', async () => {
    const servers = await startCluster(path as string)
    for (const server of servers) cleanup.push(() => server.end())
    const node = await open({ cluster: [servers[1]?.url as string], patterns: false })
    const signs: string[] = []
    await node.backplane.watch('**', topic => signs.push(topic)).ready
    const followers = await Promise.all([HISTORY, null].map(history => Follower.on(node, `t ${history}`, history)))
    const publisher = new Publisher(node)
    for (const history of [HISTORY, null]) await publisher.publish(`t ${history}`, text('a'), history)
    await Promise.all(followers.map(follower => follower.until(1)))
    expect(signs).toEqual([])
  })
})

/** As `redis-cli --cluster reshard` does with one slot. */
function moveSlot(servers: readonly RedisServer[], key: string): void {
  const slot = (servers[0] as RedisServer).cli('CLUSTER', 'KEYSLOT', key)
  const owns = ({ cli }: RedisServer) => cli('CLUSTER', 'COUNTKEYSINSLOT', slot) !== '0'
  const from = servers.find(owns) as RedisServer
  const to = servers.find(server => server !== from) as RedisServer
  const [fromId, toId] = [from, to].map(({ cli }) => cli('CLUSTER', 'MYID')) as [string, string]
  to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
  from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
  const keys = from.cli('CLUSTER', 'GETKEYSINSLOT', slot, '100').split('\n')
  from.cli('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys)
  for (const { cli } of [to, from, ...servers]) cli('CLUSTER', 'SETSLOT', slot, 'NODE', toId)
}

/** Fulfilled when it is true, looked at in each turn. */
async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise(resolve => setImmediate(resolve))
}
