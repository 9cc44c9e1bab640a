/** Something that is consumed for as long as somebody wants it, over as many connections as it takes. */
import { deferred } from '../../connection/deferred.ts'
import { BackplaneError } from '../../errors.ts'
import type { Consumption } from '../backplane.ts'
import { guard } from '../guard.ts'
import type { ChannelKind } from './connection.ts'
import type { ChannelListener } from './driver.ts'
import type { Link } from './link.ts'
import type { Links } from './links.ts'

/** Where it listens. */
export interface Source {
  readonly link: Link
  readonly kind: ChannelKind
  readonly channel: string
}

/** Who has begun it. */
export interface Keeper {
  forget(listening: Listening): void
  /** Redis is there, and refuses it; it is tried again. */
  refused(reason: Error): void
}

/** Milliseconds between two attempts at what Redis refuses, at first and at most. */
const AGAIN = { first: 100, most: 5000 } as const

export abstract class Listening implements Consumption {
  readonly #what: string
  readonly #ready = deferred<void>()
  readonly #keeper: Keeper
  readonly #hear: ChannelListener
  #links: Links | undefined
  #over = false
  #refusals = 0
  #again: ReturnType<typeof setTimeout> | undefined

  /** `what` it is, for people. */
  constructor(what: string, keeper: Keeper) {
    this.#what = what
    this.#keeper = keeper
    this.#hear = (message, channel) => {
      const links = this.#links
      if (links !== undefined) guard(() => this.hear(message, channel, links))
    }
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Begins, or begins again: channel first, so that nothing can be missed between what is read and what it brings. */
  async start(links: Links): Promise<void> {
    if (this.#over) return
    this.#links = links
    const source = this.source(links)
    try {
      if (source !== undefined) await source.link.subscribe(source.kind, source.channel, this.#hear)
      if (this.isOn(links)) await this.begin(links)
      if (!this.isOn(links)) return
      this.#refusals = 0
      this.#ready.resolve()
    } catch (error) {
      this.fail(links, error as Error)
    }
  }

  /** The connections are lost. */
  pause(): void {
    this.#links = undefined
    clearTimeout(this.#again)
  }

  end(): void {
    if (this.#over) return
    const links = this.#links
    this.#over = true
    this.#links = undefined
    clearTimeout(this.#again)
    this.#keeper.forget(this)
    const source = links === undefined ? undefined : this.source(links)
    source?.link.unsubscribe(source.kind, source.channel, this.#hear).catch(() => {})
  }

  /** False when it is over, or goes on over other connections. */
  protected isOn(links: Links): boolean {
    return this.#links === links
  }

  /** What Redis refuses begins again after a while, and all else goes on; what it does not answer ends the connections. */
  protected fail(links: Links, error: Error): void {
    if (!this.isOn(links)) return
    if (error instanceof BackplaneError && error.kept === 'no') this.#wait(links, error)
    else links.fail(error)
  }

  #wait(links: Links, error: BackplaneError): void {
    const wait = Math.min(AGAIN.most, AGAIN.first * 2 ** this.#refusals++)
    clearTimeout(this.#again)
    this.#again = setTimeout(() => this.isOn(links) && void this.start(links), wait)
    this.#again.unref()
    this.#keeper.refused(new BackplaneError(`${this.#what} waits: ${error.message}`, 'no', { cause: error }))
  }

  /** The same one for the same connections; undefined where there is nothing to hear. */
  protected abstract source(links: Links): Source | undefined
  protected abstract begin(links: Links): Promise<void>
  protected abstract hear(message: Buffer, channel: Buffer, links: Links): void
}
