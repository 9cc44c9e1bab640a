/** What the primary does for the backplanes of its workers. */
import { Hub } from '../backplane/hub.ts'
import { Relay } from '../backplane/link/relay.ts'
import { nodeClock } from '../runtime/node/clock.ts'
import { type ChildProcess, childPort, eachWorker, type Port } from '../runtime/node/ipc.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import { channelOf } from './channel.ts'

/** Options of {@link relay}. */
export interface RelayOptions {
  /**
   * Bytes that the histories of all topics may take together, in this process; above, the topic that was published to longest
   * ago loses its oldest publication.
   * @defaultValue 256 MiB
   */
  readonly bytes?: number
}

/** A relay that runs. */
export interface Relayed {
  /** Serves a process that node:cluster did not start: by `fork(file, { serialization: 'advanced' })`. */
  add(child: ChildProcess): void
  /** Ends it. The backplanes of the others are away until another one begins. */
  close(): void
}

/**
 * Relays between the workers of node:cluster that are there, and those that come: what each server with
 * {@link clusterBackplane} says goes through this process, which keeps the histories.
 *
 * Bytes must go as bytes: `cluster.setupPrimary({ serialization: 'advanced' })` before the first worker. When a worker dies,
 * who was there over it is forgotten at once; what it has published is kept.
 *
 * @example
 * ```ts
 * import cluster from 'node:cluster'
 * import { relay } from 'hotline/cluster'
 *
 * if (cluster.isPrimary) {
 *   cluster.setupPrimary({ serialization: 'advanced' })
 *   relay()
 *   for (let count = 0; count < 4; count++) cluster.fork()
 * }
 * ```
 */
export function relay({ bytes = 268_435_456 }: RelayOptions = {}): Relayed {
  const hub = new Hub({ clock: nodeClock, bytes, random: () => nodeRuntime.crypto.randomBase64(16) })
  const desk = new Relay(hub, nodeClock)
  const add = (port: Port, isNew: boolean): void => desk.add(channelOf(port), !isNew)
  const stop = eachWorker(add)
  return {
    add: child => add(childPort(child), false),
    close() {
      stop()
      desk.close()
    },
  }
}
