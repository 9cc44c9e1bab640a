/** What the engine over Redis does when, with connections that do what the test wants. */
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ChannelListener, Client, Driver } from '../../src/backplane/redis/driver.ts'
import { RedisBackplane } from '../../src/backplane/redis/engine.ts'
import { resolveRedis } from '../../src/backplane/redis/options.ts'
import { SCRIPTS } from '../../src/backplane/redis/scripts.ts'
import { BackplaneError } from '../../src/errors.ts'
import { settle } from '../../src/runtime/memory/clock.ts'
import { Follower, HISTORY, text } from './support.ts'

const INFO = 'redis_version:7.0.15\r\nrun_id:run\r\nredis_mode:standalone\r\nrole:master\r\nloading:0\r\n'
const HOUR = 3_600_000

class Refusal extends Error {}

/** A connection to a Redis that has one empty topic. */
class FakeClient extends EventEmitter implements Client {
  isOpen = true
  readonly commands: string[][] = []
  readonly #hearing = new Map<string, Set<ChannelListener>>()

  async connect(): Promise<void> {}

  destroy(): void {
    this.isOpen = false
  }

  async sendCommand(args: readonly (string | Buffer)[]): Promise<unknown> {
    const words = args.map(String)
    this.commands.push(words)
    if (words[0] === 'INFO') return INFO
    if (words[0] === 'SCRIPT') return Object.values(SCRIPTS).indexOf(words[2] as never)
    return words[0] === 'EVALSHA'
      ? ['epoch', '0', '1', '0'].map(word => Buffer.from(word)).concat([0, []] as never[])
      : {}
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<void> {
    this.#hearing.set(channel, (this.#hearing.get(channel) ?? new Set()).add(listener))
  }

  async unsubscribe(channel: string, listener: ChannelListener): Promise<void> {
    this.#hearing.get(channel)?.delete(listener)
  }

  /** Brings what was published to a topic without history. */
  bring(topic: string, line: string): void {
    const channel = `hotline:{${topic}}`
    for (const listener of this.#hearing.get(channel) ?? [])
      listener(text(`- 0 node 1\n${line}`) as Buffer, Buffer.from(channel))
  }

  readonly sSubscribe = this.subscribe
  readonly sUnsubscribe = this.unsubscribe
  readonly pSubscribe = this.subscribe
  readonly pUnsubscribe = this.unsubscribe
}

/** An engine, and the connections that it has made: for commands and for channels, in turn. */
async function make() {
  const clients: FakeClient[] = []
  const driver: Driver = {
    createClient: () => clients[clients.push(new FakeClient()) - 1] as FakeClient,
    ErrorReply: Refusal,
    RESP_TYPES: { BLOB_STRING: 36 },
  }
  const events: string[] = []
  const backplane = new RedisBackplane(resolveRedis({ url: 'redis://a', stallTimeout: HOUR }), {
    load: async () => driver,
    random: () => 0,
  })
  await backplane.open({ up: () => events.push('up'), down: () => events.push('down') })
  return { backplane, clients, events, client: (at: number) => clients[at] as FakeClient }
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('what the channels have brought when the commands are lost is told before anything is begun anew', async () => {
  const { backplane, clients, events, client } = await make()
  const follower = new Follower()
  await backplane.consume('topic', undefined, follower).ready
  client(0).emit('error', new Error('it is gone'))
  client(1).bring('topic', 'read still')
  await vi.advanceTimersByTimeAsync(100)
  expect([events, clients.length]).toEqual([['down'], 2])
  client(1).emit('error', new Error('it is gone'))
  client(1).bring('topic', 'too late')
  await vi.advanceTimersByTimeAsync(0)
  expect([events, clients.length]).toEqual([['down', 'up'], 4])
  client(3).bring('topic', 'anew')
  expect(follower.texts).toEqual(['read still', 'anew'])
  await backplane.close()
})

test('channels that do not end when the commands are lost are read for 200 ms more', async () => {
  const { backplane, events, client } = await make()
  client(0).emit('error', new Error('it is gone'))
  await vi.advanceTimersByTimeAsync(199)
  expect([events, client(1).isOpen]).toEqual([['down'], true])
  await vi.advanceTimersByTimeAsync(1)
  expect(client(1).isOpen).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(events).toEqual(['down', 'up'])
  await backplane.close()
})

test('a close ends what is read still, and nothing is connected to anew', async () => {
  const { backplane, clients, events, client } = await make()
  client(0).emit('error', new Error('it is gone'))
  await backplane.close()
  expect(clients.map(({ isOpen }) => isOpen)).toEqual([false, false])
  await vi.advanceTimersByTimeAsync(60_000)
  expect([events, clients.length, vi.getTimerCount()]).toEqual([['down'], 2, 0])
})

test('the place of a topic that is read is looked at each hour, so that it stays; of one that is not, no more', async () => {
  const { backplane, client } = await make()
  const [kept, ended] = ['kept', 'ended'].map(topic => backplane.consume(topic, HISTORY, new Follower()))
  await Promise.all([kept?.ready, ended?.ready])
  const passing = backplane.consume('passing', undefined, new Follower())
  await passing.ready
  ended?.end()
  client(0).commands.length = 0
  await vi.advanceTimersByTimeAsync(HOUR - 1)
  const looks = () => client(0).commands.filter(([name]) => name === 'EVALSHA')
  expect(looks()).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  const keys = ['hotline:{kept}:place', 'hotline:{kept}:stream']
  expect(looks()).toEqual([['EVALSHA', '1', '2', ...keys, 'run', '0', 'epoch', '0', '0', '1']])
  await backplane.close()
})

test('a close while it connects ends that, and the opening says so', async () => {
  const clients: FakeClient[] = []
  class Slow extends FakeClient {
    override connect(): Promise<void> {
      return new Promise((_, reject) => this.once('destroyed', reject))
    }

    override destroy(): void {
      super.destroy()
      this.emit('destroyed', new Error('destroyed'))
    }
  }
  const driver: Driver = {
    createClient: () => clients[clients.push(new Slow()) - 1] as FakeClient,
    ErrorReply: Refusal,
    RESP_TYPES: { BLOB_STRING: 36 },
  }
  const backplane = new RedisBackplane(resolveRedis('redis://a'), { load: async () => driver })
  const opening = expect(backplane.open({ up() {}, down() {} })).rejects.toThrow(
    new BackplaneError('the backplane is closed'),
  )
  await settle()
  await backplane.close()
  await opening
  expect(clients.map(({ isOpen }) => isOpen)).toEqual([false, false])
  expect(vi.getTimerCount()).toBe(0)
})
