/** Something that is consumed for as long as somebody wants it, over as many connections as it takes. */
import { deferred } from '../../connection/deferred.ts'
import type { Consumption } from '../backplane.ts'
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

export abstract class Listening implements Consumption {
  readonly #ready = deferred<void>()
  readonly #forget: (listening: Listening) => void
  readonly #hear: ChannelListener
  #links: Links | undefined
  #over = false

  constructor(forget: (listening: Listening) => void) {
    this.#forget = forget
    this.#hear = (message, channel) => {
      if (this.#links !== undefined) this.hear(message, channel, this.#links)
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
      if (this.isOn(links)) this.#ready.resolve()
    } catch (error) {
      if (this.isOn(links)) links.fail(error as Error)
    }
  }

  /** The connections are lost. */
  pause(): void {
    this.#links = undefined
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    const links = this.#links
    this.#links = undefined
    this.#forget(this)
    const source = links === undefined ? undefined : this.source(links)
    source?.link.unsubscribe(source.kind, source.channel, this.#hear).catch(() => {})
  }

  /** False when it is over, or goes on over other connections. */
  protected isOn(links: Links): boolean {
    return this.#links === links
  }

  /** The same one for the same connections; undefined where there is nothing to hear. */
  protected abstract source(links: Links): Source | undefined
  protected abstract begin(links: Links): Promise<void>
  protected abstract hear(message: Buffer, channel: Buffer, links: Links): void
}
