/** The options of a server that is one of several: declared, checked and defaulted here. */
import type { Backplane } from '../backplane/backplane.ts'
import type { ExchangeRules } from '../backplane/exchange.ts'
import { atLeast, milliseconds, oneOf, type Rules, such } from '../connection/options.ts'

/** How a server is joined with others to one. */
export interface BackplaneOptions {
  /**
   * What joins this server with others: their topics are one, with history, presence and order. What the option `topics` says
   * of histories has to be the same on all of them.
   * @defaultValue none: the topics are this server's own
   */
  readonly backplane?: Backplane
  /**
   * Milliseconds until a publication has to be stored by the engine behind the backplane; then it fails.
   * @defaultValue 30 s
   */
  readonly publishTimeout?: number
  /**
   * What is published while the engine is away: `wait`s for it, for `publishTimeout` at most, or `fail`s at once.
   * @defaultValue 'wait'
   */
  readonly whenAway?: 'wait' | 'fail'
  /**
   * Publications that may be on their way to the engine, or wait for it; more fail at once.
   * @defaultValue 10000
   */
  readonly maxUnstored?: number
  /**
   * Bytes of those publications.
   * @defaultValue 64 MiB
   */
  readonly maxUnstoredBytes?: number
  /**
   * Milliseconds for which this server keeps up with a topic that nobody on it reads any more, so that clients that come
   * back are answered from memory.
   * @defaultValue 30 s
   */
  readonly linger?: number
}

export type ResolvedBackplane = ExchangeRules & { readonly backplane: Backplane | undefined }

const isBackplane = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'consume' in value && typeof value.consume === 'function'

export const BACKPLANE_RULES: Rules<ResolvedBackplane> = {
  backplane: such<Backplane | undefined>(
    'be what redisBackplane, natsBackplane, memoryBackplane or clusterBackplane returns',
    undefined,
    isBackplane,
  ),
  publishTimeout: milliseconds(30_000),
  whenAway: oneOf(['wait', 'fail'], 'wait'),
  maxUnstored: atLeast(1, 10_000),
  maxUnstoredBytes: atLeast(1, 67_108_864),
  linger: milliseconds(30_000, 0),
}
