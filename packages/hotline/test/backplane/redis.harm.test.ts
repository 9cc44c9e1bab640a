/** What others do to a Redis that is shared with them: nodes go on, and say what does not. */
import { connect, createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { type RedisServer, type RedisSetup, startRedis } from '../../../../test/support/redis.ts'
import { type RedisBackplaneOptions, redisBackplane } from '../../src/backplane/redis/index.ts'
import { BackplaneError } from '../../src/errors.ts'
import { Log, within } from '../support/deadline.ts'
import { Follower, HISTORY, PATIENCE, Publisher, type TestNode, text, unique } from './support.ts'

const path = inject('redis')

const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanup.splice(0).toReversed()) await end()
})

async function startServer(setup: RedisSetup = {}): Promise<RedisServer> {
  const redis = await startRedis(path as string, setup)
  cleanup.push(() => redis.end())
  return redis
}

/** A node that writes down what it is told of trouble. */
async function open(options: string | RedisBackplaneOptions): Promise<TestNode & { readonly trouble: Log<string> }> {
  const node = {
    backplane: redisBackplane(options),
    name: unique('node'),
    events: new Log<'up' | 'down'>(),
    trouble: new Log<string>(),
  }
  cleanup.push(() => node.backplane.close())
  const opening = node.backplane.open({
    up: () => node.events.push('up'),
    down: () => node.events.push('down'),
    trouble: ({ message }) => node.trouble.push(message),
  })
  await within('a node that opens', opening)
  return node
}

