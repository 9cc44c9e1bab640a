/** The application's word on what a client wants: it has so long for it, and its order holds what comes behind. */
import type { Clock } from '../../connection/clock.ts'
import { type Deferred, deferred } from '../../connection/deferred.ts'
import { type ClosedError, RequestError, TimeoutError } from '../../errors.ts'
import { WireError } from '../../topics/wire/messages.ts'
import type { RequestContext } from '../routes.ts'

export interface DecidingOwner {
  readonly permissionTimeout: number
  /** The application took too long; what it says later does not count. */
  undecided(error: TimeoutError): void
}

/** A function of the application. */
export type Question = (context: RequestContext) => boolean | Promise<boolean>

/** One question: most functions answer it without a look at their signal, so it is made when they look. */
class Context implements RequestContext {
  #controller: AbortController | undefined
  #reason: Error | undefined

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  giveUp(reason: Error): void {
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}

export class Deciding {
  readonly #owner: DecidingOwner
  readonly #clock: Clock
  /** Gives up the question that dies with the line: one is open at a time. */
  #leave: ((error: ClosedError) => void) | undefined
  #closed = false
  #wasLate = false

  constructor(owner: DecidingOwner, clock: Clock) {
    this.#owner = owner
    this.#clock = clock
  }

  /** True when the line may. False for a line that has gone: nobody is there to be told so. */
  subscription(ask: Question): Promise<boolean> {
    return this.#closed ? NO : this.#decide(ask, true)
  }

  /** What came before the end is still decided on, but for no longer than until one decision is too late. */
  publication(ask: Question): Promise<boolean> {
    return this.#closed && this.#wasLate ? NO : this.#decide(ask, false)
  }

  /** The line is closed. */
  close(error: ClosedError): void {
    this.#closed = true
    this.#leave?.(error)
  }

  async #decide(ask: Question, ofLine: boolean): Promise<boolean> {
    const context = new Context()
    const said = ask(context)
    if (typeof said === 'boolean') return said
    const end = deferred<boolean>()
    if (ofLine) {
      this.#leave = error => {
        end.resolve(false)
        context.giveUp(error)
      }
    }
    const { permissionTimeout } = this.#owner
    const timer = this.#clock.setTimeout(() => this.#late(context, end), permissionTimeout)
    try {
      return await Promise.race([said, end.promise])
    } finally {
      timer.clear()
      this.#leave = undefined
    }
  }

  #late(context: Context, end: Deferred<boolean>): void {
    const limit = { option: 'permissionTimeout', value: this.#owner.permissionTimeout }
    const error = new TimeoutError('the application has not said whether a client may', limit)
    this.#wasLate = true
    end.reject(new RequestError(WireError.timeout, 'the server took too long to decide'))
    context.giveUp(error)
    this.#owner.undecided(error)
  }
}

const NO = Promise.resolve(false)
