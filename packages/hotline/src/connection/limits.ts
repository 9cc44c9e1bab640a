/** What bounds a connection: sizes, marks and deadlines, with the defaults that make it safe without configuration. */
import { atLeast, between, milliseconds, type Rules, such } from './options.ts'

/** Ping a quiet peer, and give it up when it does not answer. RFC 6455 §5.5.2 */
export interface Heartbeat {
  /** Milliseconds without a byte from the peer after which it is pinged. */
  readonly interval: number
  /** Milliseconds after that ping within which a byte must come. */
  readonly timeout: number
}

/** The bounds of one connection. Sizes are bytes, times are milliseconds. */
export interface Limits {
  /**
   * The largest message that is received, counted after all its fragments are joined.
   * A bigger one fails the connection with 1009. Each connection can make you hold this much.
   * @defaultValue 1 MiB on a server; 64 MiB on a client, which chose its peer
   */
  readonly maxMessage: number
  /**
   * The mark of both queues: `send()` waits while more than this is queued for the peer, and reading pauses while
   * more than this waits for a handler.
   * @defaultValue 64 KiB
   */
  readonly highMark: number
  /**
   * What may be queued for the peer. A message that is sent while the queue is above `highMark`, and would take it above
   * this, closes the connection with 1013: whoever awaits `send()` never meets it.
   * @defaultValue 1 MiB on a server; 256 MiB on a client
   */
  readonly maxQueued: number
  /**
   * How long the closing handshake may take before the wire is cut.
   * @defaultValue 5 s
   */
  readonly closeTimeout: number
  /**
   * How long a write may make no progress before the wire is cut: a peer that stopped reading. A write is at most 128 KiB,
   * and progress is seen when all of it has gone: with the default, from some 4 KiB a second on.
   * @defaultValue 30 s
   */
  readonly writeTimeout: number
  /**
   * How long the peer may send no message before the connection is closed with 1008. Pongs do not count.
   * @defaultValue 0: for ever
   */
  readonly idleTimeout: number
  /**
   * Ping when quiet, dead when unanswered; false turns it off, and then a peer that vanished may stay for hours.
   * @defaultValue 25 s, 20 s
   */
  readonly heartbeat: Heartbeat | false
}

const MIB = 1_048_576

/** The longest string of V8: a bigger text could not be handed over. */
const LONGEST = 536_870_888

const isHeartbeat = (value: unknown): boolean => {
  const { interval, timeout } = (value ?? {}) as Partial<Heartbeat>
  return isPeriod(interval) && isPeriod(timeout)
}
const isPeriod = (value: unknown): boolean => typeof value === 'number' && value > 0 && value <= 2_147_483_647

export const SERVER_LIMITS: Rules<Limits> = {
  maxMessage: between(1, LONGEST, MIB),
  highMark: atLeast(1, 65_536),
  maxQueued: atLeast(1, MIB),
  closeTimeout: milliseconds(5_000),
  writeTimeout: milliseconds(30_000),
  idleTimeout: milliseconds(0, 0),
  heartbeat: such<Heartbeat | false>(
    'be { interval, timeout } in milliseconds, or false',
    { interval: 25_000, timeout: 20_000 },
    value => value === false || isHeartbeat(value),
  ),
}

export const CLIENT_LIMITS: Rules<Limits> = {
  ...SERVER_LIMITS,
  maxMessage: between(1, LONGEST, 64 * MIB),
  maxQueued: atLeast(1, 256 * MIB),
}
