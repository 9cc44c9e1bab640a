/** One message on its way out, as a promise, and the caller's signal that takes it back. */
import { deferred } from '../../connection/deferred.ts'
import { TimeoutError, WebSocketError } from '../../errors.ts'
import type { LineData, Waiting } from './outbox.ts'
import type { LineClock } from './state.ts'

/** Calls back when the signal is aborted, at once when it is already. Returns what takes that away. */
export function onAbort(signal: AbortSignal | undefined, act: (error: WebSocketError) => void): () => void {
  if (signal === undefined) return () => {}
  const abort = (): void => act(new WebSocketError('ERR_ABORTED', 'the caller aborted', { cause: signal.reason }))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  return () => signal.removeEventListener('abort', abort)
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
export interface Errand<T> {
  readonly promise: Promise<T>
  /** The WebSocket has it. */
  sent: boolean
  done(result: T): void
  fail(error: Error): void
}

/**
 * Gives a message to the keeper.
 *
 * @param cancel - called when it is given up after it was sent; without one it is done when it was sent
 */
export function entrust<T>(
  keeper: Sender,
  clock: LineClock,
  data: LineData,
  { signal, timeout }: AskOptions,
  cancel?: () => void,
): Errand<T> {
  const { promise, resolve, reject } = deferred<T>()
  const message: Waiting = {
    data,
    sent: () => {
      errand.sent = true
      if (cancel === undefined) resolve(undefined as T)
    },
    failed: reject,
  }
  const errand: Errand<T> = {
    promise,
    sent: false,
    done: resolve,
    fail: error => {
      keeper.unsend(message)
      reject(error)
    },
  }
  const giveUp = (error: Error): void => {
    errand.fail(error)
    if (errand.sent) cancel?.()
  }
  if (!signal?.aborted) keeper.send(message)
  const forget = onAbort(signal, giveUp)
  const timer = timeout && clock.setTimeout(() => giveUp(late('timeout', timeout)), timeout)
  const clean = (): void => {
    forget()
    if (timer) timer.clear()
  }
  promise.then(clean, clean)
  return errand
}

export const late = (option: string, value: number): TimeoutError =>
  new TimeoutError('no answer in time', { option, value })

/** The data as it is now: what waits may be changed by its owner. */
export function copyOf(data: string | ArrayBuffer | ArrayBufferView): LineData {
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return new Uint8Array(data.slice(0))
}
