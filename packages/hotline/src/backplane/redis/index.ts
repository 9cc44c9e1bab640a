/** `hotline/redis`: nodes on many machines are one system, by Redis 7 or later. */
import type { Backplane } from '../backplane.ts'
import { RedisBackplane } from './engine.ts'
import { type RedisBackplaneOptions, resolveRedis } from './options.ts'

export type { Backplane } from '../backplane.ts'
export type { RedisBackplaneOptions, RedisTls } from './options.ts'

/**
 * Joins the nodes that have the same Redis and `prefix`: publications, histories and members are those of all of them. Needs
 * Redis 7.0 or later, or a Redis Cluster of such, and the package `redis`. docs/guide/backplanes-redis.md says what is
 * promised with which persistence.
 *
 * @param options - a URL, `redis://user:password@host:port/database`, or more
 * @throws UsageError for what is wrong with the options; that Redis cannot be had is told by `serve`
 *
 * @example
 * ```ts
 * import { redisBackplane } from 'hotline/redis'
 *
 * const backplane = redisBackplane({ url: 'rediss://app:secret@redis.example/0', prefix: 'shop:' })
 * console.log(backplane.name)
 * ```
 */
export function redisBackplane(options: string | RedisBackplaneOptions = {}): Backplane {
  return new RedisBackplane(resolveRedis(options))
}
