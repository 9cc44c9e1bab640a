/** The engine over Redis, by the contract. */
import { describe, inject } from 'vitest'
import { type RedisSetup, startCluster, startRedis } from '../../../../test/support/redis.ts'
import { startSwallower } from '../../../../test/support/swallower.ts'
import { redisBackplane } from '../../src/backplane/redis/index.ts'
import { describeBackplane } from './contract.ts'
import type { Engine } from './support.ts'

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
  describeBackplane('redis', () => start({}), ['restart', 'pause', 'cut'])
  describeBackplane('redis with appendfsync always', () => start({ appendonly: true }), ['restart'])

  describeBackplane('redis cluster', async () => {
    const servers = await startCluster(path as string)
    return {
      make: () => redisBackplane({ cluster: servers.map(({ url }) => url), stallTimeout }),
      nowhere: () => redisBackplane('redis://127.0.0.1:1,127.0.0.1:2'),
      end: async () => void (await Promise.all(servers.map(server => server.end()))),
    }
  })
})
