/** Opens one thread's connections: the first alone, since it tells whether there is a server, then the others. */
import { type ClientSocket, HandshakeError, openSocket, TimeoutError } from 'hotline/client'
import { explain } from '../connect/explain.ts'
import { openOptions } from '../connecting.ts'
import { Latency } from './latency.ts'
import { connectionsOf, type Share } from './plan.ts'
import type { Opening, Trouble } from './tally.ts'

/** So many handshakes run at the same time when no ramp says otherwise: a server's backlog is not endless. */
const AT_ONCE = 100

/** More than any test needs, so that a large answer is told instead of being refused here. */
const MAX_MESSAGE = 512_000_000

export interface Openers {
  opened(socket: ClientSocket): void
  failed(trouble: Trouble): void
}

export class Opener {
  readonly #share: Share
  readonly #openers: Openers
  readonly #stop = new AbortController()
  readonly #timesToOpen = new Latency()
  #opened = 0
  #failed = 0
  #first: ClientSocket | undefined

  constructor(share: Share, openers: Openers) {
    this.#share = share
    this.#openers = openers
  }

  /** Fulfilled when every attempt has come to its end. When the first one fails, there is no other. */
  async run(): Promise<Opening> {
    const start = performance.now()
    await this.#open()
    if (this.#opened > 0) await this.#others(start)
    return {
      opened: this.#opened,
      failed: this.#failed,
      took: performance.now() - start,
      timesToOpen: this.#timesToOpen.buckets,
      compressed: this.#first?.extensions.some(({ name }) => name === 'permessage-deflate') === true,
      protocol: this.#first?.protocol ?? '',
    }
  }

  /** Begins no other attempt, and ends those that run. */
  stop(): void {
    this.#stop.abort()
  }

  async #others(start: number): Promise<void> {
    const { plan } = this.#share
    const count = connectionsOf(this.#share)
    let next = 1
    const oneAfterTheOther = async (): Promise<void> => {
      while (next < count && !this.#stop.signal.aborted) {
        next++
        await this.#open()
      }
    }
    if (plan.ramp === 0) {
      const workers = Math.ceil(AT_ONCE / plan.threads)
      await Promise.all(Array.from({ length: workers }, oneAfterTheOther))
      return
    }
    const attempts: Promise<void>[] = []
    for (; next < count && !this.#stop.signal.aborted; next++) {
      await this.#until(start + (plan.ramp * next) / count)
      attempts.push(this.#open())
    }
    await Promise.all(attempts)
  }

  #until(time: number): Promise<void> {
    return new Promise(resolve => {
      const { signal } = this.#stop
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(0, time - performance.now()))
      signal.addEventListener('abort', done)
    })
  }

  async #open(): Promise<void> {
    const { plan } = this.#share
    const start = performance.now()
    const url = new URL(plan.url)
    if (this.#stop.signal.aborted) return
    try {
      const socket = await openSocket(plan.url, {
        ...openOptions(plan.connecting),
        handshakeTimeout: plan.timeout,
        deflate: plan.deflate && { threshold: 0 },
        maxMessage: MAX_MESSAGE,
        // Reading is never paused, and what is in flight is bounded by the pipeline alone.
        highMark: Number.MAX_SAFE_INTEGER,
        maxQueued: Number.MAX_SAFE_INTEGER,
        closeTimeout: 2_000,
      })
      this.#timesToOpen.record(performance.now() - start)
      this.#opened++
      this.#first ??= socket
      this.#openers.opened(socket)
    } catch (error) {
      this.#failed++
      this.#openers.failed(troubleOf(error as Error, url))
    }
  }
}

function troubleOf(error: Error, url: URL): Trouble {
  if (error instanceof TimeoutError) return { kind: 'open timeout', message: explain(error, url), count: 1 }
  if (!(error instanceof HandshakeError)) throw error
  const { code = error.code } = (error.cause ?? {}) as NodeJS.ErrnoException
  return {
    kind: error.status === undefined ? `connect ${code}` : `refused ${error.status}`,
    message: explain(error, url),
    count: 1,
  }
}
