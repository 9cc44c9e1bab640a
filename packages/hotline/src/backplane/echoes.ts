/** What this node has published and expects back: it need not be read again, and who does not want its own is remembered. */
import type { Source } from '../topics/source.ts'
import type { Arrival, Subscriber, TopicsClock } from '../topics/subscriber.ts'
import type { Entry } from './backplane.ts'
import { openBody } from './body.ts'

export interface EchoesOwner {
  /** This one. */
  readonly node: string
  readonly clock: TopicsClock
  /** Milliseconds since 1970. */
  readonly today: () => number
}

export interface Echo {
  readonly source: Source
  readonly except: Subscriber | undefined
  /** When it was published. */
  readonly at: number
}

/** What did not come back within so many milliseconds, or when there are more, comes as others' do, if it comes. */
const LATEST = 150_000
const MOST = 65_536

export class Echoes {
  readonly #owner: EchoesOwner
  /** By their numbers, which grow. */
  readonly #all = new Map<number, Echo>()
  /** Milliseconds that the last one took to come back; undefined before the first. */
  lag: number | undefined

  constructor(owner: EchoesOwner) {
    this.#owner = owner
  }

  /** Those that are awaited. */
  get size(): number {
    return this.#all.size
  }

  add(sequence: number, echo: Echo): void {
    this.#all.set(sequence, echo)
    for (const [oldest, { at }] of this.#all) {
      if (this.#all.size <= MOST && echo.at - at < LATEST) return
      this.#all.delete(oldest)
    }
  }

  /** It does not come back. */
  drop(sequence: number): void {
    this.#all.delete(sequence)
  }

  /**
   * What has come, for those who read here.
   *
   * @throws what is wrong with it
   */
  arrivalOf({ node, sequence, body }: Entry, isNew: boolean): Arrival {
    const { clock, today, node: own } = this.#owner
    const echo = node === own ? this.#all.get(sequence) : undefined
    if (echo !== undefined) {
      this.#all.delete(sequence)
      this.lag = clock.now() - echo.at
      return { data: echo.source, except: echo.except }
    }
    const { source, at } = openBody(body)
    return { data: source, age: isNew ? 0 : Math.max(0, today() - at) }
  }
}
