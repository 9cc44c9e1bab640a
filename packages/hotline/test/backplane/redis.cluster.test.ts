/** The engine over a Redis Cluster of three, by the contract. */
import { describe, inject } from 'vitest'
import { startCluster } from '../../../../test/support/redis.ts'
import { redisBackplane } from '../../src/backplane/redis/index.ts'
import { describeBackplane } from './contract.ts'

const path = inject('redis')

describe.skipIf(path === undefined)('with redis-server', () => {
  describeBackplane('redis cluster', async () => {
    const servers = await startCluster(path as string)
    return {
      make: () => redisBackplane({ cluster: servers.map(({ url }) => url) }),
      nowhere: () => redisBackplane('redis://127.0.0.1:1,127.0.0.1:2'),
      end: async () => void (await Promise.all(servers.map(server => server.end()))),
    }
  })
})
