/** What a runtime (Node, memory) gives to every connection, and what the connections of one runtime share. */
import type { HandshakeCrypto } from '../protocol/handshake/key.ts'
import type { TextCodec } from '../protocol/text.ts'
import type { Clock } from './clock.ts'
import { SlabPool } from './slab.ts'
import { Timeouts } from './timeouts.ts'

export interface RuntimeParts {
  readonly clock: Clock
  readonly codec: TextCodec
  readonly crypto: HandshakeCrypto
  /** A fresh masking key from a source that nobody can predict. RFC 6455 §10.3 */
  readonly randomKey: () => number
}

/** Something with bytes to send at the end of the tick. */
export interface Flushable {
  flush(): void
}

export class Runtime {
  readonly clock: Clock
  readonly codec: TextCodec
  readonly crypto: HandshakeCrypto
  readonly randomKey: () => number
  readonly slabs: SlabPool
  readonly timeouts: Timeouts
  #waiting: Flushable[] = []

  constructor(parts: RuntimeParts) {
    this.clock = parts.clock
    this.codec = parts.codec
    this.crypto = parts.crypto
    this.randomKey = parts.randomKey
    this.slabs = new SlabPool(parts.codec)
    this.timeouts = new Timeouts(parts.clock)
  }

  /** Calls `flush` once the tick is over: all that a tick sends to one peer leaves in one write. */
  flushLater(flushable: Flushable): void {
    if (this.#waiting.push(flushable) === 1) this.clock.afterTick(this.#flushAll)
  }

  readonly #flushAll = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    let next = 0
    try {
      while (next < waiting.length) (waiting[next++] as Flushable).flush()
    } finally {
      // One that throws does not take the others along.
      for (const flushable of waiting.slice(next)) this.flushLater(flushable)
    }
  }
}
