/** One message on its way out, as a promise, and the caller's signal that takes it back. */
import { deferred } from '../../connection/deferred.ts'
import { WebSocketError } from '../../errors.ts'
import type { Keeper } from './keeper.ts'
import type { LineData, Waiting } from './outbox.ts'

/** Calls back when the signal is aborted, at once when it is already. Returns what takes that away. */
export function onAbort(signal: AbortSignal | undefined, act: (error: WebSocketError) => void): () => void {
  if (signal === undefined) return () => {}
  const abort = (): void => act(new WebSocketError('ERR_ABORTED', 'the caller aborted', { cause: signal.reason }))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  return () => signal.removeEventListener('abort', abort)
}

/** Fulfilled when the WebSocket has the message; rejects when it will not be sent. */
export function hand(keeper: Keeper, data: LineData, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = deferred<void>()
  const message: Waiting = { data, sent: resolve, failed: reject }
  if (!signal?.aborted) keeper.send(message)
  const forget = onAbort(signal, error => {
    keeper.unsend(message)
    reject(error)
  })
  promise.then(forget, forget)
  return promise
}

/** The data as it is now: what waits may be changed by its owner. */
export function copyOf(data: string | ArrayBuffer | ArrayBufferView): LineData {
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return new Uint8Array(data.slice(0))
}
