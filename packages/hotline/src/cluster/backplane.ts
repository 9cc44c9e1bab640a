/** The backplane of a worker. */
import type { Backplane } from '../backplane/backplane.ts'
import { RemoteBackplane } from '../backplane/link/remote.ts'
import { UsageError } from '../errors.ts'
import { nodeClock } from '../runtime/node/clock.ts'
import { parentPort } from '../runtime/node/ipc.ts'
import { channelOf } from './channel.ts'

let ends = 0

/**
 * Joins the workers of node:cluster, or other processes that were started with a channel, over the process that started
 * them, in which {@link relay} runs.
 *
 * When that process is gone the backplane is away for good: workers of node:cluster end then by themselves.
 *
 * @throws UsageError in a process that was not started with a channel
 *
 * @example
 * ```ts
 * import { clusterBackplane } from 'hotline/cluster'
 * import { serve } from 'hotline/server'
 *
 * const server = await serve({ port: 8080, backplane: clusterBackplane(), route: () => {} })
 * ```
 */
export function clusterBackplane(): Backplane {
  const port = parentPort()
  if (port === undefined)
    throw new UsageError(
      'this process has no channel to the one that started it: use clusterBackplane() in a worker of node:cluster, or of fork()',
      'backplane',
    )
  return new RemoteBackplane({
    channel: channelOf(port),
    clock: nodeClock,
    end: ++ends,
    name: 'cluster',
    advice: 'call relay() of hotline/cluster in the process that started this one, before it starts others',
  })
}
