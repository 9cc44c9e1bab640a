/** Requests to one client, until each has its answer. */
import type { Clock } from '../../connection/clock.ts'
import { type Deferred, deferred, rejected } from '../../connection/deferred.ts'
import { type ClosedError, RequestError, TimeoutError, UsageError, WebSocketError } from '../../errors.ts'
import { type Cancel, type Failure, type Reply, type Request, WireError } from '../../topics/wire/messages.ts'

/** Options of `socket.ask`. */
export interface RequestOptions {
  /**
   * Milliseconds for the answer, from 1 to 2,147,483,647.
   * @defaultValue that of the route: 30 s
   */
  readonly timeout?: number
  /** Cancels the request. */
  readonly signal?: AbortSignal
}

export interface AskingOwner {
  readonly maxRequests: number
  readonly requestTimeout: number
  tell(message: Request | Cancel): void
}

/** One request without an answer. */
interface Open {
  readonly answer: Deferred<unknown>
  /** Lets go of its timer and its signal. */
  readonly end: () => void
}

export class Asking {
  readonly #owner: AskingOwner
  readonly #clock: Clock
  readonly #open = new Map<number, Open>()
  #last = 0

  constructor(owner: AskingOwner, clock: Clock) {
    this.#owner = owner
    this.#clock = clock
  }

  request(
    name: string,
    data: unknown,
    { timeout = this.#owner.requestTimeout, signal }: RequestOptions,
  ): Promise<unknown> {
    checkTimeout(timeout)
    if (signal?.aborted) return rejected(aborted(signal))
    if (this.#open.size >= this.#owner.maxRequests) {
      return rejected(new RequestError(WireError.limit, `more than ${this.#owner.maxRequests} requests at a time`))
    }
    const id = this.#send(name, data, timeout)
    const answer = deferred<unknown>()
    const late = (): void => this.#giveUp(id, new TimeoutError('no answer', { option: 'timeout', value: timeout }))
    const timer = this.#clock.setTimeout(late, timeout)
    const abort = (): void => this.#giveUp(id, aborted(signal as AbortSignal))
    signal?.addEventListener('abort', abort, { once: true })
    const end = (): void => {
      timer.clear()
      signal?.removeEventListener('abort', abort)
    }
    this.#open.set(id, { answer, end })
    return answer.promise
  }

  /** An answer has come; one that nobody waits for is passed over. */
  settle(message: Reply | Failure): void {
    const open = message.id === undefined ? undefined : this.#take(message.id)
    if (message.type === 'reply') open?.answer.resolve(message.data)
    else open?.answer.reject(new RequestError(message.code, message.reason))
  }

  close(error: ClosedError): void {
    for (const id of [...this.#open.keys()]) this.#take(id)?.answer.reject(error)
  }

  #send(name: string, data: unknown, timeout: number): number {
    const id = ++this.#last
    try {
      this.#owner.tell({
        type: 'request',
        id,
        name,
        ...(data === undefined ? {} : { data }),
        timeout: Math.ceil(timeout),
      })
    } catch (cause) {
      throw new UsageError(`the data of the request ${name} cannot be written: ${(cause as Error).message}`, 'data')
    }
    return id
  }

  #giveUp(id: number, error: WebSocketError): void {
    const open = this.#take(id)
    if (open === undefined) return
    this.#owner.tell({ type: 'cancel', id })
    open.answer.reject(error)
  }

  #take(id: number): Open | undefined {
    const open = this.#open.get(id)
    this.#open.delete(id)
    open?.end()
    return open
  }
}

/** Timers fire at once for what they cannot hold, and JSON has no Infinity. */
function checkTimeout(timeout: unknown): void {
  if (typeof timeout === 'number' && timeout >= 1 && timeout <= LONGEST) return
  throw new UsageError(`timeout must be milliseconds from 1 to ${LONGEST}`, 'timeout')
}

/** What timers can hold. */
const LONGEST = 2_147_483_647

const aborted = ({ reason }: AbortSignal): WebSocketError =>
  new WebSocketError('ERR_ABORTED', 'the request was aborted', { cause: reason })
