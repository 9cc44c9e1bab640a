/** The engine over Redis, by the contract: one that keeps all over a restart, and how one ends that does not. */
import { afterAll, afterEach, beforeAll, describe, inject } from 'vitest'
import { type RedisSetup, startRedis } from '../../../../test/support/redis.ts'
import { startSwallower } from '../../../../test/support/swallower.ts'
import { redisBackplane } from '../../src/backplane/redis/index.ts'
import { Log } from '../support/deadline.ts'
import { describeBackplane } from './contract.ts'
import { describeOutages } from './outages.ts'
import { type Engine, type TestNode, unique } from './support.ts'

const path = inject('redis')

/** Milliseconds: an engine that stands still is noticed soon. */
const stallTimeout = 2000

/** One server, behind a proxy. */
async function start(setup: RedisSetup): Promise<Engine> {
  const redis = await startRedis(path as string, setup)
  const proxy = await startSwallower(redis.port)
  return {
    make: () => redisBackplane({ url: `redis://127.0.0.1:${proxy.port}`, stallTimeout }),
    nowhere: () => redisBackplane('redis://127.0.0.1:1'),
    restart: { stop: () => redis.kill(), start: () => redis.start(), durable: setup.appendonly === true },
    pause: { stop: async () => redis.pause(), start: async () => redis.resume() },
    cut: { stop: async () => proxy.swallow(), start: async () => proxy.pass() },
    async end() {
      await proxy.end()
      await redis.end()
    },
  }
}

describe.skipIf(path === undefined)('with redis-server', () => {
  describeBackplane('redis', () => start({ appendonly: true }), ['restart', 'pause', 'cut'])

  describe('the backplane redis that keeps nothing', () => {
    let engine: Engine
    const nodes: TestNode[] = []

    beforeAll(async () => {
      engine = await start({})
    })
    afterEach(() => Promise.all(nodes.splice(0).map(({ backplane }) => backplane.close())))
    afterAll(() => engine?.end())

    async function open(): Promise<TestNode> {
      const node: TestNode = { backplane: engine.make(), name: unique('node'), events: new Log<'up' | 'down'>() }
      nodes.push(node)
      await node.backplane.open({ up: () => node.events.push('up'), down: () => node.events.push('down') })
      return node
    }

    describeOutages(['restart'], () => engine, open)
  })
})
