/** Listening to a caller's AbortSignal, which may be one for many sockets. */
import { getMaxListeners, setMaxListeners } from 'node:events'

/**
 * Calls back when the signal is aborted. Node warns of a leak at the eleventh listener: ours make room for themselves.
 *
 * @returns what takes the listener away
 */
export function listenToAbort(signal: AbortSignal, act: () => void): () => void {
  const makeRoom = (change: 1 | -1): void => {
    const limit = getMaxListeners(signal)
    if (limit > 0) setMaxListeners(limit + change, signal)
  }
  makeRoom(1)
  signal.addEventListener('abort', act)
  return () => {
    signal.removeEventListener('abort', act)
    makeRoom(-1)
  }
}
