/** One message on its way out, as a promise, and the caller's signal that takes it back. */
import { deferred } from '../../connection/deferred.ts'
import { TimeoutError, WebSocketError } from '../../errors.ts'
import type { LineData, Waiting } from './outbox.ts'
import type { LineClock } from './state.ts'

/** Calls back when the signal is aborted, at once when it is already. Returns what takes that away. */
export function onAbort(signal: AbortSignal | undefined, act: (error: WebSocketError) => void): () => void {
  const abort = (): void => act(new WebSocketError('ERR_ABORTED', 'the caller aborted', { cause: signal?.reason }))
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  return () => signal?.removeEventListener('abort', abort)
}

/** Sends messages, or has them wait. */
interface Sender {
  send(message: Waiting): void
  unsend(message: Waiting): boolean
}

/** How long something is waited for. */
export interface AskOptions {
  /** Milliseconds, from the call on; 0 for ever. */
  readonly timeout?: number | undefined
  /** Gives it up: what waits is taken back, what the server works on is cancelled. */
  readonly signal?: AbortSignal | undefined
}

/** A message on its way out, and what comes of it. */
export interface Errand<A, T> extends Waiting {
  readonly promise: Promise<T>
  /** The WebSocket has it. */
  isSent: boolean
  done(answer: A): void
}

/**
 * Gives a message to the keeper.
 *
 * @param read - what the promise is fulfilled with
 * @param cancel - called when it is given up after it was sent; without one nothing answers it
 */
export function entrust<A, T>(
  keeper: Sender,
  clock: LineClock,
  data: LineData,
  { signal, timeout }: AskOptions,
  read: (answer: A | undefined) => T,
  cancel?: () => void,
): Errand<A, T> {
  const { promise, resolve, reject } = deferred<T>()
  const errand: Errand<A, T> = {
    data,
    promise,
    isSent: false,
    sent() {
      errand.isSent = true
      if (cancel === undefined) resolve(read(undefined))
    },
    done: answer => resolve(read(answer)),
    failed(error) {
      keeper.unsend(errand)
      reject(error)
    },
  }
  const giveUp = (error: Error): void => {
    errand.failed(error)
    if (errand.isSent) cancel?.()
  }
  if (!signal?.aborted) keeper.send(errand)
  const forget = onAbort(signal, giveUp)
  const timer = timeout ? clock.setTimeout(() => giveUp(late('timeout', timeout)), timeout) : undefined
  const clean = (): void => {
    forget()
    timer?.clear()
  }
  promise.then(clean, clean)
  return errand
}

export const late = (option: string, value: number): TimeoutError =>
  new TimeoutError('no answer in time', { option, value })

/** The data as it is now: what waits may be changed by its owner. */
export function copyOf(data: string | ArrayBuffer | ArrayBufferView): LineData {
  if (typeof data === 'string') return data
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(data) ? data : new Uint8Array(data)
  return new Uint8Array(buffer, byteOffset, byteLength).slice()
}
