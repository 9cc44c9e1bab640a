/** `hotline/nats`: nodes on many machines are one system, by NATS 2.9 or later with JetStream. */
import type { Backplane } from '../backplane.ts'
import { NatsBackplane } from './engine.ts'
import { type NatsBackplaneOptions, resolve } from './options.ts'

export type { Backplane } from '../backplane.ts'
export type { NatsBackplaneOptions, NatsTls } from './options.ts'

/**
 * Joins the nodes that have the same NATS and `prefix`: publications, histories and members are those of all of them. Needs
 * NATS 2.9 or later with JetStream, and the packages `@nats-io/transport-node`, `@nats-io/jetstream` and `@nats-io/kv`.
 * docs/guide/backplanes-nats.md says what is promised with which storage.
 *
 * @param options - a URL, `nats://user:password@host:port`, or more
 * @throws UsageError for what is wrong with the options; that NATS cannot be had is told by `serve`
 *
 * @example
 * ```ts
 * import { natsBackplane } from 'hotline/nats'
 * import { serve } from 'hotline/server'
 *
 * const server = await serve({
 *   port: 8080,
 *   backplane: natsBackplane('nats://ada:secret@nats.example.com:4222'),
 *   topics: { 'chat/*': { history: { size: 1000 }, subscribe: true, publish: true } },
 *   routes: { '/': { topics: true } },
 * })
 * console.log(server.backplane?.name)
 * ```
 */
export function natsBackplane(options: string | NatsBackplaneOptions = {}): Backplane {
  return new NatsBackplane(resolve(options))
}
