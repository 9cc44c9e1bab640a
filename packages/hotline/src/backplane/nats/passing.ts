/** Topics without history, and the signs of those with one: core NATS, at most once. */
import type { Msg, Subscription } from '@nats-io/transport-node'
import { BackplaneError } from '../../errors.ts'
import type { Entry } from '../backplane.ts'
import { encode } from './frame.ts'
import type { Session } from './link.ts'

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

/** Publishes without history. A publication is done when NATS has answered to what was sent behind it. */
export class Courier {
  #session: Session | undefined
  /** Those that the answer to come does not cover yet, and those that it does. */
  #next: Waiting[] = []
  #flushing: Waiting[] = []

  begin(session: Session): void {
    this.#session = session
  }

  /** Nobody knows what has become of those that were on the way. */
  lose(reason: Error): void {
    const lost = [...this.#flushing, ...this.#next]
    this.#session = undefined
    this.#flushing = []
    this.#next = []
    for (const { reject } of lost) reject(new BackplaneError(reason.message, 'unknown', { cause: reason }))
  }

  /** Those that have not been answered. */
  get waiting(): number {
    return this.#flushing.length + this.#next.length
  }

  publish(subject: string, entry: Entry): Promise<undefined> {
    const session = this.#session
    if (session === undefined) return Promise.reject(new BackplaneError('NATS is away'))
    try {
      session.nc.publish(subject, encode(entry))
    } catch (cause) {
      return Promise.reject(new BackplaneError(`NATS does not take it: ${(cause as Error).message}`, 'no', { cause }))
    }
    return new Promise((resolve, reject) => {
      this.#next.push({ resolve: () => resolve(undefined), reject })
      if (this.#flushing.length === 0) this.#flush(session)
    })
  }

  #flush(session: Session): void {
    if (session.over || this.#next.length === 0) return
    this.#flushing = this.#next
    this.#next = []
    session.nc.flush().then(
      () => {
        if (session.over) return
        const done = this.#flushing
        this.#flushing = []
        this.#flush(session)
        for (const { resolve } of done) resolve()
      },
      // The loss of the session says so.
      () => {},
    )
  }
}

/** One subscription, on whichever connection there is. */
export class Ear {
  readonly #subject: string
  readonly #hear: (message: Msg) => void
  #subscription: Subscription | undefined
  #ready = (): void => {}
  readonly ready = new Promise<void>(resolve => {
    this.#ready = resolve
  })

  constructor(subject: string, hear: (message: Msg) => void) {
    this.#subject = subject
    this.#hear = hear
  }

  begin({ nc }: Session): void {
    this.#subscription = nc.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error === null) this.#hear(message)
      },
    })
    // An answer shows that NATS has it.
    nc.flush().then(this.#ready, () => {})
  }

  end(session: Session | undefined): void {
    if (session !== undefined && !session.over) this.#subscription?.unsubscribe()
    this.#ready()
  }
}