describe.skipIf(path === undefined)('with redis-server', { timeout: 60_000 }, () => {
  test('what a user may not listen to waits, is told, and goes on when it is allowed; all else goes on meanwhile', async () => {
    const { port, cli } = await startServer()
    const rights = '~hotline:* &hotline:* +@read +@write +@pubsub +@scripting +@connection +info +time'
    cli('ACL', 'SETUSER', 'app', 'on', '>secret', ...rights.split(' '))
    const node = await open(`redis://app:secret@127.0.0.1:${port}`)
    const follower = await Follower.on(node, 'topic')
    const signs = new Log<string>()
    const watch = node.backplane.watch('**', topic => signs.push(topic))
    await node.trouble.until('trouble', all => all.length > 1)
    expect(node.trouble.all[0]).toMatch(/^the pattern \*\* waits: Redis at 127\.0\.0\.1:\d+ refused: NOPERM /)
    const publisher = new Publisher(node)
    await publisher.publish('topic', text('a'))
    await follower.until(1)
    cli('ACL', 'SETUSER', 'app', 'allchannels')
    await within('the pattern', watch.ready)
    await publisher.publish('topic', text('b'))
    await signs.until('a sign', all => all.includes('topic'))
    expect(node.events.all).toEqual([])
  })

  test('a key of another kind keeps its topic waiting, which is told, and no other', async () => {
    const { url, cli } = await startServer()
    cli('SET', 'hotline:{topic}:place', 'mine')
    const node = await open(url)
    const follower = new Follower()
    const { ready } = node.backplane.consume('topic', HISTORY, follower)
    await node.trouble.until('trouble', all => all.length > 1)
    expect(node.trouble.all[0]).toMatch(/^the topic topic waits: Redis at .* refused: WRONGTYPE /)
    const publisher = new Publisher(node)
    await expect(publisher.publish('topic', text('a'))).rejects.toMatchObject({ kept: 'no' })
    const other = await Follower.on(node, 'other')
    await publisher.publish('other', text('b'))
    await other.until(1)
    cli('DEL', 'hotline:{topic}:place')
    await within('the topic', ready)
    await publisher.publish('topic', text('c'))
    await follower.untilText('c')
    follower.checkWhole(1)
    expect(node.events.all).toEqual([])
  })

  test('one that ends while it waits is not tried again', async () => {
    const { url, cli } = await startServer()
    cli('SET', 'hotline:{topic}:place', 'mine')
    const node = await open(url)
    const follower = new Follower()
    const consumption = node.backplane.consume('topic', HISTORY, follower)
    await node.trouble.until('trouble', all => all.length > 0)
    consumption.end()
    cli('DEL', 'hotline:{topic}:place')
    await Follower.on(node, 'topic')
    expect(follower.calls).toEqual([])
    expect(node.trouble.all).toHaveLength(1)
  })

  test.each([
    ['entry that stands before all that are to come', ['XADD', 'hotline:{topic}:stream', '*', 'b', 'foreign']],
    ['entry in the place of the next one', ['XADD', 'hotline:{topic}:stream', '0-2', 'b', 'foreign']],
    ['key that is no stream', ['SET', 'hotline:{topic}:stream', 'foreign']],
  ])('an %s ends the epoch at the next publication, which is told', async (_what, command) => {
    const { url, cli } = await startServer()
    const node = await open(url)
    const follower = await Follower.on(node, 'topic')
    const publisher = new Publisher(node)
    const before = await publisher.publish('topic', text('a'))
    cli(...command)
    const after = await publisher.publish('topic', text('b'))
    await publisher.publish('topic', text('c'))
    await follower.untilText('c')
    expect(follower.texts).toEqual(['a', 'b', 'c'])
    expect(follower.epochs).toEqual([before?.epoch, after?.epoch])
    expect(follower.problems).toEqual([])
    const late = await Follower.on(await open(url), 'topic')
    expect([late.epoch, late.texts]).toEqual([after?.epoch, ['b', 'c']])
  })

  test('what others publish to our channels is passed over', async () => {
    const { url, cli } = await startServer()
    const node = await open(url)
    const signs: string[] = []
    await within('a watch', node.backplane.watch('**', topic => signs.push(topic)).ready)
    const words: string[] = []
    await within('attendance', node.backplane.attendance('topic', name => words.push(name)).ready)
    const follower = await Follower.on(node, 'topic')
    const passing = await Follower.on(node, 'passing', null)
    for (const channel of ['{%}', '{topic}', '{passing}', '{}', '{topic}:words'])
      for (const message of ['', '\n', 'x', 'e 0 node 1', 'e x node 1\nbody'])
        cli('PUBLISH', `hotline:${channel}`, message)
    const publisher = new Publisher(node)
    await publisher.publish('topic', text('a'))
    await publisher.publish('passing', text('a'), null)
    await Promise.all([follower.untilText('a'), passing.untilText('a')])
    await node.backplane.attend('topic', node.name, text('here'))
    await expect.poll(() => words).toEqual([node.name])
    follower.checkWhole(1)
    expect(node.events.all).toEqual([])
  })

  test('a Redis that is full lets topics be read, and members be told, also new ones', async () => {
    const { url, cli } = await startServer()
    const node = await open(url)
    await new Publisher(node).publish('topic', text('a'))
    cli('CONFIG', 'SET', 'maxmemory', '1')
    const follower = await Follower.on(node, 'topic')
    const fresh = await Follower.on(node, 'fresh')
    expect([follower.texts, fresh.offset]).toEqual([['a'], 0])
    const words = new Log<string>()
    await within('attendance', node.backplane.attendance('topic', name => words.push(name)).ready)
    await node.backplane.attend('topic', node.name, text('here'))
    await words.until('the word', all => all.length === 1)
    expect([node.events.all, node.trouble.all]).toEqual([[], []])
  })

  test('a script of somebody that does not end is as a Redis that is away, until it does', async () => {
    const { url, port, cli } = await startServer({ args: ['--busy-reply-threshold', '50'] })
    const node = await open({ url, stallTimeout: 10_000 })
    const publisher = new Publisher(node)
    await publisher.publish('topic', text('a'))
    const somebody = connect(port, '127.0.0.1').on('error', () => {})
    cleanup.push(() => somebody.destroy())
    somebody.write('EVAL "while true do end" 0\r\n')
    await node.events.until('down', all => all.length > 0, PATIENCE)
    await expect(publisher.publish('topic', text('b'))).rejects.toMatchObject({ kept: 'no' })
    cli('SCRIPT', 'KILL')
    await node.events.until('up', all => all.includes('up'), PATIENCE)
    expect(await publisher.publish('topic', text('c'))).toMatchObject({ offset: 2 })
  })

  test('what is larger than Redis takes is refused, and the connection stays', async () => {
    const { url } = await startServer({ args: ['--proto-max-bulk-len', '1mb'] })
    const node = await open(url)
    const publisher = new Publisher(node)
    for (const history of [HISTORY, null])
      await expect(publisher.publish('topic', new Uint8Array(1_048_576), history)).rejects.toMatchObject({
        kept: 'no',
        message: '1048576 bytes are more than Redis takes (proto-max-bulk-len: 1048576)',
      })
    await publisher.publish('topic', new Uint8Array(1_048_000))
    expect(node.events.all).toEqual([])
  })

  test('a Redis that comes back and does not take us is told, once, without the password', async () => {
    const { port, cli } = await startServer()
    cli('ACL', 'SETUSER', 'app', 'on', '>first-secret', 'allkeys', 'allchannels', 'allcommands')
    const node = await open(`redis://app:first-secret@127.0.0.1:${port}`)
    cli('ACL', 'SETUSER', 'app', 'resetpass', '>second-secret')
    cli('CLIENT', 'KILL', 'USER', 'app')
    await node.trouble.until('trouble', all => all.length > 0, PATIENCE)
    const why = `Redis at 127.0.0.1:${port} cannot be used: user or password are wrong: give them in the URL`
    await expect(new Publisher(node).publish('topic', text('a'))).rejects.toThrow(why)
    cli('ACL', 'SETUSER', 'app', '>first-secret')
    await node.events.until('up', all => all.includes('up'), PATIENCE)
    expect(node.trouble.all).toEqual([why])
  })

  test('a history that gets rules without an age does not end with the age of before', async () => {
    const { url, cli } = await startServer()
    const node = await open(url)
    const publisher = new Publisher(node)
    await publisher.publish('topic', text('a'), { ...HISTORY, age: 60_000 })
    const ages = () => ['stream', 'place'].map(key => Number(cli('PTTL', `hotline:{topic}:${key}`)))
    for (const age of ages()) expect(age).toBeGreaterThan(0)
    await publisher.publish('topic', text('b'))
    expect(ages()).toEqual([-1, -1])
  })
})

test('nothing that is rejected has the password in it, however it is looked at', async () => {
  const server = createServer(socket => socket.on('error', () => {}).end('-ERR go away\r\n')).listen(0, '127.0.0.1')
  cleanup.push(() => server.close())
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  for (const url of [
    `redis://app:s3cret@127.0.0.1:${port}`,
    'redis://app:s3cret@127.0.0.1:1',
    'redis://app:s3cret@nowhere.invalid',
  ]) {
    const error = await redisBackplane({ url, stallTimeout: 3000 })
      .open({ up() {}, down() {} })
      .catch(error => error)
    expect(error).toBeInstanceOf(BackplaneError)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('s3cret')
  }
})
