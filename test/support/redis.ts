/** A real redis-server as a child process, in a folder of its own, that can be ended, stopped and started again. */
export { type RedisServer, type RedisSetup, startCluster, startRedis } from '../../scripts/redis.mjs'
